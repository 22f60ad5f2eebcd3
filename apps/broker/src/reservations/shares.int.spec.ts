import { startBroker, type TestBroker, type TestPerson } from '../../../../test/support/broker.js';
import { chargeAll, HOUR_US, host, Keeper, leased, reserved, slots, until } from '../../../../test/support/reservations.js';

let broker: TestBroker;
let school: TestPerson;
let owner: TestPerson;
let keeper: Keeper;
beforeAll(async () => {
  broker = await startBroker({ HEAP_HOLDBACK_SECONDS: '3600', HEAP_FEE_BASIS_POINTS: '1000' });
  const admin = await broker.person({ name: 'Root', funds_micro: 0n, roles: ['admin', 'developer', 'owner'] });
  school = await broker.person({ funds_micro: 0n });
  owner = await host(broker);
  await owner.heap.deposit(1_000_000n);
  await admin.call('POST', '/v1/admin/partners', { email: school.email, name: 'A school' });
  await admin.call('POST', `/v1/admin/partners/${school.person_id}/links`, { code: 'school', name: 'Club', share_basis_points: 2500 });
  keeper = await Keeper.join(broker, owner, slots(1), { partner: 'school' });
});
afterAll(async () => {
  await keeper?.bye();
  await broker?.close();
});

/** Reserves a slot for an hour at 5,000, has it kept half of that, and gives it up. */
async function kept(buyer: TestPerson, name: string): Promise<string> {
  const id = await reserved(buyer, { name });
  await until('the lease', buyer, id, leased(1));
  await keeper.pass(HOUR_US / 2n);
  await chargeAll(broker);
  await buyer.call('POST', `/v1/reservations/${id}/cancel`);
  return id;
}
const link = async () => (await school.call('GET', '/v1/partner')).body.links[0];

test('who brought a device has a share of the fee of what it keeps, in the books and in their own list; the owner earns the same', async () => {
  const ann = await broker.person();
  await kept(ann, 'a page');
  // Of 2,500 the heap has a tenth, and of that the partner a quarter.
  expect(await broker.sql('SELECT gross, fee, net, partner, partner_id FROM capture')).toEqual([
    { gross: 2_500n, fee: 188n, net: 2_250n, partner: 62n, partner_id: school.person_id },
  ]);
  expect(await link()).toMatchObject({ devices: 1, earned_micro: '62', pending_micro: '62', refunded_micro: '0' });
  expect(await broker.broken()).toEqual([]);
});

test("nobody has a share of what one's own device keeps for oneself", async () => {
  const id = await kept(owner, 'mine');
  expect(await broker.sql('SELECT own_use, partner, partner_id FROM capture WHERE job_id = $1', [id])).toEqual([
    { own_use: true, partner: 0n, partner_id: null },
  ]);
  expect(await link()).toMatchObject({ earned_micro: '62' });
  expect(await broker.broken()).toEqual([]);
});

test('the list of spending names reservations, and its parts and total agree', async () => {
  const carl = await broker.person();
  const [one, two] = [await kept(carl, 'a page'), await kept(carl, 'a shop')];
  const { total, jobs } = (await carl.call('GET', '/v1/spending')).body;
  expect(total.charged_micro).toBe('5000');
  expect(jobs).toHaveLength(2);
  expect(jobs).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ job_id: one, name: 'a page', charged_micro: '2500' }),
      expect.objectContaining({ job_id: two, name: 'a shop', charged_micro: '2500' }),
    ]),
  );
});

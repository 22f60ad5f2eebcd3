import { startBroker, type TestBroker, type TestPerson } from '../support/broker.js';
import { FakeNode, resultOf } from '../support/fake-node.js';
import { echoModule, placed } from '../support/orders.js';
import { balancesOf, earn, giveBack, releaseAll } from './earn.js';

const FEE_BPS = 1000;
const SHARE_BPS = 2500;

let broker: TestBroker;
let admin: TestPerson;
let school: TestPerson;
let owner: TestPerson;
let developer: TestPerson;
let lease_id: string;
beforeAll(async () => {
  broker = await startBroker({ HEAP_HOLDBACK_SECONDS: '86400', HEAP_FEE_BASIS_POINTS: String(FEE_BPS), HEAP_PAYOUT_MINIMUM_MICRO: '1' });
  admin = await broker.person({ name: 'Root', funds_micro: 0n, roles: ['admin', 'developer', 'owner'] });
  school = await broker.person({ name: 'School', funds_micro: 0n });
  owner = await broker.person({ name: 'Owner', funds_micro: 0n });
  developer = await broker.person({ name: 'Dev', funds_micro: 100_000_000n });
  const made = await admin.call('POST', '/v1/admin/partners', { email: school.email, name: 'A school' });
  expect(made).toMatchObject({ status: 201, body: { person_id: school.person_id } });
  const link = await admin.call('POST', `/v1/admin/partners/${school.person_id}/links`, {
    code: 'school',
    name: 'Computer club',
    share_basis_points: SHARE_BPS,
  });
  expect(link).toMatchObject({ status: 201, body: { devices: 0 } });
  const node = await FakeNode.enrol(broker, owner, { partner: 'school' });
  const session = await node.online({ script: (task) => resultOf(task, task.input ?? '') });
  const { id } = await placed(developer, await echoModule(broker, developer));
  for await (const _ of developer.heap.job(id).results());
  session.send('bye', { code: 'done' });
  await session.closed;
  const [lease] = await broker.sql<{ id: string }>('SELECT id FROM lease WHERE job_id = $1', [id]);
  lease_id = lease?.id ?? '';
  await releaseAll(broker);
  expect((await payOut('first')).status).toBe(201);
});
afterAll(() => broker?.close());

const view = async () => (await school.call('GET', '/v1/partner')).body;
const payOut = (key: string) =>
  school.call('POST', '/v1/payouts', { of: 'partner', password: school.password }, { 'idempotency-key': key });

test("a partner's share is a part of the fee, held as long as the owner's net, and paid out by the same payouts", async () => {
  const owned = (await balancesOf(broker, owner))['2110'] ?? 0n;
  await earn(broker, { owner, developer, lease_id }, 10_000_000n);
  expect(await balancesOf(broker, school)).toEqual({ 2100: 250_000n });
  expect(await view()).toMatchObject({ pending_micro: '250000', payable_micro: '0', links: [{ devices: 1 }] });
  expect(await payOut('early')).toMatchObject({ status: 409 });
  await releaseAll(broker);
  expect(await balancesOf(broker, school)).toEqual({ 2150: 250_000n });
  // The owner has the same as without a partner.
  expect((await balancesOf(broker, owner))['2110']).toBe(owned + 9_000_000n);
  expect(await payOut('now')).toMatchObject({ status: 201, body: { state: 'PAID', amount_micro: '250000', of: 'partner' } });
  expect(await balancesOf(broker, school)).toEqual({});
  expect(await broker.broken()).toEqual([]);
});

test('a refund before the release takes the share back, whatever the partner was paid before', async () => {
  const { job_id } = await earn(broker, { owner, developer, lease_id }, 10_000_000n);
  expect(await payOut('between')).toMatchObject({ status: 409 });
  const before = (await balancesOf(broker, developer))['2000'] ?? 0n;
  await giveBack(broker, job_id);
  expect((await balancesOf(broker, developer))['2000']).toBe(before + 10_000_000n);
  expect(await balancesOf(broker, school)).toEqual({});
  const { links } = await view();
  expect(links).toMatchObject([{ earned_micro: '500001', refunded_micro: '250000', pending_micro: '0' }]);
  expect(await broker.broken()).toEqual([]);
});

test('own work on own devices pays no partner', async () => {
  await owner.heap.deposit(5_000_000n);
  await earn(broker, { owner, developer: owner, lease_id }, 5_000_000n);
  await releaseAll(broker);
  expect(await balancesOf(broker, school)).toEqual({});
  expect(await broker.broken()).toEqual([]);
});

test('links that are not open enrol nothing; who is no partner is told so; only admins make partners', async () => {
  const unknown = await owner.call('POST', '/v1/enrolment-codes', { partner: 'nobody' });
  expect(unknown).toMatchObject({ status: 404, body: { code: 'partner_link.not_found' } });
  const [link] = (await view()).links;
  expect((await admin.call('DELETE', `/v1/admin/partner-links/${link.link_id}`)).status).toBe(204);
  expect((await owner.call('POST', '/v1/enrolment-codes', { partner: 'school' })).status).toBe(404);
  expect(await owner.call('GET', '/v1/partner')).toMatchObject({ status: 404, body: { code: 'partner.not_found' } });
  expect((await school.call('POST', '/v1/admin/partners', { email: school.email, name: 'x' })).status).toBe(403);
  expect((await admin.call('GET', '/v1/admin/partners')).body.partners).toMatchObject([{ person_id: school.person_id, name: 'A school' }]);
});

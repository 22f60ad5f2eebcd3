import { startBroker, type TestBroker, type TestPerson } from '../../../../test/support/broker.js';
import { chargeAll, HOUR_US, Keeper, leased, look, reservation, reserved, until } from '../../../../test/support/reservations.js';
import { SettlementService } from '../settlement/settlement.service.js';
import { ReservationsCommands } from './reservations.commands.js';

const GB = 1_000_000_000;
const MONTH_US = 720n * HOUR_US;
const TERM_US = 31n * 24n * HOUR_US;

let broker: TestBroker;
let owner: TestPerson;
let ann: TestPerson;
let keeper: Keeper;

beforeAll(async () => {
  broker = await startBroker({ HEAP_HOLDBACK_SECONDS: '0', HEAP_STORAGE_COLD_MICRO: '1500' });
  [owner, ann] = [await broker.person({ funds_micro: 0n }), await broker.person()];
});
afterAll(() => broker?.close());
beforeEach(async () => {
  keeper = await Keeper.join(broker, owner, {
    storage: [
      { storage_class: 'standard', bytes: 100 * GB + 5, reserve_price_micro: '4000' },
      { storage_class: 'cold', bytes: 3_000 * GB, reserve_price_micro: null },
    ],
  });
});
afterEach(async () => {
  for (const { id } of (await ann.call('GET', '/v1/reservations')).body.reservations)
    await ann.call('POST', `/v1/reservations/${id}/cancel`);
  await keeper.bye();
  expect(await broker.broken()).toEqual([]);
});

const audited = (...reports: { lease_id: string; byte_hours: bigint }[]) =>
  broker.app.get(ReservationsCommands, { strict: false }).audited(reports);
const income = async (code: number) =>
  (await broker.sql<{ balance: bigint }>('SELECT balance FROM ledger_account WHERE code = $1 AND person_id IS NULL', [code]))[0]?.balance ??
  0n;

test('storage is sold in whole GB for 31 days, and charged for audited bytes alone; its fee is income of storage', async () => {
  const id = await reserved(ann, { market: 'storage:standard', quantity: 60, max_price_micro: '5000', budget_micro: '2000000' });
  const { leases } = await until('the lease', ann, id, leased(60));
  expect(leases).toMatchObject([{ quantity: 60, price_micro: '4000', state: 'ACTIVE' }]);
  expect(Date.parse(leases[0].expires_at) - Date.parse(leases[0].granted_at)).toBe(31 * 86_400_000);
  const [{ id: lease_id }] = leases;

  // Ten days in which the device was there, and nobody looked whether the bytes were.
  await keeper.pass(MONTH_US / 3n);
  await chargeAll(broker);
  expect(await reservation(ann, id)).toMatchObject({ charged_micro: '0', leased: 60 });

  // An audit found 30 of the 60 GB for 240 hours: a third of a month at 4,000 a GB.
  await audited({ lease_id, byte_hours: 30n * BigInt(GB) * 240n });
  expect(await reservation(ann, id)).toMatchObject({ charged_micro: '40000' });
  await audited({ lease_id, byte_hours: 0n });
  await chargeAll(broker);
  const before = await income(4010);
  await broker.app.get(SettlementService, { strict: false }).releaseDue();
  expect(before - (await income(4010))).toBe(4_000n);

  // More than it can have kept, a lease that is none, the same lease twice: nothing of it counts.
  const most = 60n * BigInt(GB) * 240n;
  await expect(audited({ lease_id, byte_hours: most })).rejects.toMatchObject({ code: 'audit_refused' });
  await expect(audited({ lease_id, byte_hours: -1n })).rejects.toMatchObject({ code: 'audit_refused' });
  await expect(audited({ lease_id: id, byte_hours: 1n })).rejects.toMatchObject({ code: 'audit_refused' });
  await expect(audited({ lease_id, byte_hours: 1n }, { lease_id, byte_hours: 1n })).rejects.toMatchObject({ code: 'audit_refused' });
  expect(await reservation(ann, id)).toMatchObject({ charged_micro: '40000' });

  // The owner allots less: of what is too much the lease ends at once.
  keeper.session.keep({ storage: [{ storage_class: 'standard', bytes: 59 * GB, reserve_price_micro: '4000' }] });
  await until('the yield', ann, id, ({ leases: [lease] }) => lease.reason?.code === 'owner_yield');
  await expect(audited({ lease_id, byte_hours: 1n })).rejects.toMatchObject({ code: 'audit_refused' });
});

test('a month in full is a GB-month, never more than the term that was bought, and the term is renewed', async () => {
  const id = await reserved(ann, { market: 'storage:cold', quantity: 1_000, max_price_micro: '1500', budget_micro: '4000000' });
  const first = await until('the lease', ann, id, leased(1_000));
  const [{ id: lease_id }] = first.leases;
  expect(first.leases[0].price_micro).toBe('1500');
  await keeper.pass(TERM_US);
  await audited({ lease_id, byte_hours: 1_000n * BigInt(GB) * 720n });
  expect(await reservation(ann, id)).toMatchObject({ charged_micro: '1500000' });
  await look(broker);
  const renewed = await until('the renewal', ann, id, ({ leases }) => leases[0]?.renewals === 1);
  expect(renewed).toMatchObject({ leased: 1_000, state: 'RUNNING' });
  expect(Date.parse(renewed.leases[0].expires_at)).toBeGreaterThan(Date.now() + 30 * 86_400_000);
});

test('several devices share a reservation, and a GB that is leased is offered to nobody else', async () => {
  const other = await Keeper.join(broker, owner, { storage: [{ storage_class: 'standard', bytes: 50 * GB, reserve_price_micro: '4500' }] });
  const id = await reserved(ann, {
    market: 'storage:standard',
    quantity: 120,
    min_quantity: 120,
    max_price_micro: '5000',
    budget_micro: '2000000',
  });
  const { leases } = await until('the leases', ann, id, leased(120));
  expect(new Set(leases.map((lease: { node_id: string }) => lease.node_id))).toEqual(new Set([keeper.id, other.id]));
  const offers = (await owner.call('GET', '/v1/kept-offers')).body.offers.filter(
    (o: { market: string; available: boolean }) => o.market === 'storage:standard' && o.available,
  );
  expect(offers.reduce((sum: number, offer: { free: number }) => sum + offer.free, 0)).toBe(30);
  const late = await reserved(ann, {
    market: 'storage:standard',
    quantity: 31,
    min_quantity: 31,
    max_price_micro: '5000',
    budget_micro: '900000',
  });
  await until('the reason', ann, late, ({ reason }) => reason.code === 'below_minimum_quantity');
  const { leases: owned } = (await owner.call('GET', '/v1/kept-leases?limit=50')).body;
  expect(
    owned.filter((lease: { state: string }) => lease.state === 'ACTIVE').every((l: { buyer_id: string }) => l.buyer_id === ann.person_id),
  ).toBe(true);
  await other.bye();
});

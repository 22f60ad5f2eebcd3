import { randomUUID } from 'node:crypto';
import { EarningsService } from '../../apps/broker/src/payouts/earnings.service.js';
import { startBroker, type TestBroker, type TestPerson } from '../support/broker.js';
import { echoModule, order } from '../support/orders.js';
import { earn, release, work } from './support.js';

const DAY_S = 86_400;
let broker: TestBroker;
let admin: TestPerson;
let payer: TestPerson;
beforeAll(async () => {
  broker = await startBroker({
    HEAP_HOLDBACK_SECONDS: String(3 * DAY_S),
    HEAP_HOLDBACK_NEW_SECONDS: String(30 * DAY_S),
    HEAP_RESERVE_BASIS_POINTS: '1000',
    HEAP_PAYOUT_MINIMUM_MICRO: '2000000',
  });
  admin = await broker.person({ name: 'Admin', roles: ['admin'], funds_micro: 0n });
  payer = await broker.person({ name: 'Payer', funds_micro: 200_000_000n });
});
afterAll(() => broker?.close());

const known = (person: TestPerson) =>
  broker.sql(`UPDATE deposit SET succeeded_at = now() - interval '40 days' WHERE person_id = $1`, [person.person_id]);
const due = (person: TestPerson) =>
  broker.sql(`UPDATE capture SET release_at = now() WHERE owner_id = $1 AND state = 'CAPTURED'`, [person.person_id]);
const days = (iso: string | null | undefined) => (iso ? Math.round((Date.parse(iso) - Date.now()) / (DAY_S * 1000)) : null);

test('nothing earned is all zeros, and says that a payout needs the minimum', async () => {
  const owner = await broker.person({ name: 'Own', funds_micro: 0n });
  expect(await owner.heap.earnings()).toMatchObject({
    earned_micro: 0n,
    held: [],
    reserve: null,
    withheld: null,
    in_flight: [],
    threshold: { minimum_micro: 2_000_000n, missing_micro: 2_000_000n, per_day_micro: 0n, expected_at: null },
    payout: { code: 'below_minimum' },
  });
});

test('held by day and reason, in reserve, payable, on its way and paid add up to what was earned', async () => {
  const owner = await broker.person({ name: 'Own', funds_micro: 1_000_000n });
  await earn(broker, owner, payer, 10_000_000n);
  await due(owner);
  await release(broker);
  expect(await owner.heap.payout({ amount: '5.00', password: owner.password })).toMatchObject({ state: 'PAID' });
  await broker.sql(`UPDATE person SET credentials_changed_at = now() WHERE id = $1`, [owner.person_id]);
  expect(await owner.heap.payout({ amount: '2.00', password: owner.password })).toMatchObject({ state: 'REQUESTED' });
  await earn(broker, owner, payer, 1_000_000n);
  await earn(broker, owner, owner, 1_000_000n);
  const e = await owner.heap.earnings();
  expect(e.held.map(({ amount_micro, captures, reason, until }) => [amount_micro, captures, reason.code, days(until)])).toEqual([
    [900_000n, 1, 'in_holdback_new_payer', 30],
    [900_000n, 1, 'in_holdback_own_use', 30],
  ]);
  expect(e).toMatchObject({
    earned_micro: 10_800_000n,
    held_micro: 1_800_000n,
    reserve: { amount_micro: 900_000n, reason: { code: 'in_reserve' } },
    payable_micro: 1_100_000n,
    paid_micro: 5_000_000n,
    in_flight_micro: 2_000_000n,
    in_flight: [{ amount_micro: 2_000_000n, state: 'REQUESTED', reason: { code: 'credentials_new' } }],
    payout: { code: 'below_minimum' },
  });
  expect(days(e.reserve?.until)).toBe(90);
  const parts = e.held_micro + (e.reserve?.amount_micro ?? 0n) + e.payable_micro + e.in_flight_micro + e.paid_micro;
  expect(parts).toBe(e.earned_micro);
  // Earned 9.90 of others on its first day; a tenth of it stays in reserve, and it is held for 30 days.
  expect(e.threshold).toMatchObject({ missing_micro: 900_000n, per_day_micro: 9_900_000n });
  expect(days(e.threshold.expected_at)).toBe(30);
});

test('an objection, its decision and a disputed payment each say why', async () => {
  const [owner, developer] = [
    await broker.person({ name: 'Own', funds_micro: 0n }),
    await broker.person({ name: 'Dev', funds_micro: 50_000_000n }),
  ];
  await known(developer);
  const { job_id } = await work(broker, developer, owner);
  await broker.sql(
    `INSERT INTO earner (person_id, first_earned_at) VALUES ($1, now() - interval '60 days') ON CONFLICT (person_id) DO UPDATE SET first_earned_at = excluded.first_earned_at`,
    [owner.person_id],
  );
  const objection = await developer.heap.job(job_id).object('It is wrong.');
  expect((await owner.heap.earnings()).held).toMatchObject([{ amount_micro: 2_700_000n, reason: { code: 'in_dispute' } }]);
  await admin.heap.decideObjection(objection.objection_id, { outcome: 'owner', reason: 'It is right.' });
  expect((await owner.heap.earnings()).held).toMatchObject([{ reason: { code: 'objection_decided' } }]);
  await broker.sql('UPDATE capture SET stopped_by = $2 WHERE owner_id = $1', [owner.person_id, randomUUID()]);
  expect((await owner.heap.earnings()).held).toMatchObject([{ reason: { code: 'payment_disputed' } }]);
});

test('funds: held by job, frozen and why, refundable at most what was deposited and is unspent, caps', async () => {
  const developer = await broker.person({ name: 'Dev', funds_micro: 8_000_000n });
  const { body } = await order(developer, await echoModule(broker, developer), { name: 'render', budget_micro: '3000000' });
  await developer.call('PUT', '/v1/limits', { job_cap_micro: '4000000', day_cap_micro: null, not_owners: [], not_nodes: [] });
  expect(await developer.heap.funds()).toMatchObject({
    available_micro: 5_000_000n,
    held_micro: 3_000_000n,
    held: [{ job_id: body.id, name: 'render', amount_micro: 3_000_000n, reason: { code: 'held' } }],
    frozen_micro: 0n,
    frozen: null,
    refundable_micro: 5_000_000n,
    job_cap_micro: 4_000_000n,
    day_cap_micro: null,
  });
  await broker.sql(`INSERT INTO payer_block (person_id, cause) VALUES ($1, 'a payment is disputed')`, [developer.person_id]);
  expect(await developer.heap.funds()).toMatchObject({ refundable_micro: 0n, frozen: { code: 'payer_blocked' } });
  const [deposit] = await developer.heap.deposits();
  await expect(developer.heap.refund(deposit?.deposit_id ?? '')).rejects.toMatchObject({ code: 'refund.blocked.conflict' });
});

test("a device's own earnings are what its work brought after the fee, and no other device's", async () => {
  const owner = await broker.person({ name: 'Two', funds_micro: 0n });
  const first = await work(broker, payer, owner, { tasks: 3 });
  const second = await work(broker, payer, owner, { tasks: 1 });
  const service = broker.app.get(EarningsService);
  const [all, one] = await Promise.all([first, second].map(({ node_id }) => service.ofDevice(node_id, new Date(0))));
  expect(all?.earned).toBe(all?.since);
  expect((all?.earned ?? 0n) + (one?.earned ?? 0n)).toBe((await owner.heap.earnings()).earned_micro);
  expect(all?.earned).toBeGreaterThan(one?.earned ?? 0n);
  expect(await service.ofDevice(first.node_id, new Date(Date.now() + DAY_S * 1000))).toMatchObject({ since: 0n });
});

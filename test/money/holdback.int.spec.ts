import { NewcomersService } from '../../apps/broker/src/money/newcomers.service.js';
import { startBroker, type TestBroker, type TestPerson } from '../support/broker.js';
import { balanceOf, earn, release } from './support.js';

const DAY_S = 86_400;
let broker: TestBroker;
beforeAll(async () => {
  broker = await startBroker({
    HEAP_ROLES: 'api',
    HEAP_HOLDBACK_SECONDS: String(3 * DAY_S),
    HEAP_HOLDBACK_NEW_SECONDS: String(30 * DAY_S),
    HEAP_RESERVE_BASIS_POINTS: '1000',
  });
});
afterAll(() => broker?.close());

const paidSince = (person: TestPerson, days: number) =>
  broker.sql('UPDATE deposit SET succeeded_at = now() - make_interval(days => $2) WHERE person_id = $1', [person.person_id, days]);
const earnsSince = (person: TestPerson, days: number) =>
  broker.sql(
    `INSERT INTO earner (person_id, first_earned_at) VALUES ($1, now() - make_interval(days => $2))
     ON CONFLICT (person_id) DO UPDATE SET first_earned_at = excluded.first_earned_at`,
    [person.person_id, days],
  );
const heldFor = async (lease_id: string) => {
  const [row] = await broker.sql<{ days: number; code: string }>(
    'SELECT (extract(epoch FROM release_at - captured_at) / 86400)::int AS days, hold_code AS code FROM capture WHERE lease_id = $1',
    [lease_id],
  );
  return [row?.days, row?.code];
};

test.each([
  ['a new payer', 0, 40, 30, 'new_payer'],
  ['a payer on the last day of being new', 29, 40, 30, 'new_payer'],
  ['a new owner', 31, 0, 30, 'new_owner'],
  ['both known', 30, 31, 3, 'verification'],
] as const)(
  '%s: %i days after the first deposit and %i after the first earning, held for %i days: %s',
  async (_, paid, earned, days, code) => {
    const [payer, owner] = [await broker.person({ name: 'Dev' }), await broker.person({ name: 'Own', funds_micro: 0n })];
    await paidSince(payer, paid);
    await earnsSince(owner, earned);
    const { lease_id } = await earn(broker, owner, payer, 1_000_000n);
    expect(await heldFor(lease_id)).toEqual([days, code]);
  },
);

test('nothing is released a minute before its time', async () => {
  const [payer, owner] = [await broker.person({ name: 'Dev' }), await broker.person({ name: 'Own', funds_micro: 0n })];
  await earn(broker, owner, payer, 1_000_000n);
  const left = (seconds: number) =>
    broker.sql('UPDATE capture SET release_at = now() + make_interval(secs => $2) WHERE owner_id = $1', [owner.person_id, seconds]);
  await left(60);
  await release(broker);
  expect([await balanceOf(broker, 2100, owner), await balanceOf(broker, 2110, owner)]).toEqual([900_000n, 0n]);
  await left(0);
  await release(broker);
  expect([await balanceOf(broker, 2100, owner), await balanceOf(broker, 2110, owner)]).toEqual([0n, 810_000n]);
});

test('what is decided at the capture stays; who became known since is held for less the next time', async () => {
  const [payer, owner] = [await broker.person({ name: 'Dev' }), await broker.person({ name: 'Own', funds_micro: 0n })];
  const first = await earn(broker, owner, payer, 1_000_000n);
  await paidSince(payer, 31);
  await earnsSince(owner, 31);
  const second = await earn(broker, owner, payer, 1_000_000n);
  expect([await heldFor(first.lease_id), await heldFor(second.lease_id)]).toEqual([
    [30, 'new_payer'],
    [3, 'verification'],
  ]);
});

test('a tenth of what a new owner is released stays in reserve for 90 days, and comes back once', async () => {
  const [payer, owner] = [await broker.person({ name: 'Dev' }), await broker.person({ name: 'Own', funds_micro: 0n })];
  const due = () => broker.sql(`UPDATE capture SET release_at = now() WHERE owner_id = $1 AND state = 'CAPTURED'`, [owner.person_id]);
  await earn(broker, owner, payer, 1_000_010n);
  await due();
  await release(broker);
  // Net 900,009, a tenth of it rounded down.
  expect([await balanceOf(broker, 2110, owner), await balanceOf(broker, 2120, owner)]).toEqual([810_009n, 90_000n]);
  const newcomers = broker.app.get(NewcomersService);
  await earnsSince(owner, 89);
  expect(await newcomers.releaseReserves()).toBe(0);
  await earnsSince(owner, 90);
  const released = await Promise.all([newcomers.releaseReserves(), newcomers.releaseReserves(), newcomers.releaseReserves()]);
  expect(released.reduce((a, b) => a + b)).toBe(1);
  expect([await balanceOf(broker, 2110, owner), await balanceOf(broker, 2120, owner)]).toEqual([900_009n, 0n]);
  await earn(broker, owner, payer, 1_000_000n);
  await due();
  await release(broker);
  expect(await balanceOf(broker, 2120, owner)).toBe(0n);
});

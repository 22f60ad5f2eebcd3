import { startBroker, type TestBroker, type TestPerson } from '../../../../test/support/broker.js';
import { chargeAll, HOUR_US, host, Keeper, reservation, reserve, slots, until } from '../../../../test/support/reservations.js';
import { ReservationsCommands } from './reservations.commands.js';

const GB = 1_000_000_000;

let broker: TestBroker;
let ann: TestPerson;
let bob: TestPerson;
let keeper: Keeper;
beforeAll(async () => {
  broker = await startBroker();
  const owner = await host(broker);
  [ann, bob] = [await broker.person(), await broker.person()];
  keeper = await Keeper.join(broker, owner, {
    ...slots(3),
    storage: [{ storage_class: 'standard', bytes: 100 * GB, reserve_price_micro: '4000' }],
  });
  const offers = async () => (await owner.call('GET', '/v1/kept-offers')).body.offers;
  for (let i = 0; i < 2_000 && (await offers()).length < 2; i++) await new Promise((resolve) => setTimeout(resolve, 10));
  // Half an hour of trading within 200 of the reserve.
  for (const [market, price] of [
    ['standing:micro', 5_000],
    ['storage:standard', 4_000],
  ])
    await broker.sql(
      `INSERT INTO candle (market, term_ms, from_at, open_micro, close_micro, high_micro, low_micro, volume, rounds, closed_at)
       SELECT $1, 60000, date_trunc('minute', now()) - n * interval '1 minute', p, p, p, p, 1, 1, date_trunc('minute', now()) - n * interval '1 minute'
       FROM (SELECT n, $2::bigint + (n % 3 - 1) * 100 AS p FROM generate_series(2, 31) AS n) AS x`,
      [market, price],
    );
});
afterAll(async () => {
  await keeper?.bye();
  await broker?.close();
});
afterEach(async () => {
  for (const person of [ann, bob])
    for (const { id } of (await person.call('GET', '/v1/reservations')).body.reservations)
      await person.call('POST', `/v1/reservations/${id}/cancel`);
  expect(await broker.broken()).toEqual([]);
});

interface Case {
  asks: Record<string, unknown>;
  gets: number;
  says: string;
  /** Slots that another has before. */
  taken?: number;
}

const CASES: [string, Case][] = [
  ['one of three free slots', { asks: { quantity: 1 }, gets: 1, says: 'units_free' }],
  ['all of them for an hour', { asks: { quantity: 3, hours: 1 }, gets: 3, says: 'units_free' }],
  ['what another has left', { asks: { quantity: 1, hours: 1 }, gets: 1, says: 'units_free', taken: 2 }],
  ['more than there is', { asks: { quantity: 5 }, gets: 3, says: 'units_free' }],
  ['nothing: others have it all', { asks: { quantity: 1 }, gets: 0, says: 'all_leased', taken: 3 }],
  [
    'nothing: its least is more than is free',
    { asks: { quantity: 3, min_quantity: 3 }, gets: 0, says: 'below_minimum_quantity', taken: 1 },
  ],
  ['nothing: the price is too low', { asks: { quantity: 1, max_price_micro: '4999' }, gets: 0, says: 'price_too_low' }],
  ['space for a month', { asks: { market: 'storage:standard', quantity: 60 }, gets: 60, says: 'units_free' }],
  ['nothing: no such space', { asks: { market: 'storage:cold', quantity: 1 }, gets: 0, says: 'no_supply' }],
];

test.each(CASES)('the estimate is what the reservation gets: %s', async (_, { asks, gets, says, taken = 0 }) => {
  if (taken > 0) {
    const { body } = await reserve(bob, { quantity: taken, min_quantity: taken });
    await until('what is taken', bob, body.id, ({ leased }) => leased === taken);
  }
  const ask = { market: 'standing:micro', ...asks };
  const { status, body: said } = await ann.call('POST', '/v1/reservations/estimate', ask);
  expect(status).toBe(200);
  expect(said).toMatchObject({ quantity_now: gets, reason: { code: says } });
  const { low_micro, high_micro } = said.price_range;
  const within = (amount: string, span: { low_micro: string; high_micro: string }) => {
    expect(BigInt(amount)).toBeGreaterThanOrEqual(BigInt(span.low_micro));
    expect(BigInt(amount)).toBeLessThanOrEqual(BigInt(span.high_micro));
  };

  const more = { ...ask, max_price_micro: said.max_price_micro, budget_micro: said.hold_micro === null ? '2000000' : null };
  const placed = await reserve(ann, more);
  expect(placed.status).toBe(201);
  if (said.hold_micro !== null) expect(placed.body.budget_micro).toBe(said.hold_micro);
  const { id } = placed.body;
  const got = await until('the outcome', ann, id, ({ leased, reason }) => leased === gets && (leased > 0 || reason.code === says));
  if (gets === 0) return;

  // A range of no width, or from nothing to the maximum, would say nothing.
  expect(BigInt(high_micro) - BigInt(low_micro)).toBe(said.price_micro === null ? 0n : 400n);
  expect(got.leases.map((lease: { price_micro: string }) => lease.price_micro)).toEqual([said.price_micro]);
  within(said.price_micro, said.price_range);
  expect(said.first_lease_ms.high).not.toBeNull();
  if (gets < Number(asks.quantity)) return;
  const storage = String(ask.market).startsWith('storage:');
  await keeper.pass(storage ? 720n * HOUR_US : HOUR_US);
  if (storage)
    await broker.app
      .get(ReservationsCommands, { strict: false })
      .audited([{ lease_id: got.leases[0].id, byte_hours: BigInt(gets) * BigInt(GB) * 720n }]);
  await chargeAll(broker);
  const { charged_micro } = await reservation(ann, id);
  within(charged_micro, said.cost_per_unit_time);
  if (said.cost_range !== null) within(charged_micro, said.cost_range);
});

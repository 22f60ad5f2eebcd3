import { startBroker, type TestBroker, type TestPerson } from '../../../../test/support/broker.js';
import {
  chargeAll,
  HOUR_US,
  host,
  Keeper,
  leased,
  look,
  reservation,
  reserve,
  reserved,
  slots,
  until,
} from '../../../../test/support/reservations.js';

let broker: TestBroker;
let owner: TestPerson;
let ann: TestPerson;
let bob: TestPerson;
let keeper: Keeper;

beforeAll(async () => {
  broker = await startBroker({ HEAP_HOLDBACK_SECONDS: '3600' });
  [owner, ann, bob] = [await host(broker), await broker.person(), await broker.person()];
});
afterAll(() => broker?.close());
/** Nothing is left open, and the ledger adds up. */
async function tidy(): Promise<void> {
  for (const person of [ann, bob, owner])
    for (const { id } of (await person.call('GET', '/v1/reservations')).body.reservations)
      await person.call('POST', `/v1/reservations/${id}/cancel`);
  await keeper?.bye();
  expect(await broker.broken()).toEqual([]);
}

const captures = (id: string) =>
  broker.sql<{ gross: bigint; fee: bigint; own_use: boolean; income: string }>(
    'SELECT gross, fee, own_use, income FROM capture WHERE job_id = $1 ORDER BY captured_at, id',
    [id],
  );
const available = async (person: TestPerson) => (await person.heap.balance()).developer.available_micro;
async function renew(): Promise<void> {
  await keeper.pass(HOUR_US);
  await look(broker);
}
const cancel = (person: TestPerson, id: string) => person.call('POST', `/v1/reservations/${id}/cancel`);

describe('a standing slot', () => {
  afterEach(tidy);

  test('is leased at the reserve, charged by the hour, renewed, lost to a higher bid after a notice, and taken back by its owner', async () => {
    keeper = await Keeper.join(broker, owner, slots(1));
    const before = await available(ann);
    const id = await reserved(ann, { budget_micro: '60000', preemption_notice_ms: 60_000, interruptible: false });
    expect(await available(ann)).toBe(before - 60_000n);
    const first = await until('the lease', ann, id, (body) => leased(1)(body) && body.reason.code === 'holding');
    expect(first).toMatchObject({ state: 'RUNNING', fuel_allowance_per_hour: 1_000_000_000_000 });
    const [lease] = first.leases;
    expect(lease).toMatchObject({ node_id: keeper.id, quantity: 1, price_micro: '5000', state: 'ACTIVE', charged_micro: '0' });
    expect(Date.parse(lease.expires_at) - Date.parse(lease.granted_at)).toBe(3_600_000);

    // Half an hour at 5,000 an hour, of which the heap has a tenth.
    await keeper.pass(HOUR_US / 2n);
    await chargeAll(broker);
    expect(await captures(id)).toEqual([{ gross: 2_500n, fee: 250n, own_use: false, income: 'compute' }]);
    expect((await owner.heap.balance()).owner.pending_micro).toBe(2_250n);
    expect(await broker.broken()).toEqual([]);

    await keeper.pass(HOUR_US / 2n);
    await look(broker);
    const renewed = await until('the renewal', ann, id, ({ leases }) => leases[0]?.renewals === 1);
    expect(renewed).toMatchObject({ leased: 1, charged_micro: '5000' });
    expect(renewed.leases).toHaveLength(1);

    // Bob bids more. Within the term nothing changes; at its end Ann keeps the slot through her minute's notice, at her price.
    const rival = await reserved(bob, { max_price_micro: '20000' });
    await until('the rival waits', bob, rival, ({ reason }) => reason.code === 'all_leased');
    await renew();
    const leaving = await until('the notice', ann, id, ({ leases }) => leases[0]?.reason?.code === 'displaced');
    expect(leaving.leases[0]).toMatchObject({ state: 'ACTIVE', price_micro: '5000', ended_at: null });
    expect((await reservation(bob, rival)).leased).toBe(0);
    await keeper.pass(60_000_000n);
    await look(broker);
    const won = await until('the slot', bob, rival, leased(1));
    // The price is what Ann would have paid, to the tick.
    expect(won.leases[0]).toMatchObject({ price_micro: '9000', node_id: keeper.id });
    const lost = await reservation(ann, id);
    expect(lost).toMatchObject({ state: 'WAITING', leased: 0 });
    expect(lost.leases[0]).toMatchObject({ state: 'ENDED', reason: { code: 'displaced' }, charged_micro: String(10_000 + 83) });

    // The owner takes the device back: it ends at once, and nothing more is charged.
    await keeper.pass(HOUR_US / 4n);
    keeper.session.keep({ ...slots(1), available: false });
    const taken = await until('the yield', bob, rival, leased(0));
    expect(taken.leases[0]).toMatchObject({ state: 'ENDED', reason: { code: 'owner_yield' }, charged_micro: '2250' });
    await keeper.pass(HOUR_US);
    await chargeAll(broker);
    expect((await reservation(bob, rival)).charged_micro).toBe('2250');

    const { body: cancelled } = await cancel(ann, id);
    expect(cancelled).toMatchObject({ state: 'CANCELLED', reason: { code: 'cancelled_by_developer' }, held_micro: '0' });
    expect(await available(ann)).toBe(before - 10_083n);
    const [sums] = await broker.sql<{ gross: bigint; fee: bigint }>(
      'SELECT sum(gross)::bigint AS gross, sum(fee)::bigint AS fee FROM capture WHERE job_id = $1',
      [id],
    );
    expect(sums).toEqual({ gross: 10_083n, fee: 1_008n });
  });

  test('costs nothing while its device is silent, and nothing beyond what it was heard of', async () => {
    keeper = await Keeper.join(broker, owner, slots(1));
    const id = await reserved(ann);
    await until('the lease', ann, id, leased(1));
    await keeper.pass(HOUR_US / 10n);
    await keeper.pass(HOUR_US / 2n, { heard: false });
    await chargeAll(broker);
    expect((await reservation(ann, id)).charged_micro).toBe('500');
    await keeper.session.vanish();
    const isAway = async () => (await broker.sql("SELECT 1 FROM node WHERE id = $1 AND state = 'DISCONNECTED'", [keeper.id])).length > 0;
    for (let i = 0; i < 1_000 && !(await isAway()); i++) await new Promise((resolve) => setTimeout(resolve, 10));
    await broker.sql("UPDATE node SET last_seen_at = now() - interval '1 hour' WHERE id = $1 AND state = 'DISCONNECTED'", [keeper.id]);
    await until('the loss', ann, id, ({ leases }) => leases[0]?.reason?.code === 'node_lost');
    expect(await reservation(ann, id)).toMatchObject({ state: 'WAITING', charged_micro: '500' });
  });

  test('is paid for to the micro-unit and with its whole fee however small the captures are', async () => {
    keeper = await Keeper.join(broker, owner, slots(1));
    const id = await reserved(ann);
    await until('the lease', ann, id, leased(1));
    // 5,000 an hour are 1.39 a second.
    for (let i = 0; i < 20; i++) {
      await keeper.pass(1_000_000n);
      await chargeAll(broker);
    }
    const parts = await captures(id);
    expect(parts.length).toBeGreaterThan(15);
    expect(parts.reduce((sum, part) => sum + part.gross, 0n)).toBe(27n);
    expect(parts.reduce((sum, part) => sum + part.fee, 0n)).toBe(2n);
  });

  test('of the own device pays its reserve, and what that earns is never withdrawable (I9)', async () => {
    keeper = await Keeper.join(broker, owner, slots(2));
    await owner.heap.deposit(1_000_000n);
    const id = await reserved(owner, { constraints: { own: true }, max_price_micro: '50000' });
    const { leases } = await until('the lease', owner, id, leased(1));
    expect(leases[0].price_micro).toBe('5000');
    await keeper.pass(HOUR_US / 2n);
    await chargeAll(broker);
    expect(await captures(id)).toEqual([{ gross: 2_500n, fee: 250n, own_use: true, income: 'compute' }]);
    const [{ price_micro } = { price_micro: '' }] = (await owner.call('GET', '/v1/markets')).body.markets.filter(
      (m: { market: string }) => m.market === 'standing:micro',
    );
    expect(price_micro).not.toBe('50000');
  });

  test('asks for consent: without it the order and the offer both say so', async () => {
    const shy = await broker.person({ funds_micro: 0n });
    keeper = await Keeper.join(broker, shy, slots(1, 10n));
    const id = await reserved(ann, { constraints: { owners: [shy.person_id] } });
    await until('the reason', ann, id, ({ reason }) => reason.code === 'denied_by_owner');
    const { offers } = (await shy.call('GET', '/v1/kept-offers')).body;
    expect(offers).toMatchObject([
      { market: 'standing:micro', quantity: 1, free: 1, available: true, consent: false, reserve_price_micro: '10', price_source: 'agent' },
    ]);
    expect(offers[0].idle.code).toBe('denied_by_owner');
    await shy.heap.setRules({ workloadClasses: ['services'] });
    await until('the lease', ann, id, leased(1));
  });

  test('has the electricity of its hour as automatic reserve, which the owner may replace', async () => {
    keeper = await Keeper.join(broker, owner, slots(1, null));
    const offer = async () =>
      (await owner.call('GET', '/v1/kept-offers')).body.offers.find((o: { node_id: string }) => o.node_id === keeper.id);
    for (let i = 0; i < 2_000 && !(await offer()); i++) await new Promise((resolve) => setTimeout(resolve, 10));
    const automatic = await offer();
    expect(automatic).toMatchObject({ price_source: 'automatic', consent: true });
    expect(automatic.reserve_price_micro).toBe(automatic.default_price_micro);
    expect(Number(automatic.reserve_price_micro)).toBeGreaterThan(1_000);
    const put = (price_micro: string | null) => owner.call('PUT', `/v1/nodes/${keeper.id}/kept-offers/standing:micro`, { price_micro });
    expect((await put('777')).status).toBe(204);
    expect(await offer()).toMatchObject({ price_source: 'owner', reserve_price_micro: '777' });
    expect((await put(null)).status).toBe(204);
    expect(await offer()).toMatchObject({ price_source: 'automatic', reserve_price_micro: automatic.default_price_micro });
    expect((await ann.call('PUT', `/v1/nodes/${keeper.id}/kept-offers/standing:micro`, { price_micro: '1' })).status).toBe(404);
  });
});

describe('a budget', () => {
  afterEach(tidy);

  test('ends with a shorter term, then the reservation with its reason, and not a micro-unit is lost', async () => {
    keeper = await Keeper.join(broker, owner, slots(1));
    const before = await available(ann);
    // One hour and a half at most.
    const id = await reserved(ann, { max_price_micro: '5000', budget_micro: '7501' });
    await until('the lease', ann, id, leased(1));
    await renew();
    const second = await until('the last term', ann, id, ({ leases }) => leases[0]?.renewals === 1);
    const left_ms = Date.parse(second.leases[0].expires_at) - Date.now();
    expect(left_ms).toBeGreaterThan(1_780_000);
    expect(left_ms).toBeLessThanOrEqual(1_800_000);
    await renew();
    const over = await until('the end', ann, id, ({ state }) => state === 'STOPPED');
    expect(over).toMatchObject({ reason: { code: 'budget_exhausted' }, charged_micro: '7500', held_micro: '0' });
    expect(over.leases[0].reason.code).toBe('budget_exhausted');
    expect(await available(ann)).toBe(before - 7_500n);
  });

  test('holds what its hours cost, and ends with them', async () => {
    keeper = await Keeper.join(broker, owner, slots(2));
    const before = await available(ann);
    const id = await reserved(ann, { quantity: 2, hours: 2, budget_micro: null, max_price_micro: '6000' });
    const { budget_micro, ends_at } = await until('the leases', ann, id, (body) => body.leased === 2 && body.ends_at !== null);
    expect(Number(budget_micro)).toBeGreaterThanOrEqual(24_000);
    expect(Number(budget_micro)).toBeLessThan(24_010);
    expect(Math.abs(Date.parse(ends_at) - Date.now() - 7_200_000)).toBeLessThan(60_000);
    await renew();
    await until('the renewal', ann, id, ({ leases }) => leases[0]?.renewals === 1);
    await renew();
    const over = await until('the end', ann, id, ({ state }) => state === 'DONE');
    expect(over).toMatchObject({ reason: { code: 'hours_over' }, held_micro: '0' });
    // The second term ends with the hours, which began some milliseconds before it.
    const charged = BigInt(over.charged_micro);
    expect(charged).toBeGreaterThan(19_900n);
    expect(charged).toBeLessThanOrEqual(20_000n);
    expect(await available(ann)).toBe(before - charged);
  });

  test('is refused when it pays for nothing, is not covered, or is above a cap of the developer', async () => {
    const poor = await broker.person({ funds_micro: 1_000n });
    expect((await reserve(ann, { budget_micro: '10' })).body).toMatchObject({ code: 'budget_too_small' });
    expect((await reserve(poor, { budget_micro: '2000' })).body).toMatchObject({ code: 'insufficient_funds' });
    await poor.heap.setLimits({ jobCap: 500n });
    expect((await reserve(poor, { budget_micro: '600' })).body).toMatchObject({ code: 'job_cap_exceeded' });
    expect(await broker.sql('SELECT 1 FROM reservation WHERE person_id = $1', [poor.person_id])).toEqual([]);
  });

  /** What one slot at 5,000 an hour costs from now until its term of so many hours or the day is over. */
  const untilMidnight = async (hours: number): Promise<bigint> => {
    const [{ rest } = { rest: 0n }] = await broker.sql<{ rest: bigint }>(
      `SELECT floor(5000 * LEAST($1, extract(epoch FROM date_trunc('day', now(), 'UTC') + interval '24 hours' - now()) / 3600))::bigint AS rest`,
      [hours],
    );
    return rest;
  };
  const kept = (person: TestPerson) =>
    broker.sql<{ state: string; end_code: string | null; charged_micro: bigint; owed: bigint }>(
      `SELECT l.state::text, l.end_code, l.charged_micro, div(l.quantity::numeric * l.kept_us * l.price_micro, 3600000000)::bigint AS owed
       FROM kept_lease l JOIN reservation r ON r.id = l.reservation_id WHERE r.person_id = $1 ORDER BY l.id`,
      [person.person_id],
    );

  test('leases no more in a day than the developer allows, whatever was won in one round', async () => {
    keeper = await Keeper.join(broker, owner, slots(3));
    const carl = await broker.person();
    const cap = ((await untilMidnight(1)) * 5n) / 2n;
    await carl.heap.setLimits({ dayCap: cap });
    const ids = await Promise.all([1, 2, 3].map(() => reserved(carl, { max_price_micro: '5000' })));
    const settled = async () => {
      const all = await Promise.all(ids.map((id) => reservation(carl, id)));
      return all.filter((one) => one.leased === 1).length === 2 && all.some(({ reason }) => reason.code === 'day_cap');
    };
    for (let i = 0; i < 2_000 && !(await settled()); i++) await new Promise((resolve) => setTimeout(resolve, 10));
    expect(await settled()).toBe(true);
    await keeper.pass((HOUR_US * 99n) / 100n);
    await chargeAll(broker);
    const leases = await kept(carl);
    expect(leases.filter(({ state }) => state === 'ACTIVE').map((lease) => lease.charged_micro)).toEqual([4_950n, 4_950n]);
    expect(new Set(leases.flatMap(({ end_code }) => end_code ?? []))).toEqual(new Set(leases.length > 2 ? ['day_cap'] : []));
    for (const id of ids) await cancel(carl, id);
  });

  test('ends the newest of what a lowered cap does not pay for, at once, and the owner is paid for all that was kept', async () => {
    keeper = await Keeper.join(broker, owner, slots(2));
    const earned = (await owner.heap.balance()).owner.pending_micro;
    const carl = await broker.person();
    const ids: string[] = [];
    for (const _ of [1, 2]) {
      const id = await reserved(carl, { max_price_micro: '5000' });
      await until('the lease', carl, id, leased(1));
      ids.push(id);
    }
    // Half an hour is kept and not charged. The cap pays for that, and for the rest of one lease.
    await keeper.pass(HOUR_US / 2n);
    await carl.heap.setLimits({ dayCap: 5_000n + ((await untilMidnight(0.5)) * 3n) / 2n });
    await until('the end of the newer', carl, ids[1] ?? '', leased(0));
    await look(broker);
    expect(await kept(carl)).toMatchObject([
      { state: 'ACTIVE', end_code: null },
      { state: 'ENDED', end_code: 'day_cap', charged_micro: 2_500n, owed: 2_500n },
    ]);
    // Below what was kept already.
    await keeper.pass(HOUR_US / 4n);
    await carl.heap.setLimits({ dayCap: 4_000n });
    await until('the end of the older', carl, ids[0] ?? '', leased(0));
    const leases = await kept(carl);
    expect(leases.map(({ end_code, charged_micro }) => [end_code, charged_micro])).toEqual([
      ['day_cap', 3_750n],
      ['day_cap', 2_500n],
    ]);
    expect(leases.every(({ charged_micro, owed }) => charged_micro === owed)).toBe(true);
    expect((await owner.heap.balance()).owner.pending_micro).toBe(earned + (6_250n * 9n) / 10n);
    for (const id of ids) await until('the reason', carl, id, ({ reason }) => reason.code === 'day_cap');
    for (const id of ids) await cancel(carl, id);
  });
});

test('the same key is the same reservation, and with other terms an error; others do not see it', async () => {
  const { status, body } = await reserve(ann, {}, 'twice');
  expect(status).toBe(201);
  expect((await reserve(ann, {}, 'twice')).body.id).toBe(body.id);
  expect((await reserve(ann, { quantity: 2 }, 'twice')).body).toMatchObject({ code: 'idempotency_mismatch' });
  expect((await bob.call('GET', `/v1/reservations/${body.id}`)).status).toBe(404);
  expect((await cancel(bob, body.id)).status).toBe(404);
  expect((await cancel(ann, body.id)).body.state).toBe('CANCELLED');
  expect((await cancel(ann, body.id)).body.state).toBe('CANCELLED');
});

test.each([
  ['no such market', { market: 'standing:huge' }],
  ['a market for work', { market: 'work:micro' }],
  ['nothing', { quantity: 0 }],
  ['half a slot', { quantity: 1.5 }],
  ['more than a market has', { quantity: 1e9 }],
  ['a minimum above the whole', { quantity: 2, min_quantity: 3 }],
  ['a price of nothing', { max_price_micro: '0' }],
  ['a negative price', { max_price_micro: '-5' }],
  ['a price as a number', { max_price_micro: 5 }],
  ['a price beyond all prices', { max_price_micro: '9'.repeat(19) }],
  ['neither hours nor a budget', { budget_micro: null, hours: null }],
  ['no hours', { hours: 0 }],
  ['hours without end', { hours: 1e7 }],
  ['more money than there is', { quantity: 10_000, hours: 87_600, budget_micro: null, max_price_micro: String((1n << 50n) - 1n) }],
  ['a deadline that has passed', { deadline: '2001-01-01T00:00:00Z' }],
  ['a name with a NUL', { name: 'a\0b' }],
  ['a class of work', { workload_class: 'general' }],
  ['a member nobody knows', { slots: 4 }],
])('%s is refused and holds nothing', async (_, terms) => {
  const before = await available(ann);
  const { status, body } = await reserve(ann, terms);
  expect([400, 409, 422]).toContain(status);
  expect(body).toMatchObject({ code: expect.stringMatching(/^(invalid_input|deadline_passed)$/), fault: expect.any(String) });
  expect(await available(ann)).toBe(before);
});

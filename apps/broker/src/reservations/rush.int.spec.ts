import { startBroker, type TestBroker, type TestPerson } from '../../../../test/support/broker.js';
import { chargeAll, HOUR_US, host, Keeper, look, reserve, slots } from '../../../../test/support/reservations.js';

const SEED = 20_261_129;
const STEPS = 150;

let broker: TestBroker;
let owner: TestPerson;
let buyers: TestPerson[];
const keepers: Keeper[] = [];

beforeAll(async () => {
  broker = await startBroker();
  owner = await host(broker);
  buyers = await Promise.all([1, 2, 3].map(() => broker.person()));
  for (let i = 0; i < 3; i++) keepers.push(await Keeper.join(broker, owner, slots(3)));
});
afterAll(() => broker?.close());

/** Park and Miller's. */
function chance(seed: number): (below: number) => number {
  let state = seed % 2_147_483_647;
  return (below) => {
    state = (state * 48_271) % 2_147_483_647;
    return state % below;
  };
}

/** Units that a device keeps are those of its open leases, and no more than its owner allots once the clock has looked. */
const miscounted = () =>
  broker.sql(
    `SELECT k.node_id, k.leased, k.quantity, COALESCE(l.units, 0)::int AS units FROM kept_offer k
     LEFT JOIN (SELECT node_id, market, sum(quantity) AS units FROM kept_lease WHERE state <> 'ENDED' GROUP BY 1, 2) AS l
       ON l.node_id = k.node_id AND l.market = k.market WHERE k.leased <> COALESCE(l.units, 0)`,
  );

test('orders, cancellations, ends of terms, owners who change their minds and charges at once: nothing is leased twice, and the books are right', async () => {
  const pick = chance(SEED);
  const any = <T>(list: readonly T[]): T => list[pick(list.length)] as T;
  const placed: { buyer: TestPerson; id: string }[] = [];
  const steps: (() => Promise<unknown>)[] = [];
  for (let i = 0; i < STEPS; i++) {
    const [kind, buyer, keeper, quantity, price, count] = [
      pick(6),
      any(buyers),
      any(keepers),
      1 + pick(3),
      5_000 + pick(9) * 1_000,
      pick(4),
    ];
    const terms = { quantity, max_price_micro: String(price), budget_micro: '60000', preemption_notice_ms: pick(2) * 1_000 };
    if (kind <= 1 || i < 15)
      steps.push(async () => {
        const { body } = await reserve(buyer, terms);
        if (body.id) placed.push({ buyer, id: body.id });
      });
    else if (kind === 2)
      steps.push(async () => {
        const one = placed.shift();
        if (one) await one.buyer.call('POST', `/v1/reservations/${one.id}/cancel`);
      });
    else if (kind === 3) steps.push(() => keeper.pass(HOUR_US / 2n));
    else if (kind === 4) steps.push(async () => keeper.session.keep(slots(count)));
    else steps.push(() => Promise.all([look(broker), chargeAll(broker)]));
  }
  // Five at a time, so that they meet.
  for (let i = 0; i < steps.length; i += 5) {
    await Promise.all(steps.slice(i, i + 5).map((step) => step()));
    expect(await miscounted()).toEqual([]);
  }
  expect((await broker.sql('SELECT 1 FROM kept_lease')).length).toBeGreaterThan(5);
  expect((await broker.sql('SELECT 1 FROM capture')).length).toBeGreaterThan(5);
  expect(await broker.broken()).toEqual([]);
  for (const { buyer, id } of placed) await buyer.call('POST', `/v1/reservations/${id}/cancel`);
  expect(await broker.sql("SELECT 1 FROM kept_lease WHERE state <> 'ENDED'")).toEqual([]);
  expect(await broker.sql("SELECT 1 FROM hold WHERE state = 'HELD'")).toEqual([]);
  expect(await miscounted()).toEqual([]);
  expect(await broker.broken()).toEqual([]);
  for (const keeper of keepers) await keeper.bye();
});

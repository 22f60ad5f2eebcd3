import { clear } from '#auction';
import { bestWelfare, slotsOf } from '../support/exact-market.js';
import { convergence, fairness, fillTimes } from './figures.js';
import { HeapMarket, type Settings } from './heap-market.js';
import { pictureOf } from './picture.js';
import { Probes } from './probes.js';
import { gini, jain, quantile } from './statistics.js';
import { welfareOf } from './welfare.js';

const settings: Settings = { nodes: 120, seed: 7, rounds: 150, rush: { from: 60, to: 90 }, queue: 'enrolled', welfare_every: 1 };

function run(more: Partial<Settings> = {}): HeapMarket {
  const market = new HeapMarket({ ...settings, ...more });
  while (market.round < market.settings.rounds) market.step();
  return market;
}

test('the same seed gives the same heap, another one another', () => {
  const [one, again, other] = [run(), run(), run({ seed: 8 })];
  expect(again.minutes).toEqual(one.minutes);
  expect(other.minutes).not.toEqual(one.minutes);
  expect(convergence(again)).toEqual(convergence(one));
  expect(pictureOf(again)).toBe(pictureOf(one));
});

test('what is counted agrees: no device is leased twice, prices lie between reserves and maxima, every round is proved optimal', () => {
  const market = run();
  for (const { online, leased, low, high } of market.minutes) {
    expect(leased).toBeLessThanOrEqual(online);
    if (low !== null && high !== null) expect(low).toBeLessThanOrEqual(high);
  }
  for (const { order, first_price } of market.done) expect(first_price ?? 0n).toBeLessThanOrEqual(order.max_price);
  for (const { minutes_leased, minutes_online, income_micro } of market.devices) {
    expect(minutes_leased).toBeLessThanOrEqual(minutes_online);
    expect(income_micro > 0).toBe(minutes_leased > 0);
  }
  expect(market.welfare).toMatchObject({ rounds: 150, rounds_proved_optimal: 150 });
  expect(market.welfare.gained).toBeGreaterThan(0);
  expect(fillTimes(market).interactive?.orders).toBeGreaterThan(50);
  const sum = (of: 'minutes_due' | 'minutes_leased') => market.devices.reduce((all, device) => all + device[of], 0);
  expect(sum('minutes_due')).toBeCloseTo(sum('minutes_leased'), 6);
  const { groups, jain_least } = fairness(run({ queue: 'returned', nodes: 500, rounds: 100 }).devices);
  expect(groups).toBeGreaterThan(0);
  expect(jain_least).toBeGreaterThan(0.5);
});

test('the bound by duality is the optimum that trying everything finds, and above what a worse matching gains', () => {
  const market = run({ rounds: 3 });
  const free = market.devices.filter(({ online, leased }) => online && leased === 0).slice(0, 6);
  const offers = free.map(({ offer }) => offer);
  const orders = [0, 1, 2, 3, 4].map((i) => {
    const { order } = market.wish(`w${i}`, i % 2 === 0 ? 'interactive' : 'batch');
    return { ...order, quantity: 1 + (i % 2), max_price: order.max_price * 4n };
  });
  const clearing = clear({ offers, orders });
  const best = Number(bestWelfare(slotsOf(offers, 1n), orders, 1n));
  expect(best).toBeGreaterThan(0);
  expect(welfareOf(clearing, orders, free)).toEqual({ gained: best, most: best });
  const worse = welfareOf({ ...clearing, assignments: clearing.assignments.slice(1) }, orders, free);
  expect(worse.gained).toBeLessThan(worse.most);
  expect(worse.most).toBeGreaterThanOrEqual(best);
});

test('probes are asked, placed and held against what was said', () => {
  const market = new HeapMarket(settings);
  const probes = new Probes();
  while (market.round < 120) {
    if (market.round >= 40 && market.round % 4 === 0) probes.ask(market);
    market.step();
    probes.look(market);
  }
  probes.look(market, true);
  expect(probes.asked).toBe(20);
  expect(probes.price.all).toBeGreaterThan(5);
  expect(probes.price.inside).toBeLessThanOrEqual(probes.price.all);
});

test.each<[string, number | null, number]>([
  ['quantile of none', quantile([], 0.5), 0],
  ['median', quantile([3, 1, 2], 0.5), 2],
  ['equal incomes', gini([5, 5, 5]), 0],
  ['one has all of four', gini([0, 0, 0, 9]), 0.75],
  ['equal shares', jain([2, 2, 2]), 1],
  ['one of four has all', jain([0, 0, 0, 9]), 0.25],
])('%s', (_, found, expected) => expect(found ?? 0).toBeCloseTo(expected, 9));

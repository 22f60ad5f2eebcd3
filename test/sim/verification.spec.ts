import { LEVEL_RULES } from '#verification';
import { asText, holds, table } from './verification/figures.js';
import { grid, headline, simulate } from './verification/grid.js';
import { SimulatedHeap } from './verification/heap.js';
import { pictureOf } from './verification/picture.js';
import { seeded } from './verification/random.js';
import type { Scenario } from './verification/scenario.js';

const scenario: Scenario = {
  ...{ seed: 3, nodes: 100, tasks: 20_000, cheaters: 0.1, collusion: 1, greed: 0.1, sleepers: true, rejoin: true },
  ...{ hardware_errors: 1e-3, plan: 'plain', leaves_after: null },
};
const levels = ['L1', 'L2', 'L3'] as const;

test('the same seed gives the same heap, another one another', () => {
  const run = (seed: number) => simulate({ rule: 'L1', scenario: { ...scenario, seed } });
  expect(run(3)).toEqual(run(3));
  expect(run(4).executions).not.toBe(run(3).executions);
});

test.each(levels)('%s: every task becomes final once, whatever its nodes do', (level) => {
  for (const more of [
    {},
    { rejoin: false },
    { leaves_after: 30 },
    { sleepers: false, greed: 1 },
    { cheaters: 0.6 },
  ] as Partial<Scenario>[]) {
    const heap = new SimulatedHeap(LEVEL_RULES[level], { ...scenario, tasks: 4_000, ...more });
    heap.run();
    expect(heap.final).toBe(4_000);
  }
});

test.each(levels)('%s: where nobody cheats nobody is banned, and only errors that nobody looked at remain', (level) => {
  const { wrong, honest_banned, cheaters_banned } = simulate({ rule: level, scenario: { ...scenario, cheaters: 0 } });
  expect([honest_banned, cheaters_banned]).toEqual([0, 0]);
  expect(wrong).toBeLessThanOrEqual(level === 'L1' ? 1.5e-3 : 0);
  expect(simulate({ rule: level, scenario: { ...scenario, cheaters: 0, hardware_errors: 0 } }).wrong).toBe(0);
});

test('a seeded slice of the simulation keeps what the levels promise, and its peers do not', () => {
  const rows = headline({ seed: 5, nodes: 200, tasks: 30_000 })
    .filter(({ scenario: { greed, sleepers, rejoin } }) => rejoin && sleepers && (greed === 1 || greed === 0.1))
    .map(simulate);
  const { executions_l1: _, executions_l3: __, ...held } = holds(rows);
  expect(held).toEqual(Object.fromEntries(Object.keys(held).map((key) => [key, true])));
  expect(pictureOf(rows)).toMatch(/^<svg [\s\S]*BOINC[\s\S]*<\/svg>\n$/);
});

test('who lies is out, who errs is not', () => {
  const { cheaters_banned, honest_banned } = simulate({ rule: 'L1', scenario: { ...scenario, greed: 1, rejoin: false } });
  expect(cheaters_banned).toBe(10);
  expect(honest_banned).toBe(0);
});

test('the table has a line for each share of cheaters and of those who work together', () => {
  const rows = grid({ seed: 1, nodes: 100, tasks: 200 })
    .filter(({ scenario: { greed, sleepers, rejoin } }) => greed === 1 && sleepers && rejoin)
    .map(simulate);
  const cells = table(rows);
  expect(cells).toHaveLength(12);
  expect(asText(cells).split('\n')).toHaveLength(14);
});

test('the random numbers are uniform', () => {
  const random = seeded(1);
  const buckets = new Array(10).fill(0);
  for (let i = 0; i < 100_000; i++) buckets[Math.floor(random() * 10)]++;
  for (const count of buckets) expect(Math.abs(count - 10_000)).toBeLessThan(400);
});

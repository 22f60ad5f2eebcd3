import { LEVEL_RULES, type Level } from './levels.js';
import { closingChecks, decideOnWindow } from './window.js';

const open = { later_results: 0, awaited: 0, quiet_ms: 0, closed: false };

test.each<[Level, Partial<typeof open>, string, string]>([
  ['L1', {}, 'provisional', 'provisional'],
  ['L1', { later_results: 299 }, 'provisional', 'provisional'],
  ['L1', { later_results: 300 }, 'final', 'window_passed'],
  ['L1', { later_results: 300, awaited: 1 }, 'provisional', 'awaits_execution'],
  ['L3', { later_results: 200 }, 'provisional', 'provisional'],
  ['L3', { later_results: 500 }, 'final', 'window_passed'],
  ['L1', { quiet_ms: 3_600_000 }, 'provisional', 'awaits_closing'],
  ['L1', { quiet_ms: 86_400_000, closed: true }, 'final', 'closed'],
  ['L0', {}, 'final', 'unchecked'],
  ['L4', {}, 'final', 'unchecked'],
])('%s, a result with %j is %s', (name, more, kind, code) => {
  expect(decideOnWindow(LEVEL_RULES[name], { ...open, ...more })).toMatchObject({ kind, reason: { code } });
});

test.each<[Level, number, number]>([
  ['L1', 3, 3],
  ['L1', 150, 4],
  ['L3', 400, 10],
  ['L0', 9, 0],
])('%s: of %d open results of a node that is gone %d are checked', (name, count, checks) => {
  expect(closingChecks(LEVEL_RULES[name], count)).toBe(checks);
});

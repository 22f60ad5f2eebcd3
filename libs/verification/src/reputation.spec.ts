import { LEVEL_RULES } from './levels.js';
import { reputation } from './reputation.js';
import { NEWCOMER } from './standing.js';
import { after, right } from './testing/standings.js';

test('reputation is its parts', () => {
  const conduct = { present_ms: 50, enrolled_ms: 200, results: 30, yields: 2, withheld: 10, speed_fuel_per_ms: 5 };
  expect(reputation(LEVEL_RULES.L1, after(`${right(9)}x${right(20)}`), conduct, 1, false)).toEqual({
    ...{ grade: 'trusted', uptime: 0.25, results: 30, results_checked: 30, confirmed_in_a_row: 20, mismatches: 1 },
    ...{ probation_left: 0, yields: 2, withheld_share: 0.25, speed_fuel_per_ms: 5 },
  });
  const none = { present_ms: 0, enrolled_ms: 0, results: 0, yields: 0, withheld: 0, speed_fuel_per_ms: 0 };
  expect(reputation(LEVEL_RULES.L1, NEWCOMER, none, 0, false)).toMatchObject({ grade: 'probation', uptime: null, withheld_share: null });
  expect(reputation(LEVEL_RULES.L2, after(right(50)), none, 0, false).grade).toBe('proven');
  expect(reputation(LEVEL_RULES.L2, after(right(50)), none, 0, true).grade).toBe('banned');
});

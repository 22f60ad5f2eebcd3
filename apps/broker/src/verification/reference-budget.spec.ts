import { budgetLeft, budgetReason } from './reference-budget.js';

test.each([
  [0, 10n ** 15n, true],
  [100, 99n, true],
  [100, 100n, false],
  [100, 200n, false],
])('with a budget of %s, %s burned: more may run is %s', (reference_fuel_per_day, fuel, left) => {
  expect(budgetLeft({ reference_fuel_per_day }, fuel)).toBe(left);
  expect(budgetReason({ reference_fuel_per_day }, { fuel, waiting: 3 })?.code ?? null).toBe(left ? null : 'reference_budget');
});

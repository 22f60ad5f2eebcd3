import { pauseAfter } from './backoff.js';

test('ten pauses that grow, about a day in all, then none', () => {
  const pauses = Array.from({ length: 10 }, (_, i) => pauseAfter(i + 1, 0.5) ?? 0);
  expect(pauses).toEqual([...pauses].sort((a, b) => a - b));
  expect(pauses[0]).toBe(5_000);
  const hours = pauses.reduce((sum, pause) => sum + pause, 0) / 3_600_000;
  expect(hours).toBeGreaterThan(20);
  expect(hours).toBeLessThan(25);
  expect(pauseAfter(11, 0.5)).toBeNull();
  expect([pauseAfter(1, 0), pauseAfter(1, 1)]).toEqual([4_500, 5_500]);
});

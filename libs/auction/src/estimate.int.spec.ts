import { comeTrue } from './testing/come-true.js';

test('in markets that live, what comes true lies in the stated ranges at least nine times in ten', () => {
  for (const [inside, all] of Object.values(comeTrue([2, 3, 4, 5, 6, 7], 100))) {
    expect(all).toBeGreaterThan(300);
    expect(inside / all).toBeGreaterThanOrEqual(0.9);
  }
});

import { fuzzOne } from './fuzz-one.js';

describe('random programs', () => {
  test('leave the same memory metered as plain, with the fuel they need and no more', () => {
    let trapped = 0;
    for (let seed = 1; seed <= 150; seed++) if (fuzzOne(seed).trapped) trapped++;
    expect(trapped).toBeGreaterThan(0);
    expect(trapped).toBeLessThan(120);
  });
});

import { fuzzOne } from './fuzz-one.js';

describe('random programs', () => {
  test('leave the same memory metered as plain with canonical NaNs, with the fuel they need and no more', () => {
    const programs = Array.from({ length: 150 }, (_, i) => fuzzOne(i + 1));
    const trapped = programs.filter((program) => program.trapped).length;
    expect(trapped).toBeGreaterThan(0);
    expect(trapped).toBeLessThan(120);
    expect(programs.filter((program) => program.shows_nans).length).toBeGreaterThan(50);
  });
});

import { Pace } from './pace.js';

/** So many tasks of 10 ms each at a rate. */
function run(pace: Pace, module: string, rate: number, ms: number): void {
  for (let done = 0; done < ms; done += 10) pace.add(module, BigInt(Math.round(rate * 10)), 10);
}

describe('the pace of work', () => {
  test('that slows down to less than half shows after three seconds of it, and not before', () => {
    const pace = new Pace();
    run(pace, 'a', 1_000, 2_000);
    run(pace, 'a', 400, 2_900);
    expect(pace.slowed_to).toBeNull();
    run(pace, 'a', 400, 500);
    expect(pace.slowed_to).toBeCloseTo(0.4, 2);
  });

  test.each([
    ['a little slower', (pace: Pace) => run(pace, 'a', 700, 20_000)],
    ['one slow burst', (pace: Pace) => [run(pace, 'a', 200, 1_000), run(pace, 'a', 1_000, 1_000), run(pace, 'a', 200, 1_000)]],
    ['another program, slower by nature', (pace: Pace) => run(pace, 'b', 200, 20_000)],
  ])('is not called slow by %s', (_, then) => {
    const pace = new Pace();
    run(pace, 'a', 1_000, 2_000);
    then(pace);
    expect(pace.slowed_to).toBeNull();
  });

  test('after a rest is judged anew, against the same best', () => {
    const pace = new Pace();
    run(pace, 'a', 1_000, 2_000);
    run(pace, 'a', 100, 4_000);
    pace.rested();
    expect(pace.slowed_to).toBeNull();
    run(pace, 'a', 100, 4_000);
    expect(pace.slowed_to).toBeCloseTo(0.1, 2);
  });

  test('gives the speed of a slot by the fuel and the time of the last work', () => {
    const pace = new Pace();
    run(pace, 'a', 1_000, 500);
    expect(pace.fuel_per_ms).toBeNull();
    run(pace, 'b', 3_000, 500);
    expect(pace.fuel_per_ms).toBe(2_000);
  });
});

import { Repetition } from './repetition.js';

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

test('work is done so long after the last one ended, not after it began', async () => {
  const began: number[] = [];
  const work = async () => {
    began.push(Date.now());
    await new Promise<void>((resolve) => setTimeout(resolve, 300));
  };
  const start = Date.now();
  const repetition = new Repetition(1_000, work, () => {});
  repetition.start();
  await jest.advanceTimersByTimeAsync(4_000);
  repetition.stop();
  expect(began.map((at) => at - start)).toEqual([1_000, 2_300, 3_600]);
});

test('a failure is told of, and the next time comes', async () => {
  const failures: unknown[] = [];
  let times = 0;
  const broken = new Error('broken');
  const work = async () => {
    times += 1;
    if (times === 1) throw broken;
  };
  const repetition = new Repetition(1_000, work, (error) => failures.push(error));
  repetition.start();
  await jest.advanceTimersByTimeAsync(2_000);
  repetition.stop();
  expect(failures).toEqual([broken]);
  expect(times).toBe(2);
});

test.each([
  ['before the first time', 500, 0],
  ['while it works', 1_100, 1],
  ['between two times', 1_500, 1],
])('nothing follows once it was stopped %s', async (_when, at_ms, expected) => {
  let times = 0;
  const work = async () => {
    times += 1;
    await new Promise<void>((resolve) => setTimeout(resolve, 300));
  };
  const repetition = new Repetition(1_000, work, () => {});
  repetition.start();
  await jest.advanceTimersByTimeAsync(at_ms);
  repetition.stop();
  await jest.advanceTimersByTimeAsync(10_000);
  expect(times).toBe(expected);
});

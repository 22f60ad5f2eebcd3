import { Turns } from './modules.turns.js';

const later = () => new Promise<void>((resolve) => setImmediate(resolve));

test('so many at a time, the next in the order in which they came, and more are sent away', async () => {
  const turns = new Turns(2, 2);
  const begun: number[] = [];
  const ends: ((value: number) => void)[] = [];
  const work = (n: number) => () => {
    begun.push(n);
    return new Promise<number>((resolve) => ends.push(() => resolve(n)));
  };
  const results = [0, 1, 2, 3].map((n) => turns.run(work(n)));
  await later();
  expect(begun).toEqual([0, 1]);
  await expect(turns.run(work(4))).rejects.toMatchObject({ code: 'unavailable', fault: 'platform' });
  ends[0]?.(0);
  await later();
  expect(begun).toEqual([0, 1, 2]);
  for (let i = 1; i < 4; i++) {
    ends[i]?.(i);
    await later();
  }
  expect(await Promise.all(results)).toEqual([0, 1, 2, 3]);
});

test('work that fails gives its place back', async () => {
  const turns = new Turns(1, 1);
  await expect(turns.run(() => Promise.reject(new RangeError('no')))).rejects.toThrow('no');
  expect(await turns.run(async () => 7)).toBe(7);
});

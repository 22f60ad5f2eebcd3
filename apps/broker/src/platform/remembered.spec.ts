import { Remembered } from './remembered.js';

test('those who ask during a reading or soon after it share it', async () => {
  let [reads, now_ms] = [0, 0];
  const remembered = new Remembered(
    1_000,
    async () => ++reads,
    () => now_ms,
  );
  expect(await Promise.all([remembered.get(), remembered.get()])).toEqual([1, 1]);
  now_ms = 999;
  expect(await remembered.get()).toBe(1);
  now_ms = 1_000;
  expect(await remembered.get()).toBe(2);
});

test('a reading that failed is made again', async () => {
  const answers = [Promise.reject(new Error('away')), Promise.resolve('here')];
  const remembered = new Remembered(1_000, () => answers.shift() as Promise<string>);
  await expect(remembered.get()).rejects.toThrow('away');
  expect(await remembered.get()).toBe('here');
});

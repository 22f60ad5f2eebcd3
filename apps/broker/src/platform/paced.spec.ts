import { setImmediate as turn } from 'node:timers/promises';
import { Paced } from './paced.js';

test('works in order, so many milliseconds a turn and at least one piece', async () => {
  let now_ms = 0;
  const done: string[] = [];
  const paced = new Paced(4, () => now_ms);
  const all = [1, 2, 2, 9, 1].map((cost_ms, i) =>
    paced.run(() => {
      now_ms += cost_ms;
      done.push(`${i} at ${now_ms}`);
      return i;
    }),
  );
  await turn();
  expect(done).toEqual(['0 at 1', '1 at 3', '2 at 5']);
  await turn();
  expect(done.slice(3)).toEqual(['3 at 14']);
  expect(await Promise.all(all)).toEqual([0, 1, 2, 3, 4]);
});

test('a piece that fails fails alone', async () => {
  const paced = new Paced(4);
  const asked = [paced.run(() => 1), paced.run(() => JSON.parse('{') as number), paced.run(() => 3)];
  expect((await Promise.allSettled(asked)).map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
});

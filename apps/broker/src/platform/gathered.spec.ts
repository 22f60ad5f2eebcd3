import { setImmediate as turn } from 'node:timers/promises';
import { Gathered } from './gathered.js';

/** Notes what was asked together; a call takes a turn of the event loop. */
function gathering({ fails = '-', code = '' } = {}) {
  const calls: string[][] = [];
  const gathered = new Gathered<string, string>({
    most: 3,
    key: (item) => item.slice(0, 1),
    serve: async (items) => {
      calls.push([...items]);
      await turn();
      if (items.includes(fails)) throw Object.assign(new Error('no'), { code });
      return items.map((item) => `${item}!`);
    },
  });
  return { gathered, calls };
}

test('what is asked in one turn goes together, what comes meanwhile goes next, in order and no more than its most', async () => {
  const { gathered, calls } = gathering();
  const first = Promise.all(['a', 'b'].map((item) => gathered.ask(item)));
  await turn();
  const rest = Promise.all(['c', 'd', 'e', 'f'].map((item) => gathered.ask(item)));
  expect(await first).toEqual(['a!', 'b!']);
  expect(await rest).toEqual(['c!', 'd!', 'e!', 'f!']);
  expect(calls).toEqual([['a', 'b'], ['c', 'd', 'e'], ['f']]);
});

test('two of one key come one after the other', async () => {
  const { gathered, calls } = gathering();
  expect(await Promise.all(['a1', 'b1', 'a2'].map((item) => gathered.ask(item)))).toEqual(['a1!', 'b1!', 'a2!']);
  expect(calls).toEqual([['a1', 'b1'], ['a2']]);
});

test.each([
  ['a value of one fails that one alone', '22P05', ['fulfilled', 'rejected', 'fulfilled'], 4],
  ['a database that is away fails all at once', 'unavailable', ['rejected', 'rejected', 'rejected'], 1],
])('%s, and the next are served', async (_, code, statuses, count) => {
  const { gathered, calls } = gathering({ fails: 'b', code });
  const asked = await Promise.allSettled(['a', 'b', 'c'].map((item) => gathered.ask(item)));
  expect(asked.map(({ status }) => status)).toEqual(statuses);
  expect(calls).toHaveLength(count);
  expect(await gathered.ask('d')).toBe('d!');
});

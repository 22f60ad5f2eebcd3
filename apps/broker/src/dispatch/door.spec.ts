import { Door } from './door.js';

function door(more: Partial<{ inside: number; of_address: number; waiting: number; wait_ms: number }> = {}) {
  let now_ms = 0;
  const entered: string[] = [];
  const refused: string[] = [];
  const leaves = new Map<string, () => void>();
  const subject = new Door({ inside: 2, of_address: 2, waiting: 10, wait_ms: 100, ...more }, () => now_ms);
  return {
    entered,
    refused,
    leave: (name: string) => leaves.get(name)?.(),
    pass: (ms: number) => {
      now_ms += ms;
    },
    /** `a1` comes from the address `a`. */
    enter: async (name: string) => {
      const { admitted, leave } = subject.enter(name.slice(0, 1));
      leaves.set(name, leave);
      (await admitted) ? entered.push(name) : refused.push(name);
    },
  };
}
const settled = () => new Promise((resolve) => setImmediate(resolve));

test('a crowd from one address lets the others have every second place', async () => {
  const { enter, entered, leave } = door();
  for (const name of ['a1', 'a2', 'a3', 'a4', 'a5', 'b1', 'b2']) void enter(name);
  await settled();
  expect(entered).toEqual(['a1', 'a2']);
  for (const [i, name] of ['a1', 'a2', 'a3', 'b1'].entries()) {
    leave(name);
    // Leaving twice makes no second place.
    leave(name);
    await settled();
    expect(entered).toHaveLength(3 + i);
  }
  expect(entered.slice(2)).toEqual(['a3', 'b1', 'a4', 'b2']);
});

test('an address never takes the last places, however long its queue', async () => {
  const { enter, entered } = door({ inside: 3 });
  for (const name of ['a1', 'a2', 'a3', 'b1', 'b2']) void enter(name);
  await settled();
  expect(entered).toEqual(['a1', 'a2', 'b1']);
});

test('who would have waited for longer than its agent does, or comes when too many wait, is refused', async () => {
  const { enter, entered, refused, leave, pass } = door({ inside: 1, waiting: 2 });
  for (const name of ['a1', 'a2', 'a3', 'a4']) void enter(name);
  await settled();
  expect(refused).toEqual(['a4']);
  pass(101);
  void enter('b1');
  await settled();
  expect(refused).toEqual(['a4', 'b1']);
  leave('a1');
  await settled();
  expect([entered, refused]).toEqual([['a1'], ['a4', 'b1', 'a2', 'a3']]);
  void enter('c1');
  await settled();
  expect(entered).toEqual(['a1', 'c1']);
});

test('who hangs up while it waits takes no place', async () => {
  const { enter, entered, leave } = door({ inside: 1 });
  void enter('a1');
  void enter('a2');
  void enter('a3');
  await settled();
  leave('a2');
  leave('a1');
  await settled();
  expect(entered).toEqual(['a1', 'a3']);
});

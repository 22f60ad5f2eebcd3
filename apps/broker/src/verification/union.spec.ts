import fc from 'fast-check';
import { join, type Tied } from './union.js';

const alone = (owner_id: string): Tied => ({ owner_id, cluster_id: owner_id });

test('links that share an owner make one cluster, whose root is the lowest', () => {
  expect(join([['c', 'b'].map(alone), ['b', 'a'].map(alone), ['x', 'y'].map(alone)])).toEqual(
    new Map([
      ['c', 'a'],
      ['b', 'a'],
      ['y', 'x'],
    ]),
  );
});

test('clusters that were there are joined as wholes', () => {
  const tied = [
    { owner_id: 'p', cluster_id: 'm' },
    { owner_id: 'q', cluster_id: 'k' },
  ];
  expect(join([tied])).toEqual(new Map([['m', 'k']]));
});

const group = fc.array(fc.constantFrom(...'abcdefghij'), { minLength: 1, maxLength: 4 });

test('in whatever order links come, the same owners are together', () => {
  fc.assert(
    fc.property(fc.array(group, { maxLength: 12 }), (groups) => {
      const there = join(groups.map((g) => g.map(alone)));
      const back = join([...groups].reverse().map((g) => [...g].reverse().map(alone)));
      for (const id of 'abcdefghij') expect(there.get(id) ?? id).toBe(back.get(id) ?? id);
      for (const g of groups) expect(new Set(g.map((id) => there.get(id) ?? id)).size).toBe(1);
    }),
  );
});

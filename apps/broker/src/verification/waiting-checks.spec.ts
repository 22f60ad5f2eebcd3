import { setImmediate as turn } from 'node:timers/promises';
import type { Taker, WaitingCheck } from './check-claims.store.js';
import { WaitingChecks } from './waiting-checks.js';

const check = (id: string, more: Partial<WaitingCheck> = {}): WaitingCheck => ({
  ...{ id, index: 0, level: 'L1', hidden: false, clusters: ['judged'] },
  ...more,
});
const taker = (lease_id: string, more: Partial<Taker> = {}): Taker => ({
  ...{ lease_id, cluster: `cluster of ${lease_id}`, banned: false, confirmed: 100, checked: 100, wrong_at: [] },
  ...more,
});

function setUp(waiting: WaitingCheck[], takers: Taker[]) {
  const asked: string[][] = [];
  let seen = 0;
  const checks = new WaitingChecks({
    read: (lease_ids) => {
      asked.push([...lease_ids]);
      return Promise.resolve({ waiting, takers: takers.filter(({ lease_id }) => lease_ids.includes(lease_id)) });
    },
    seen: () => {
      seen += 1;
    },
    failed: (error) => {
      throw error;
    },
  });
  const take = (lease_id: string, { commits = true, limit = 9, now_ms = performance.now() } = {}) =>
    checks.take(lease_id, commits, limit, now_ms);
  return { checks, take, asked, seen: () => seen };
}

test('leases that ask in one turn are read together, and told when something waits', async () => {
  const { take, asked, seen } = setUp([check('one'), check('other')], [taker('a'), taker('b')]);
  expect([take('a'), take('b')]).toEqual([[], []]);
  await turn();
  await turn();
  expect([asked, seen()]).toEqual([[['a', 'b']], 1]);
  expect(take('a', { limit: 1 })).toEqual(['one']);
  expect(take('b')).toEqual(['other']);
  expect(asked).toHaveLength(1);
});

test.each<[string, Partial<WaitingCheck>, Partial<Taker>, boolean, boolean]>([
  ['somebody else’s', {}, {}, true, true],
  ['of a result of its own cluster', { clusters: ['judged', 'mine'] }, { cluster: 'mine' }, true, false],
  ['with too few confirmed results', {}, { confirmed: 19 }, true, false],
  ['with too few for this level', { level: 'L2' }, { confirmed: 99 }, true, false],
  ['of a banned node', {}, { banned: true }, true, false],
  ['of a result that is not revealed, by who commits', { hidden: true }, {}, true, true],
  ['of a result that is not revealed, by who does not', { hidden: true }, {}, false, false],
])('a check %s', async (_, of, by, commits, given) => {
  const { take } = setUp([check('it', of)], [taker('a', by)]);
  take('a', { commits });
  await turn();
  await turn();
  expect(take('a', { commits })).toEqual(given ? ['it'] : []);
});

test('who found nothing asks nothing until there is more, or a second has passed: nodes come to be trusted', async () => {
  const { take, checks, asked } = setUp([check('it')], [taker('a', { confirmed: 0 })]);
  take('a');
  await turn();
  await turn();
  for (let i = 0; i < 5; i++) take('a');
  await turn();
  expect(asked).toHaveLength(1);
  take('a', { now_ms: performance.now() + 2_000 });
  await turn();
  await turn();
  expect(asked).toHaveLength(2);
  checks.tell();
  take('a', { now_ms: performance.now() + 300 });
  await turn();
  await turn();
  expect(asked).toHaveLength(3);
});

import fc from 'fast-check';
import { type Candidate, CLUSTER_JOB_LEAST, clusterCap, clusterRoom, fitness } from './executors.js';
import { LEVEL_RULES, LEVELS, type Level } from './levels.js';
import { NEWCOMER } from './standing.js';
import { after, history, right } from './testing/standings.js';

const level = fc.constantFrom(...LEVELS);

describe('who may execute', () => {
  const one: Candidate<string> = { cluster: 'c', banned: false, standing: after(right(100)), trusted: false, cluster_executions: 0 };
  test.each<[Level, Partial<Candidate<string>>, 'first' | 'other', string, string]>([
    ['L1', {}, 'other', 'fit', 'fit'],
    ['L1', { banned: true }, 'first', 'unfit', 'node_out'],
    ['L1', { cluster: 'a' }, 'other', 'unfit', 'same_cluster'],
    ['L1', { cluster_executions: 50 }, 'first', 'unfit', 'cluster_share'],
    ['L1', { standing: NEWCOMER }, 'first', 'fit', 'fit'],
    ['L1', { standing: NEWCOMER }, 'other', 'unfit', 'on_probation'],
    ['L2', { standing: after(right(99)) }, 'other', 'unfit', 'too_new'],
    ['L2', { standing: after(`${right(200)}x`) }, 'other', 'unfit', 'on_probation'],
    ['L4', {}, 'first', 'unfit', 'not_trusted'],
    ['L4', { trusted: true, standing: NEWCOMER }, 'first', 'fit', 'fit'],
  ])('%s: %j as %s is %s', (name, more, role, kind, code) => {
    const execution = { role, clusters: ['a', 'b'], cap: 50 };
    expect(fitness(LEVEL_RULES[name], { ...one, ...more }, execution)).toMatchObject({ kind, reason: { code } });
  });

  test('a cluster never gets a second execution of a task, unless its developer trusts it', () => {
    fc.assert(
      fc.property(level, fc.nat(3), fc.array(fc.nat(3)), history, fc.boolean(), (name, cluster, clusters, standing, trusted) => {
        const { kind } = fitness(LEVEL_RULES[name], { ...one, cluster, standing, trusted }, { role: 'other', clusters, cap: 9 });
        if (clusters.includes(cluster) && LEVEL_RULES[name].by !== 'trust') expect(kind).toBe('unfit');
      }),
    );
  });

  test.each([
    [5, 1, 10],
    [1000, 100, 50],
    [1000, 0, 1000],
    [1000, 2, 1000],
    [1000, 4, 500],
    [1000, 20, 100],
    [1000, 40, 50],
    [100_001, 10_000, 5001],
  ])('of %d tasks and %d clusters one may execute %d', (tasks, clusters, cap) => expect(clusterCap(tasks, clusters)).toBe(cap));

  test.each([
    ['alone it has all of it', [['me', 900, true]], 100],
    [
      'with one other too: a slow one keeps nobody waiting',
      [
        ['me', 900, true],
        ['a', 1, true],
      ],
      100,
    ],
    [
      'with three others at most the half',
      [
        ['me', 400, true],
        ['a', 0, true],
        ['b', 0, true],
        ['c', 0, true],
      ],
      100,
    ],
    [
      'at its share it waits',
      [
        ['me', 600, true],
        ['a', 0, true],
        ['b', 0, true],
        ['c', 0, true],
      ],
      0,
    ],
    [
      'until the others have left',
      [
        ['me', 600, true],
        ['a', 100, false],
        ['b', 0, false],
        ['c', 0, true],
      ],
      400,
    ],
    [
      'somebody new among three has as much',
      [
        ['a', 400, true],
        ['b', 0, true],
        ['c', 0, true],
      ],
      500,
    ],
  ] as const)('%s', (_, shares, room) => {
    expect(
      clusterRoom(
        1_000,
        shares.map(([cluster, executions, live]) => ({ cluster, executions, live })),
        'me',
      ),
    ).toBe(room);
  });

  test('whatever the numbers, the clusters together can finish the job', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e6 }), fc.integer({ min: 1, max: 1e4 }), (tasks, clusters) => {
        expect(clusterCap(tasks, clusters) * clusters).toBeGreaterThanOrEqual(tasks);
        expect(clusterCap(tasks, clusters)).toBeGreaterThanOrEqual(CLUSTER_JOB_LEAST);
      }),
    );
  });
});

import { ClusterShares } from './cluster-shares.query.js';
import type { ClusterSharesStore, JobShares } from './cluster-shares.store.js';

const cluster = (name: string, executions: number) => ({ cluster: name, executions, live: true, leases: [`lease of ${name}`] });

function shares(answer: JobShares): { of: ClusterShares; asked: () => number } {
  let asked = 0;
  const store = {
    of: () => {
      asked += 1;
      return Promise.resolve(answer);
    },
  } as unknown as ClusterSharesStore;
  return { of: new ClusterShares(store), asked: () => asked };
}

const four = ['a', 'b', 'c', 'd'].map((name) => cluster(name, name === 'a' ? 450 : 0));

test('where nothing is checked a lease may have all of the job, and that is asked once', async () => {
  const { of, asked } = shares({ level: 'L0', tasks: 1_000, clusters: four });
  for (const at_ms of [0, 5_000]) expect(await of.room('job', 'lease of a', at_ms)).toBe(Number.POSITIVE_INFINITY);
  expect(asked()).toBe(1);
});

test('where results are checked its cluster has what is left of its share, less what it was given since, and that is asked again after a second', async () => {
  const { of, asked } = shares({ level: 'L1', tasks: 1_000, clusters: four });
  expect(await of.room('job', 'lease of a', 0)).toBe(50);
  of.took('job', 'lease of a', 40);
  expect(await of.room('job', 'lease of a', 500)).toBe(10);
  expect(await of.room('job', 'lease of b', 500)).toBe(500);
  of.took('job', 'lease of a', 10);
  expect(asked()).toBe(1);
  await of.room('job', 'lease of b', 2_000);
  expect(asked()).toBe(2);
});

test('nobody is refused by an old count: a job that has grown meanwhile has room at once', async () => {
  const answer = { level: 'L1' as const, tasks: 20, clusters: [cluster('a', 19)] };
  const { of, asked } = shares(answer);
  expect(await of.room('job', 'lease of a', 0)).toBe(1);
  of.took('job', 'lease of a', 1);
  Object.assign(answer, { tasks: 21, clusters: [cluster('a', 20)] });
  expect(await of.room('job', 'lease of a', 50)).toBe(1);
  of.took('job', 'lease of a', 1);
  Object.assign(answer, { clusters: [cluster('a', 21)] });
  expect(await of.room('job', 'lease of a', 60)).toBe(0);
  expect(asked()).toBe(3);
});

test('a lease that is not known yet is looked up at once', async () => {
  const { of, asked } = shares({ level: 'L1', tasks: 1_000, clusters: four });
  await of.room('job', 'lease of a', 0);
  expect(await of.room('job', 'a new lease', 1)).toBe(Number.POSITIVE_INFINITY);
  expect(asked()).toBe(2);
});

test('what many leases ask at the same moment is asked once', async () => {
  const { of, asked } = shares({ level: 'L1', tasks: 1_000, clusters: four });
  expect(await Promise.all(['a', 'b', 'c'].map((name) => of.room('job', `lease of ${name}`, 0)))).toEqual([50, 500, 500]);
  expect(asked()).toBe(1);
});

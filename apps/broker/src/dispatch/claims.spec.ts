import { setImmediate as turn } from 'node:timers/promises';
import { Claims } from './claims.service.js';
import type { Claimed, ClaimedTask, DispatchStore } from './dispatch.store.js';

const task = (index: number): ClaimedTask => ({ index, epoch: 1, input: null, input_hash: null, input_bytes: 0 });

const QUEUED = 7;
const got = (index: number, queued = QUEUED): Claimed => ({ tasks: [task(index)], queued });

/** Answers when it is told to. */
class SlowStore {
  readonly calls: string[][] = [];
  private readonly open: (() => void)[] = [];
  nothing_for = '';
  spared = 0;
  queued = QUEUED;
  fails = false;

  claim(lease_id: string): Promise<Claimed> {
    return this.call([lease_id], () => got(1, this.queued));
  }
  claimForMany(_job: string, wants: readonly { lease_id: string }[]): ReturnType<DispatchStore['claimForMany']> {
    const ids = wants.map(({ lease_id }) => lease_id);
    const { spared, queued } = this;
    return this.call(ids, () => ({
      claimed: new Map(ids.filter((id) => id !== this.nothing_for).map((id) => [id, [task(2)]])),
      queued,
      spared,
    }));
  }
  private call<T>(ids: string[], answer: () => T): Promise<T> {
    this.calls.push(ids);
    return new Promise((resolve, reject) => this.open.push(() => (this.fails ? reject(new Error('gone')) : resolve(answer()))));
  }
  async answer(): Promise<void> {
    await turn();
    for (const go of this.open.splice(0)) go();
    await turn();
  }
}

const setUp = () => {
  const store = new SlowStore();
  return { store, claims: new Claims(store as unknown as DispatchStore) };
};

test('what asks in one turn, or while a claim of its job is under way, goes together', async () => {
  const { store, claims } = setUp();
  const all = ['a', 'b'].map((lease) => claims.claim(lease, 'job', 2));
  await turn();
  all.push(...['c', 'd', 'e'].map((lease) => claims.claim(lease, 'job', 2)));
  const other = claims.claim('z', 'another job', 2);
  await store.answer();
  await store.answer();
  expect(store.calls).toEqual([['a', 'b'], ['z'], ['c', 'd', 'e']]);
  expect(await Promise.all(all)).toEqual(Array.from({ length: 5 }, () => got(2)));
  expect(await other).toEqual(got(1));
});

test('one alone is not kept waiting for company, and asks as it always did', async () => {
  const { store, claims } = setUp();
  const lone = claims.claim('a', 'job', 2);
  await store.answer();
  expect(await lone).toEqual(got(1));
});

test('who got nothing among others asks once more alone where a task was spared a node, and only there', async () => {
  const { store, claims } = setUp();
  store.nothing_for = 'b';
  const both = () => Promise.all(['a', 'b'].map((lease) => claims.claim(lease, 'job', 2)));
  const empty = both();
  await store.answer();
  expect(await empty).toEqual([got(2), { tasks: [], queued: QUEUED }]);
  store.spared = 1;
  const again = both();
  await store.answer();
  await store.answer();
  expect(await again).toEqual([got(2), got(1)]);
  expect(store.calls).toEqual([['a', 'b'], ['a', 'b'], ['b']]);
});

test('a claim that fails fails for all who asked, and the next is tried', async () => {
  const { store, claims } = setUp();
  store.fails = true;
  const failed = Promise.allSettled(['a', 'b'].map((lease) => claims.claim(lease, 'job', 2)));
  await store.answer();
  expect((await failed).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  store.fails = false;
  const again = claims.claim('a', 'job', 2);
  await store.answer();
  expect(await again).toEqual(got(1));
});

test('one statement serves so many leases and tasks, and no more', async () => {
  const { store, claims } = setUp();
  const all = Array.from({ length: 300 }, (_, i) => claims.claim(`few ${i}`, 'job', 1));
  all.push(...Array.from({ length: 6 }, (_, i) => claims.claim(`many ${i}`, 'job', 512)));
  for (let i = 0; i < 6; i++) await store.answer();
  await Promise.all(all);
  expect(store.calls.map((ids) => ids.length)).toEqual([256, 47, 3]);
});

const NOTHING: Claimed = { tasks: [], queued: 0 };

test('a job that a claim has emptied is not asked again until there is news of it, or half a second later', async () => {
  jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask'] });
  const { store, claims } = setUp();
  store.queued = 0;
  const ask = async () => {
    const asked = claims.claim('a', 'job', 2);
    await store.answer();
    return asked;
  };
  expect(await ask()).toEqual(got(1, 0));
  expect(await claims.claim('b', 'job', 2)).toEqual(NOTHING);
  claims.workQueued('job');
  expect(await ask()).toEqual(got(1, 0));
  expect(await claims.claim('b', 'job', 2)).toEqual(NOTHING);
  jest.advanceTimersByTime(501);
  expect(await ask()).toEqual(got(1, 0));
  expect(store.calls).toHaveLength(3);
  jest.useRealTimers();
});

test('news that comes while a claim is under way is not overheard', async () => {
  const { store, claims } = setUp();
  store.queued = 0;
  const first = claims.claim('a', 'job', 2);
  await turn();
  claims.workQueued('job');
  await store.answer();
  expect(await first).toEqual(got(1, 0));
  const second = claims.claim('b', 'job', 2);
  await store.answer();
  expect(await second).toEqual(got(1, 0));
});

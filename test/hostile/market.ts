import { startBroker, type TestBroker, type TestPerson } from '../support/broker.js';
import { FakeNode, type FakeSession, resultOf, type WireTask } from '../support/fake-node.js';
import { echoModule, heapTask, placed } from '../support/orders.js';

/** A broker with one developer, one owner and one device of theirs that behaves as a test says. */
export interface HostileMarket {
  broker: TestBroker;
  developer: TestPerson;
  owner: TestPerson;
  module_hash: string;
  node: FakeNode;
  /** Places a job, of one task if nothing else is said, and waits for the node's first delivery of it. */
  leased: (session: FakeSession, terms?: Record<string, unknown>) => Promise<{ job_id: string; task: WireTask; tasks: WireTask[] }>;
  /** The job waits on, nothing of it was paid, and the books are right. */
  unpaid: (job_id: string) => Promise<void>;
  /** The node comes back with nothing and does the task as it should: it was not lost, and it is paid once. */
  recovers: (job_id: string) => Promise<void>;
  /** Whatever a failed test has left. */
  reset: () => Promise<void>;
  close: () => Promise<void>;
}

export async function hostileMarket(env: Record<string, string> = {}): Promise<HostileMarket> {
  const broker = await startBroker(env);
  const developer = await broker.person({ name: 'Dev' });
  const owner = await broker.person({ name: 'Owner', funds_micro: 0n });
  const module_hash = await echoModule(broker, developer);
  const node = await FakeNode.enrol(broker, owner);
  const job = async (job_id: string) => (await developer.call('GET', `/v1/jobs/${job_id}`)).body;

  const unpaid = async (job_id: string) => {
    expect(await job(job_id)).toMatchObject({ charged_micro: '0', finished_at: null });
    expect(await broker.broken()).toEqual([]);
  };
  return {
    broker,
    developer,
    owner,
    module_hash,
    node,
    leased: async (session, terms = {}) => {
      const { id: job_id } = await placed(developer, module_hash, terms);
      const tasks = await session.tasks();
      const [task] = tasks;
      if (!task) throw new Error('an empty delivery');
      return { job_id, task, tasks };
    },
    unpaid,
    recovers: async (job_id) => {
      const session = await node.online();
      const [task] = await session.tasks();
      if (!task) throw new Error('an empty delivery');
      expect(task.lease.job_id).toBe(job_id);
      session.results(task, resultOf(task, task.input ?? ''));
      expect((await session.next('results.ack')).accepted).toEqual([[task.index, task.epoch]]);
      const { state, charged_micro } = await job(job_id);
      expect(state).toBe('DONE');
      expect(charged_micro).toBe(task.lease.price_micro);
      const { attempts } = await heapTask(developer, job_id, task.index);
      expect(attempts.filter((a: { outcome: string }) => a.outcome === 'accepted')).toHaveLength(1);
      expect(await broker.broken()).toEqual([]);
      session.send('bye', { code: 'test_over' });
      await session.closed;
    },
    reset: async () => {
      const { jobs } = (await developer.call('GET', '/v1/jobs')).body;
      for (const { id, finished_at } of jobs) if (finished_at === null) await developer.heap.job(id).cancel();
    },
    close: () => broker.close(),
  };
}

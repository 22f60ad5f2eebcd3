import { randomUUID } from 'node:crypto';
import { startBroker, startProcess, type TestBroker, type TestPerson } from '../support/broker.js';
import { FakeNode, resultOf } from '../support/fake-node.js';
import { echoModule, inline, placed } from '../support/orders.js';

export interface Books {
  developer: TestPerson;
  owner: TestPerson;
  module_hash: string;
  /** Done and paid for. */
  done_job: string;
  /** Holds its budget and runs nowhere. */
  held_job: string;
}

/** Books with a bit of everything: deposits, a job that was paid for and resolved, and one that holds money. */
export async function books(broker: TestBroker): Promise<Books> {
  const developer = await broker.person({ name: 'Dev' });
  const owner = await broker.person({ name: 'Owner', funds_micro: 0n });
  const module_hash = await echoModule(broker, developer);
  const node = await FakeNode.enrol(broker, owner);
  const session = await node.online({ script: (task) => resultOf(task, task.input ?? '') });
  const { id: done_job } = await placed(developer, module_hash, { inputs: ['one', 'two', 'three'].map(inline) });
  for await (const _ of developer.heap.job(done_job).results());
  session.send('bye', { code: 'books_are_full' });
  await session.closed;
  const { id: held_job } = await placed(developer, module_hash, { name: randomUUID() });
  return { developer, owner, module_hash, done_job, held_job };
}

/**
 * A broker with books in which nothing moves by itself any more: the market and the gateway that filled them are closed. A sweep between two
 * of the statements that put the rows back would leave them broken. Earnings stay pending, so that every kind of account has something in it.
 */
export async function quietBooks(): Promise<{ broker: TestBroker; ledger: Books }> {
  const broker = await startBroker({ HEAP_HOLDBACK_SECONDS: '86400', HEAP_ROLES: 'api' });
  const busy = await startProcess(broker, {
    HEAP_HOLDBACK_SECONDS: '86400',
    HEAP_ROLES: 'api,gateway,market',
    HEAP_ROUND_INTERVAL_MS: '20',
    HEAP_DRAIN_MS: '0',
  });
  try {
    return { broker, ledger: await books({ ...broker, app: busy.app, url: busy.url }) };
  } catch (error) {
    await broker.close();
    throw error;
  } finally {
    await busy.close();
  }
}

import { randomUUID } from 'node:crypto';
import type { TestBroker, TestPerson } from '../support/broker.js';
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

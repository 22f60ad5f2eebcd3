import { MoneyService } from '../../apps/broker/src/money/money.service.js';
import { Transactions } from '../../apps/broker/src/platform/database/transactions.js';
import type { TestBroker, TestPerson } from '../support/broker.js';
import { FakeNode, resultOf } from '../support/fake-node.js';
import { echoModule, inline, placed } from '../support/orders.js';
import { earn as captured, type Earning } from './earn.js';

/** `developer` pays `gross` for work of `owner`, which then is in its holdback. */
export const earn = (broker: TestBroker, owner: TestPerson, developer: TestPerson, gross: bigint): Promise<Earning> =>
  captured(broker, { owner, developer }, gross);

export const release = (broker: TestBroker): Promise<number> =>
  broker.app.get(Transactions).run((tx) => broker.app.get(MoneyService).releaseDue(tx, 500));

/** The natural balance of a person's account. */
export async function balanceOf(broker: TestBroker, code: number, person: TestPerson): Promise<bigint> {
  const [row] = await broker.sql<{ balance: bigint }>('SELECT balance FROM ledger_account WHERE code = $1 AND person_id = $2', [
    code,
    person.person_id,
  ]);
  return code >= 2000 && code < 5000 ? -(row?.balance ?? 0n) : (row?.balance ?? 0n);
}

/** A job of `tasks` tasks that the owner's device did, each charged `price_micro`: in holdback, as any work is. */
export async function work(
  broker: TestBroker,
  developer: TestPerson,
  owner: TestPerson,
  { tasks = 3, price_micro = 1_000_000n } = {},
): Promise<{ job_id: string; node_id: string }> {
  const node = await FakeNode.enrol(broker, owner);
  const session = await node.online({ price_micro, script: (task) => resultOf(task, task.input ?? '') });
  const { id } = await placed(developer, await echoModule(broker, developer), {
    inputs: Array.from({ length: tasks }, (_, i) => inline(`input ${i}`)),
    max_price_micro: String(price_micro),
    budget_micro: String(price_micro * BigInt(2 * tasks)),
    constraints: { nodes: [node.node_id] },
  });
  for await (const _ of developer.heap.job(id).results());
  session.send('bye', { code: 'work_is_done' });
  await session.closed;
  return { job_id: id, node_id: node.node_id };
}

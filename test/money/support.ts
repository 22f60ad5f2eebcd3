import { randomUUID } from 'node:crypto';
import { MoneyService } from '../../apps/broker/src/money/money.service.js';
import { Transactions } from '../../apps/broker/src/platform/database/transactions.js';
import type { TestBroker, TestPerson } from '../support/broker.js';
import { FakeNode, resultOf } from '../support/fake-node.js';
import { echoModule, inline, placed } from '../support/orders.js';

/** `developer` pays `gross` for work of `owner`, which then is in its holdback. */
export async function earn(broker: TestBroker, owner: TestPerson, developer: TestPerson, gross: bigint): Promise<{ lease_id: string }> {
  const [job_id, lease_id] = [randomUUID(), randomUUID()];
  const money = broker.app.get(MoneyService);
  await broker.app.get(Transactions).run(async (tx) => {
    const hold_id = await money.takeHold(tx, { job_id, developer: developer.person_id, amount: gross });
    const people = { developer_id: developer.person_id, owner_id: owner.person_id };
    await money.capture(tx, [{ hold_id, job_id, lease_id, ...people, gross, charged_before: 0n, tasks: 1, fuel: 1n }]);
    await money.resolveHold(tx, job_id);
  });
  return { lease_id };
}

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

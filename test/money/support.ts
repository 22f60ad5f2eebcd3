import { randomUUID } from 'node:crypto';
import { MoneyService } from '../../apps/broker/src/money/money.service.js';
import { Transactions } from '../../apps/broker/src/platform/database/transactions.js';
import type { TestBroker, TestPerson } from '../support/broker.js';

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

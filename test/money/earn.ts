import { randomUUID } from 'node:crypto';
import { MoneyService } from '../../apps/broker/src/money/money.service.js';
import { Transactions } from '../../apps/broker/src/platform/database/transactions.js';
import type { TestBroker, TestPerson } from '../support/broker.js';

export interface Earning {
  job_id: string;
  lease_id: string;
}

/** `developer` holds `budget` and pays `gross` of it for work of `owner`, under a lease that is there or one nobody knows. */
export async function earn(
  broker: TestBroker,
  { owner, developer, lease_id = randomUUID() }: { owner: TestPerson; developer: TestPerson; lease_id?: string },
  gross: bigint,
  budget = gross,
): Promise<Earning> {
  const job_id = randomUUID();
  const money = broker.app.get(MoneyService);
  await broker.app.get(Transactions).run(async (tx) => {
    const hold_id = await money.takeHold(tx, { job_id, developer: developer.person_id, amount: budget });
    const people = { developer_id: developer.person_id, owner_id: owner.person_id };
    if (gross > 0n) await money.capture(tx, [{ hold_id, job_id, lease_id, ...people, gross, charged_before: 0n, tasks: 1, fuel: 1n }]);
    await money.resolveHold(tx, job_id);
  });
  return { job_id, lease_id };
}

/** Ends every holdback. */
export async function releaseAll(broker: TestBroker): Promise<void> {
  await broker.sql(`UPDATE capture SET release_at = now() WHERE state = 'CAPTURED'`);
  await broker.app.get(Transactions).run((tx) => broker.app.get(MoneyService).releaseDue(tx, 500));
}

/** Natural balances of a person, by code; none that is 0. */
export async function balancesOf(broker: TestBroker, { person_id }: { person_id: string }): Promise<Record<string, bigint>> {
  const rows = await broker.sql<{ code: number; balance: bigint }>(
    'SELECT code, balance FROM ledger_account WHERE person_id = $1 AND balance <> 0 ORDER BY code',
    [person_id],
  );
  return Object.fromEntries(rows.map(({ code, balance }) => [String(code), code < 2000 ? balance : -balance]));
}

/** The whole of a job's charge goes back: an objection that was decided for the developer. */
export async function giveBack(broker: TestBroker, job_id: string): Promise<void> {
  const { DisputedMoney } = await import('../../apps/broker/src/money/disputed.service.js');
  const money = broker.app.get(DisputedMoney);
  const objection_id = randomUUID();
  await broker.app.get(Transactions).run(async (tx) => {
    await tx.query(
      `INSERT INTO objection (id, job_id, tasks, person_id, complaint, amount, state, outcome, refund, decision_code, decision, decided_as,
         decided_at, idempotency_key, request_hash, decide_by)
       SELECT $1, $2, '{}', person_id, 'All of it is wrong.', 1, 'DECIDED', 'developer', 1, 'wrong', 'It is.', 'term', now(), $3, '', now()
       FROM hold WHERE job_id = $2::uuid`,
      [objection_id, job_id, job_id],
    );
    for (const { id, owner_id, amount } of await money.dispute(tx, { job_id, lease_id: null, tasks: [] }))
      await tx.query('INSERT INTO objection_capture (objection_id, capture_id, owner_id, amount, refund) VALUES ($1, $2, $3, $4, $4)', [
        objection_id,
        id,
        owner_id,
        amount,
      ]);
    await money.settleDecided(tx, 100);
  });
}

import { Injectable } from '@nestjs/common';
import type { Transaction } from '../platform/database/transactions.js';
import { type MaybeCheck, type Ordered, VerificationCommands } from '../verification/verification.commands.js';
import { fuelBilled, type SettledTask } from './group-commit.js';
import { attemptOf, type Judged } from './judged.js';
import type { NewAttempt } from './results.store.js';

/** What checks made of reported executions. */
export interface Checked {
  taken: readonly Judged[];
  /** Replicas: their developer pays them as work. */
  replicas: SettledTask[];
  /** Checks: the heap pays them, and they cost the job nothing. */
  attempts: Omit<NewAttempt, 'charge_micro' | 'place'>[];
}

/** Hands results to verification: those that check others, and those that may have to be checked. */
@Injectable()
export class ResultChecks {
  constructor(private readonly verification: VerificationCommands) {}

  /** Of results that no task waits for, those of checks. */
  async take(tx: Transaction, left: readonly Judged[], ordered: Ordered): Promise<Checked> {
    const asked = new Map<MaybeCheck, Judged>();
    for (const item of left) {
      const { lease, judgement, result } = item;
      if (!lease || !judgement) continue;
      const { job_id, id: lease_id, node_id, owner_id, price_micro } = lease;
      const { index, epoch, verdict, exit_code, output_hash } = result;
      const claim = judgement.kind === 'settles' ? { verdict, exit_code, output_hash, fuel_used: judgement.fuel_used } : null;
      asked.set({ job_id, lease_id, index, epoch, node_id, owner_id, price_micro, claim }, item);
    }
    const checked: Checked = { taken: [], replicas: [], attempts: [] };
    if (asked.size === 0) return checked;
    const reported = await this.verification.reported(tx, [...asked.keys()], ordered);
    checked.taken = [...reported.keys()].flatMap((report) => asked.get(report) ?? []);
    for (const [report, { awaited, counted }] of reported) {
      const item = asked.get(report);
      if (!item?.lease || !item.judgement) continue;
      const settles = counted && item.judgement.kind === 'settles';
      const attempt = attemptOf(item, item.lease, item.judgement, settles ? 'checked' : 'retried');
      const fuel_billed = counted && item.judgement.kind === 'settles' ? fuelBilled(item.judgement.fuel_used) : undefined;
      if (awaited) checked.replicas.push({ lease: item.lease, state: 'LEASED', fuel_billed, attempt });
      else checked.attempts.push(attempt);
    }
    return checked;
  }

  /** Decides which of the accepted results are checked, and writes into each the how many'th of its node it is. */
  async order(tx: Transaction, settled: readonly SettledTask[], ordered: Ordered): Promise<void> {
    const results = settled.flatMap(({ lease, attempt, fuel_billed }) =>
      attempt.outcome === 'accepted' && fuel_billed !== undefined
        ? [{ ...attempt, owner_id: lease.owner_id, level: lease.level, attempt }]
        : [],
    );
    if (results.length === 0) return;
    const to_verify = settled.flatMap(({ lease, attempt, fuel_billed }) =>
      lease.own_verifier && attempt.outcome === 'accepted' && fuel_billed !== undefined ? [{ ...attempt, owner_id: lease.owner_id }] : [],
    );
    await this.verification.verify(tx, to_verify, ordered);
    for (const [result, nth] of await this.verification.accepted(tx, results, ordered))
      (result as (typeof results)[number]).attempt.nth = nth;
  }
}

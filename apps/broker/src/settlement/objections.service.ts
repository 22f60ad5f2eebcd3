import { createHash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { allot } from '#ledger';
import { waiting } from '#lifecycle';
import type { ObjectionView } from '#protocol';
import type { Micro } from '#units';
import { DisputedMoney } from '../money/disputed.service.js';
import type { Scope } from '../money/disputed.store.js';
import { EventBus } from '../platform/bus/event-bus.js';
import { CONFIG, type Config } from '../platform/config/config.js';
import { type Transaction, Transactions } from '../platform/database/transactions.js';
import { newId } from '../platform/ids.js';
import { nothingOrdered, VerificationCommands } from '../verification/verification.commands.js';
import { ObjectionsRerun, ResultsRefuted } from '../verification/verification.events.js';
import {
  decidedOtherwise,
  jobNotFound,
  keyUsed,
  nothingHeld,
  objectedBefore,
  objectionNotFound,
  splitOutOfRange,
} from './objections.errors.js';
import {
  type DecidedAs,
  type Decision,
  type ObjectionRow,
  ObjectionsStore,
  type Outcome,
  type Page,
  type SeenObjection,
} from './objections.store.js';

const BATCH = 500;

/** A decision as somebody makes it. */
export interface Verdict {
  readonly objection_id: string;
  readonly outcome: Outcome;
  /** How much goes back; of a split only. */
  readonly refund?: Micro;
  readonly as: DecidedAs;
  /** The admin. */
  readonly by: string | null;
  readonly code: string;
  readonly sentence: string;
}

/** Developers object to work that is charged and held; somebody decides for one side or both, with a reason, once. */
@Injectable()
export class ObjectionsService {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly transactions: Transactions,
    private readonly store: ObjectionsStore,
    private readonly money: DisputedMoney,
    private readonly verification: VerificationCommands,
    bus: EventBus,
  ) {
    bus.subscribe(ObjectionsRerun, async ({ job_ids }) => void (await this.look(job_ids)));
    bus.subscribe(ResultsRefuted, async ({ job_ids }) => void (await this.look(job_ids)));
  }

  /** @throws HeapError `not_found`, `objection.nothing_held.conflict`, `objection.again.conflict`, `idempotency_mismatch`, and as `VerificationCommands.rerunFor`. */
  async raise(person_id: string, idempotency_key: string, scope: Scope, complaint: string): Promise<ObjectionView> {
    const tasks = [...new Set(scope.tasks)].sort((a, b) => a - b);
    const asked = { ...scope, tasks };
    const request_hash = createHash('sha256')
      .update(JSON.stringify([asked.job_id, asked.lease_id, tasks, complaint]))
      .digest('hex');
    const ordered = nothingOrdered();
    const id = await this.transactions.run(async (tx) => {
      if ((await this.money.lockJob(tx, asked.job_id)) !== person_id) throw jobNotFound();
      // Behind the lock: of many requests with one key the first is found by the others.
      const known = await this.store.findByKey(tx, person_id, idempotency_key);
      if (known && known.request_hash !== request_hash) throw keyUsed();
      if (known) return known.id;
      const named = await this.store.named(tx, asked.job_id, tasks);
      if (named !== null) throw objectedBefore(named);
      const captures = await this.money.dispute(tx, asked);
      if (captures.length === 0) throw nothingHeld();
      const amount = captures.reduce((sum, capture) => sum + capture.amount, 0n);
      const row = { id: newId(), ...asked, person_id, complaint, amount, request_hash, idempotency_key };
      await this.store.insert(tx, row, captures, this.config.objection_days);
      await this.verification.rerunFor(tx, asked, ordered);
      return row.id;
    });
    this.verification.announce(ordered);
    return this.view(id, 'buyer');
  }

  async list(person_id: string, page: Page): Promise<ObjectionView[]> {
    return (await this.store.seenBy(person_id, page)).map(viewOf);
  }

  async listAll(page: Page): Promise<ObjectionView[]> {
    return (await this.store.all(page)).map(viewOf);
  }

  /** The same decision again changes nothing. @throws HeapError `not_found`, `invalid_input`, `objection.decided.conflict`. */
  async decide(verdict: Verdict): Promise<ObjectionView> {
    await this.transactions.run((tx) => this.decideIn(tx, verdict));
    await this.settle();
    return this.view(verdict.objection_id, 'admin');
  }

  /** Ends what is decided and need not wait any longer. @returns how many captures. */
  async settle(): Promise<number> {
    for (let total = 0; ; ) {
      const ended = await this.transactions.run((tx) => this.money.settleDecided(tx, BATCH));
      total += ended;
      if (ended < BATCH) return total;
    }
  }

  /**
   * What nobody decided in time is the owner's: the work passed every check that this heap has, and an objection costs nothing, so that
   * silence must not pay (docs/adr/0018).
   */
  async decideOverdue(): Promise<number> {
    const due = await this.store.overdue(BATCH);
    for (const objection_id of due)
      await this.transactions.run(async (tx) => {
        const row = await this.store.lock(tx, objection_id);
        if (row?.state === 'OPEN') await this.decideIn(tx, { objection_id, ...TERM_OVER });
      });
    return due.length;
  }

  /** What the heap's own runs have decided meanwhile, in all jobs that are objected to: events are hints. @returns how many objections. */
  async decideRerun(): Promise<number> {
    return this.look(await this.store.openJobs(BATCH));
  }

  private async look(job_ids: readonly string[]): Promise<number> {
    let decided = 0;
    for (const job_id of job_ids)
      decided += await this.transactions.run(async (tx) => {
        await this.money.lockJob(tx, job_id);
        await this.closeOvertaken(tx, job_id, { as: 'reference', by: null, ...OVERTAKEN });
        const open = await this.store.openOf(tx, job_id);
        let count = 0;
        for (const row of open) count += (await this.decideByRuns(tx, row)) ? 1 : 0;
        return count;
      });
    if (decided > 0) await this.settle();
    return decided;
  }

  /** By the heap's own runs, once all of them are made: what they proved wrong went back with the proof. */
  private async decideByRuns(tx: Transaction, row: ObjectionRow): Promise<boolean> {
    const { ordered, waiting: out, agreed, differed } = await this.verification.rerunsOf(tx, row);
    // A run that could not be made leaves the decision to people.
    if (ordered === 0 || out > 0 || agreed + differed < ordered) return false;
    const by = { objection_id: row.id, as: 'reference', by: null } as const;
    if (differed === 0) await this.decideIn(tx, { ...by, outcome: 'owner', code: 'reference_agrees', sentence: agreedSentence(agreed) });
    else {
      const back = await this.store.corrected(tx, row.id);
      const sentence = `The heap ran the work again: ${differed} of ${ordered} results were wrong, and what they cost went back.`;
      const verdict = back >= row.amount ? { outcome: 'developer' as const } : { outcome: 'split' as const, refund: back };
      if (back === 0n) return false;
      await this.decideIn(tx, { ...by, ...verdict, code: 'reference_disagrees', sentence });
    }
    return true;
  }

  /** After a correction: what it took back needs no decision any more. */
  async closeOvertaken(tx: Transaction, job_id: string, verdict: Omit<Verdict, 'objection_id' | 'outcome'>): Promise<void> {
    for (const objection_id of await this.store.overtaken(tx, job_id))
      await this.decideIn(tx, { ...verdict, objection_id, outcome: 'developer' });
  }

  private async decideIn(tx: Transaction, verdict: Verdict): Promise<void> {
    const row = await this.store.lock(tx, verdict.objection_id);
    if (!row) throw objectionNotFound();
    const parts = await this.store.captures(tx, row.id);
    const refunds = refundsOf(row, parts, verdict);
    const refund = refunds.reduce((sum, part) => sum + part, 0n);
    const decision: Decision = {
      outcome: verdict.outcome,
      refund,
      decided_as: verdict.as,
      decided_by: verdict.by,
      code: verdict.code,
      sentence: verdict.sentence,
    };
    if (row.state === 'DECIDED') {
      if (row.outcome === decision.outcome && row.refund === refund && row.decided_as === decision.decided_as) return;
      throw decidedOtherwise();
    }
    if (!(await this.store.decide(tx, row.id, decision))) throw decidedOtherwise();
    await this.store.setRefunds(
      tx,
      row.id,
      parts.map(({ capture_id }, i) => ({ capture_id, refund: refunds[i] ?? 0n })),
    );
  }

  private async view(id: string, seen_as: SeenObjection['seen_as']): Promise<ObjectionView> {
    const row = await this.store.byId(id);
    if (!row) throw objectionNotFound();
    return viewOf({ ...row, seen_as });
  }
}

const OVERTAKEN = {
  code: 'proven_wrong',
  sentence: 'The heap ran the work again and came to another result: what it cost went back.',
} as const;

const agreedSentence = (results: number): string =>
  results === 1
    ? 'The heap ran the task again and came to the same result.'
    : `The heap ran ${results} tasks again and came to the same results.`;

const TERM_OVER = {
  outcome: 'owner',
  as: 'term',
  by: null,
  code: 'undecided',
  sentence:
    'Nobody decided within the term, and the heap did not run this work again: it passed all checks that its level has, so it counts as accepted.',
} as const satisfies Omit<Verdict, 'objection_id'>;

/** How much of each part goes back; the sum is exact to the micro-unit. @throws HeapError `invalid_input`. */
function refundsOf(row: ObjectionRow, parts: readonly { amount: Micro }[], { outcome, refund = 0n }: Verdict): Micro[] {
  if (outcome === 'owner') return parts.map(() => 0n);
  if (outcome === 'developer') return parts.map(({ amount }) => amount);
  if (refund <= 0n || refund >= row.amount) throw splitOutOfRange();
  return allot(
    refund,
    parts.map(({ amount }) => amount),
  );
}

const reasonOf = (row: ObjectionRow): ObjectionView['reason'] =>
  row.state === 'OPEN'
    ? waiting('in_dispute', { remaining_ms: row.remaining_ms })
    : { code: row.decision_code ?? 'decided', sentence: row.decision ?? '' };

const viewOf = (row: SeenObjection): ObjectionView => ({
  objection_id: row.id,
  job_id: row.job_id,
  lease_id: row.lease_id,
  tasks: row.tasks,
  as: row.seen_as,
  state: row.state,
  reason: reasonOf(row),
  complaint: row.complaint,
  amount_micro: String(row.amount),
  refund_micro: row.refund === null ? null : String(row.refund),
  outcome: row.outcome,
  decided_as: row.decided_as,
  decision: row.decision,
  created_at: row.created_at.toISOString(),
  decide_by: row.decide_by.toISOString(),
  decided_at: row.decided_at?.toISOString() ?? null,
});

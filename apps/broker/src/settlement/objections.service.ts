import { createHash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { allot } from '#ledger';
import { waiting } from '#lifecycle';
import type { ObjectionView } from '#protocol';
import type { Micro } from '#units';
import { DisputedMoney } from '../money/disputed.service.js';
import type { Scope } from '../money/disputed.store.js';
import { CONFIG, type Config } from '../platform/config/config.js';
import { type Transaction, Transactions } from '../platform/database/transactions.js';
import { newId } from '../platform/ids.js';
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
  ) {}

  /** @throws HeapError `not_found`, `objection.nothing_held.conflict`, `objection.again.conflict`, `idempotency_mismatch`. */
  async raise(person_id: string, idempotency_key: string, scope: Scope, complaint: string): Promise<ObjectionView> {
    const tasks = [...new Set(scope.tasks)].sort((a, b) => a - b);
    const asked = { ...scope, tasks };
    const request_hash = createHash('sha256')
      .update(JSON.stringify([asked.job_id, asked.lease_id, tasks, complaint]))
      .digest('hex');
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
      return row.id;
    });
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

const TERM_OVER = {
  outcome: 'owner',
  as: 'term',
  by: null,
  code: 'no_reference_runner',
  sentence:
    'Nobody decided within the term, and this heap has no reference runner that could run the work again: it passed all checks that there are, so it counts as accepted.',
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

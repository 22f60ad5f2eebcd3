import { Injectable } from '@nestjs/common';
import { type Corrected, DisputedMoney } from '../money/disputed.service.js';
import { Transactions } from '../platform/database/transactions.js';
import { ObjectionsService } from './objections.service.js';

export interface ProvenWrong {
  readonly job_id: string;
  readonly tasks: readonly number[];
  readonly reason: string;
  /** The admin who proved it; null for the heap's own checks. */
  readonly ordered_by: string | null;
}

/** Results that were proven wrong, whenever that is (money.md, failure table). */
@Injectable()
export class CorrectionsService {
  constructor(
    private readonly transactions: Transactions,
    private readonly money: DisputedMoney,
    private readonly objections: ObjectionsService,
  ) {}

  /** Each result is corrected once, however often it is told. */
  correct({ job_id, tasks, reason, ordered_by }: ProvenWrong): Promise<Corrected> {
    return this.transactions.run(async (tx) => {
      const corrected = await this.money.correct(tx, job_id, tasks, { reason, ordered_by });
      const as = ordered_by === null ? ('reference' as const) : ('admin' as const);
      await this.objections.closeOvertaken(tx, job_id, { as, by: ordered_by, code: 'proven_wrong', sentence: reason });
      return corrected;
    });
  }
}

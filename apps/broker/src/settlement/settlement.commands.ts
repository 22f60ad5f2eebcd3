import { Injectable } from '@nestjs/common';
import type { Micro } from '#units';
import { CorrectionsService } from './corrections.service.js';
import { ObjectionsService } from './objections.service.js';

/** For verification: what running the work again on a runner that can be trusted has shown. */
@Injectable()
export class SettlementCommands {
  constructor(
    private readonly objections: ObjectionsService,
    private readonly corrections: CorrectionsService,
  ) {}

  /** Decides an objection by the reference run. @throws HeapError `objection.decided.conflict`. */
  async decideByReference(run: {
    objection_id: string;
    outcome: 'owner' | 'developer' | 'split';
    refund?: Micro;
    code: string;
    sentence: string;
  }): Promise<void> {
    await this.objections.decide({ ...run, as: 'reference', by: null });
  }

  /** Takes back what results earned that were proven wrong, without anybody having objected. */
  async provenWrong(proof: { job_id: string; tasks: readonly number[]; reason: string }): Promise<void> {
    await this.corrections.correct({ ...proof, ordered_by: null });
  }
}

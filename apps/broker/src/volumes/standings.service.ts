import { Injectable } from '@nestjs/common';
import {
  type AuditOutcome,
  audited,
  corruptionScore,
  dayPassed,
  isVetted,
  newcomer,
  offlineScore,
  type StorageStanding,
  verdict,
} from '#placement';
import { type Transaction, Transactions } from '../platform/database/transactions.js';
import { VerificationCommands } from '../verification/verification.commands.js';
import { type Counts, type StandingRow, StandingsStore } from './standings.store.js';

/** Days away beyond this weigh no more. */
const DAYS_MAX = 60;
const BATCH = 200;

/** How far devices are trusted with pieces: what audits and days come to, by the rules of libs/placement. */
@Injectable()
export class Standings {
  constructor(
    private readonly transactions: Transactions,
    private readonly store: StandingsStore,
    private readonly verification: VerificationCommands,
  ) {}

  /**
   * Counts what an audit, or a piece that was asked for, came to. Wrong bytes are proof, and a penalty.
   * @param outcome null where nothing is said about it
   */
  async after(tx: Transaction, node_id: string, outcome: AuditOutcome, counts: Counts): Promise<void> {
    const row = await this.store.lock(tx, node_id);
    if (!row) return;
    const before = row.scores ?? newcomer();
    const after = audited(before, outcome, row.now_ms);
    await this.save(tx, row, after, counts, { refuted: outcome === 'corrupt', days: 0 });
    if (outcome !== 'corrupt') return;
    await this.verification.wrongBytes(tx, row, after.disqualified && !before.disqualified);
  }

  /** A turn of the clock: days that are over count, of devices that were there and of those that were not. */
  async look(): Promise<void> {
    for (const node_id of await this.store.dayOver(BATCH))
      await this.transactions.run(async (tx) => {
        const row = await this.store.lock(tx, node_id);
        if (!row || row.days < 1) return;
        let after = row.scores ?? newcomer();
        for (let day = 1; day <= Math.min(row.days, DAYS_MAX); day++)
          after = dayPassed(after, day === row.days && (row.seen || row.connected));
        await this.save(tx, row, after, { passed: 0, failed: 0, unanswered: 0 }, { refuted: false, days: row.days });
      });
  }

  private async save(
    tx: Transaction,
    row: StandingRow,
    scores: StorageStanding,
    counts: Counts,
    more: { refuted: boolean; days: number },
  ): Promise<void> {
    const after = {
      ...{
        scores,
        standing: verdict(scores).verdict,
        corruption: corruptionScore(scores),
        online: offlineScore(scores),
        vetted: isVetted(scores),
      },
      ...more,
    };
    await this.store.save(tx, row.node_id, after, counts);
  }
}

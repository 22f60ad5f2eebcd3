import { Inject, Injectable } from '@nestjs/common';
import type { ResponseOf, ROUTES } from '#protocol';
import { CONFIG, type Config } from '../platform/config/config.js';
import { SpendingStore, type SpentRow } from './spending.store.js';

export type SpendingView = ResponseOf<typeof ROUTES.spending>;

@Injectable()
export class SpendingService {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly store: SpendingStore,
  ) {}

  /** Days are inclusive; without them, the running month. */
  async of(person_id: string, asked: { from?: string | undefined; to?: string | undefined }): Promise<SpendingView> {
    const month = await this.store.thisMonth();
    const [from, to] = [asked.from ?? month.from, asked.to ?? month.to];
    const rows = await this.store.spent(person_id, this.config.currency, from, to);
    const total = rows.find(({ day, job_id }) => day === null && job_id === null);
    return {
      from,
      to,
      total: sumsOf(total),
      days: rows.flatMap((row) => (row.day === null ? [] : [{ day: row.day, ...sumsOf(row) }])),
      jobs: rows.flatMap((row) => (row.job_id === null ? [] : [{ job_id: row.job_id, name: row.name ?? '', ...sumsOf(row) }])),
    };
  }
}

const sumsOf = (row: SpentRow | undefined) => ({
  charged_micro: String(row?.charged ?? 0n),
  refunded_micro: String(row?.refunded ?? 0n),
  promo_micro: String(row?.promo ?? 0n),
});

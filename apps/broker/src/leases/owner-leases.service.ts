import { Injectable } from '@nestjs/common';
import { leaseEnded } from '#lifecycle';
import type { ResponseOf, ROUTES } from '#protocol';
import { buyerNotes } from './buyer-notes.js';
import { OwnerLeasesStore, type ReputationRow } from './owner-leases.store.js';

type LeaseView = ResponseOf<typeof ROUTES.listLeases>['leases'][number];

/** Who leases an owner's devices, and what is known of them. */
@Injectable()
export class OwnerLeasesService {
  constructor(private readonly store: OwnerLeasesStore) {}

  async list(owner_id: string, before: string | undefined, limit: number): Promise<LeaseView[]> {
    const rows = await this.store.list(owner_id, before, limit);
    const known = await this.store.reputations([...new Set(rows.map((row) => row.buyer_id))]);
    const buyers = new Map(known.map(({ buyer_id, ...reputation }) => [buyer_id, reputationView(reputation)]));
    return rows.flatMap(({ end_code, end_sentence, unconfirmed, tasks_charged, ...row }) => {
      const buyer = buyers.get(row.buyer_id);
      if (!buyer) return [];
      return {
        ...row,
        reason: end_code === null ? null : { code: end_code, sentence: end_sentence ?? '' },
        trouble: unconfirmed ? leaseEnded('cancel_unconfirmed') : null,
        price_micro: String(row.price_micro),
        tasks: tasks_charged,
        charged_micro: String(row.charged_micro),
        granted_at: row.granted_at.toISOString(),
        ended_at: row.ended_at?.toISOString() ?? null,
        buyer,
      };
    });
  }
}

const reputationView = (row: Omit<ReputationRow, 'buyer_id'>): LeaseView['buyer'] => ({
  ...row,
  notes: buyerNotes(row),
  paid_micro: String(row.paid_micro),
  buyer_since: row.buyer_since?.toISOString() ?? null,
});

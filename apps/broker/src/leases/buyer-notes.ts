import { type Reason, waiting } from '#lifecycle';
import type { ReputationRow } from './owner-leases.store.js';

/** What an owner should know of a buyer before going on with them; nothing of a buyer who gave no cause. */
export function buyerNotes(of: Omit<ReputationRow, 'buyer_id'>): Reason[] {
  const { disputes, disputes_lost, objections, objections_refused, jobs_cancelled_started: cancelled, refused_by_owners: owners } = of;
  return [
    ...(of.jobs_done === 0 ? [waiting('buyer_new')] : []),
    ...(disputes > 0 ? [waiting('buyer_took_payments_back', { disputes, lost: disputes_lost })] : []),
    ...(objections > 0 ? [waiting('buyer_objected', { objections, refused: objections_refused })] : []),
    ...(cancelled > 0 ? [waiting('buyer_cancelled_started', { jobs: cancelled })] : []),
    ...(owners > 0 ? [waiting('buyer_refused', { owners })] : []),
  ];
}

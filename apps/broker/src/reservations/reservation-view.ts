import type { ResponseOf, ROUTES } from '#protocol';
import { isStorage } from '#units';
import type { KeptLeaseRow, ReservationRow } from './reservations.store.js';

export type ReservationView = ResponseOf<typeof ROUTES.getReservation>;

export const keptLeaseView = (row: KeptLeaseRow): ReservationView['leases'][number] => ({
  id: row.id,
  reservation_id: row.reservation_id,
  market: row.market,
  node_id: row.node_id,
  quantity: row.quantity,
  price_micro: String(row.price_micro),
  state: row.state,
  reason: row.code === null ? null : { code: row.code, sentence: row.sentence ?? '' },
  granted_at: row.granted_at.toISOString(),
  expires_at: row.expires_at.toISOString(),
  ended_at: row.ended_at?.toISOString() ?? null,
  renewals: row.renewals,
  kept_ms: Number(row.kept_us / 1_000n),
  audited_byte_hours: String(row.audited_byte_hours),
  charged_micro: String(row.charged_micro),
});

/** A reservation with its leases. */
export function reservationView(row: ReservationRow, leases: readonly KeptLeaseRow[], fuel_per_hour: number): ReservationView {
  const { constraints, preferences, spread, min_quantity } = row.order_terms;
  const over = row.finished_at !== null;
  return {
    id: row.id,
    name: row.name,
    market: row.market,
    state: row.state,
    reason: { code: row.reason_code, sentence: row.reason_sentence },
    quantity: row.quantity,
    max_per_node: row.max_per_node,
    leased: leases.reduce((sum, lease) => sum + (lease.state === 'ENDED' ? 0 : lease.quantity), 0),
    max_price_micro: String(row.max_price_micro),
    hours: row.hours,
    budget_micro: String(row.budget_micro),
    charged_micro: String(row.charged_micro),
    held_micro: String(over ? 0n : row.budget_micro - row.charged_micro),
    order: {
      constraints,
      preferences,
      spread,
      min_quantity,
      deadline: row.deadline?.toISOString() ?? null,
      disconnect_wait_ms: row.disconnect_wait_ms,
      interruptible: row.interruptible,
      preemption_notice_ms: row.preemption_notice_ms,
    },
    fuel_allowance_per_hour: isStorage(row.market) ? null : fuel_per_hour,
    leases: leases.map(keptLeaseView),
    created_at: row.created_at.toISOString(),
    ends_at: row.ends_at?.toISOString() ?? null,
    finished_at: row.finished_at?.toISOString() ?? null,
  };
}

import { waiting } from '#lifecycle';
import type { ResponseOf, ROUTES } from '#protocol';
import { describeView } from '#sandbox';
import { joulesEstimate, type NodeKind, viewClassOf } from '#units';
import { runLimitsOf } from '../platform/run-limits.js';
import type { JobRow } from './orders.store.js';

export type JobView = ResponseOf<typeof ROUTES.getJob>;

/** Why a job is where it is. What the market last said of it stands while it waits; the rest is told by its counts. */
function reasonOf(row: JobRow): { code: string; sentence: string } {
  const stored = { code: row.reason_code, sentence: row.reason_sentence };
  if (row.finished_at) return stored;
  if (row.total === 0) return waiting('no_inputs');
  if (row.queued + row.leased === 0 && row.checking > 0) return waiting('in_check', { tasks: row.checking });
  if (row.leases > 0 && row.queued + row.leased > 0)
    return row.queued === 0 ? waiting('finishing', { tasks: row.leased }) : waiting('running', { leases: row.leases });
  return row.open && row.queued + row.leased === 0 ? waiting('open_for_inputs') : stored;
}

/** Work is told in milliseconds of a slot: fuel at a speed of one. */
const energyOf = ({ slot_ms_by_kind }: JobRow): number | null =>
  joulesEstimate(
    Object.entries(slot_ms_by_kind).map(([kind, slot_ms]) => ({ fuel: slot_ms, kind: kind as NodeKind, speed_fuel_per_ms: 1 })),
  );

export const jobView = (row: JobRow): JobView => ({
  id: row.id,
  name: row.name,
  state: row.state,
  reason: reasonOf(row),
  module_hash: row.module_hash,
  codec: row.codec,
  slot_class: row.slot_class,
  slots: row.slots,
  order: {
    ...row.order_terms,
    workload_class: row.workload_class,
    deadline: row.deadline?.toISOString() ?? null,
    disconnect_wait_ms: row.disconnect_wait_ms,
    on_disconnect: row.on_disconnect,
    interruptible: row.interruptible,
    priority: row.priority,
  },
  view: { ...row.view, args: row.args },
  view_class: viewClassOf(row.view),
  may: describeView(row.view, runLimitsOf(row)),
  max_price_micro: String(row.max_price_micro),
  budget_micro: String(row.budget_micro),
  charged_micro: String(row.charged_micro),
  held_micro: String(row.finished_at ? 0n : row.budget_micro - row.charged_micro),
  energy_joules_estimate: energyOf(row),
  open: row.open,
  tasks: { total: row.total, queued: row.queued, leased: row.leased, done: row.done, failed: row.failed, cancelled: row.cancelled },
  retry_of: row.retry_of,
  created_at: row.created_at.toISOString(),
  finished_at: row.finished_at?.toISOString() ?? null,
});

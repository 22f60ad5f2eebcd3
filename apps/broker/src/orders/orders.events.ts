import type { SlotClass } from '#units';
import { EventType } from '../platform/bus/event-bus.js';

/**
 * A job has queued tasks that it had not before: placed, or given more inputs. With `all_slots` it has every slot that it may have, so that there
 * is something to send and nothing to buy.
 */
export const WorkQueued = new EventType<{ job_id: string; developer_id: string; slot_class: SlotClass; all_slots?: boolean }>(
  'WorkQueued',
  {
    between_processes: true,
  },
);
/** What a developer wants to spend or to use changed, in these markets. */
export const LimitsChanged = new EventType<{ developer_id: string; slot_classes: readonly SlotClass[] }>('LimitsChanged', {
  between_processes: true,
});
/** A job is over, for whatever reason: its leases end. */
export const JobEnded = new EventType<{
  job_id: string;
  developer_id: string;
  reason: { code: 'job_done' | 'job_cancelled' | 'job_stopped' };
}>('JobEnded', {
  between_processes: true,
});

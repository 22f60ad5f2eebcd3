import type { SlotClass } from '#units';
import { EventType } from '../platform/bus/event-bus.js';

export const LeaseGranted = new EventType<{ lease_id: string; node_id: string; owner_id: string; job_id: string }>('LeaseGranted', {
  between_processes: true,
});

/** The node must stop and the market may sell the slot again. */
export const LeaseEnded = new EventType<{
  lease_id: string;
  node_id: string;
  owner_id: string;
  job_id: string;
  slot_class: SlotClass;
  epoch: number;
  reason: { code: string; sentence: string };
  /** Unfinished tasks that went back into the queue. */
  requeued: number;
}>('LeaseEnded', { between_processes: true });

/** A term ended: the lease goes on for another time (a term, or the notice of a firm one), or it takes no more tasks. */
export const LeaseTermOver = new EventType<{
  lease_id: string;
  node_id: string;
  state: 'ACTIVE' | 'DRAINING';
  remaining_ms: number;
}>('LeaseTermOver', { between_processes: true });

/** A task of a job is given up: each node that ran it went away. The job goes on, or is over. */
export const TaskSetAside = new EventType<{ job_id: string }>('TaskSetAside', { between_processes: true });

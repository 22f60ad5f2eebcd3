import type { SlotClass } from '#units';
import { EventType } from '../platform/bus/event-bus.js';

export const LeaseGranted = new EventType<{ lease_id: string; node_id: string; job_id: string }>('LeaseGranted');

/** The node must stop and the market may sell the slot again. */
export const LeaseEnded = new EventType<{
  lease_id: string;
  node_id: string;
  job_id: string;
  slot_class: SlotClass;
  epoch: number;
  reason: { code: string; sentence: string };
  /** Unfinished tasks that went back into the queue. */
  requeued: number;
}>('LeaseEnded');

/** A term ended: the lease was renewed in place, or it drains because a higher bid waits for the slot. */
export const LeaseTermOver = new EventType<{ lease_id: string; node_id: string; state: 'ACTIVE' | 'DRAINING' }>('LeaseTermOver');

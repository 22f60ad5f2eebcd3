import { EventType } from '../platform/bus/event-bus.js';

/** A payout of this person began, moved on, or waits for another reason. */
export const PayoutChanged = new EventType<{ person_id: string }>('PayoutChanged', { between_processes: true });

import { EventType } from '../platform/bus/event-bus.js';

/** Somebody's payment is disputed or their debt unpaid: nothing new may run on their money. Told again while it lasts. */
export const PayerBlocked = new EventType<{ person_id: string }>('PayerBlocked');

/** A deposit of this person was asked for, or moved on. */
export const DepositChanged = new EventType<{ person_id: string }>('DepositChanged', { between_processes: true });

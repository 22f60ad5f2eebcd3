import { EventType } from '../platform/bus/event-bus.js';

/** Somebody's payment is disputed or their debt unpaid: nothing new may run on their money. Told again while it lasts. */
export const PayerBlocked = new EventType<{ person_id: string }>('PayerBlocked');

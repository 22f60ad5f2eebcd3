import { EventType } from '../platform/bus/event-bus.js';

/** Journals of these people were posted: whatever shows their money has news. */
export const MoneyMoved = new EventType<{ person_ids: readonly string[] }>('MoneyMoved', { between_processes: true });

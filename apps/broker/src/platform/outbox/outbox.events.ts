import { EventType } from '../bus/event-bus.js';

/** A committed transaction left calls to make. */
export const OutboxFilled = new EventType<Record<string, never>>('OutboxFilled');

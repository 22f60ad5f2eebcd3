import { EventType } from '../bus/event-bus.js';

/** New events of the provider wait to be applied. */
export const EventsArrived = new EventType<Record<string, never>>('EventsArrived');

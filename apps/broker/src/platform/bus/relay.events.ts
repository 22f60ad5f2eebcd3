import { EventType } from './event-bus.js';

/** For a while this process heard nothing of what others published: what it keeps by events may be wrong. */
export const EventsMissed = new EventType<Record<string, never>>('EventsMissed');

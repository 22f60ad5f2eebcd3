import { EventType } from '../platform/bus/event-bus.js';

/** These people have notices that they had not, or have read some: their feed and its count are other. */
export const NoticesChanged = new EventType<{ person_ids: readonly string[] }>('NoticesChanged', { between_processes: true });

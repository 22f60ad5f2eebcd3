import { EventType } from '../platform/bus/event-bus.js';

/** An objection was raised or decided: `person_ids` are the developer and, where they are known here, the owners of what it is about. */
export const ObjectionsChanged = new EventType<{ person_ids: readonly string[] }>('ObjectionsChanged', { between_processes: true });

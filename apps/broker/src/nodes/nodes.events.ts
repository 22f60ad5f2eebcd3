import { EventType } from '../platform/bus/event-bus.js';

/** A node's free slots, prices or willingness changed. */
export const OfferChanged = new EventType<{ node_id: string }>('OfferChanged');
/** The owner took a node out of the heap: its connection must close. */
export const NodeRevoked = new EventType<{ node_id: string }>('NodeRevoked');

import type { SlotClass } from '#units';
import { EventType } from '../platform/bus/event-bus.js';

/** Free slots, prices, rules or willingness of nodes changed in these markets. */
export const OfferChanged = new EventType<{ slot_classes: readonly SlotClass[] }>('OfferChanged', { between_processes: true });
/** The owner took a node out of the heap: its connection must close. */
export const NodeRevoked = new EventType<{ node_id: string }>('NodeRevoked', { between_processes: true });

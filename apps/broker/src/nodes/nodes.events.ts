import type { KeptMarketName, SlotClass } from '#units';
import { EventType } from '../platform/bus/event-bus.js';

/**
 * Free slots, prices, rules or willingness changed in these markets: of these nodes, or of all that an owner has. Where neither is named, of who knows
 * how many.
 */
export const OfferChanged = new EventType<{ slot_classes: readonly SlotClass[]; node_ids?: readonly string[]; owner_id?: string }>(
  'OfferChanged',
  {
    between_processes: true,
  },
);
/** The same of standing slots and storage: of these markets, some node offers more, less or at another price, or its owner admits others. */
export const KeptOfferChanged = new EventType<{ markets: readonly KeptMarketName[] }>('KeptOfferChanged', { between_processes: true });
/** What an owner sees of a node changed by other than its presence: it was enrolled, says what it is, left, or has other terms. */
export const NodeChanged = new EventType<{ node_id: string; owner_id: string }>('NodeChanged', { between_processes: true });
/** The owner took a node out of the heap: its connection must close. */
export const NodeRevoked = new EventType<{ node_id: string }>('NodeRevoked', { between_processes: true });
/** Owners said something to these devices: rules, a hold, or its end. */
export const OwnerSpoke = new EventType<{ node_ids: readonly string[] }>('OwnerSpoke', { between_processes: true });
/** A node began a session at this gateway, which is not that of its last one: whoever else holds an older session of it lets go. */
export const NodeMoved = new EventType<{ node_id: string; session_epoch: number; gateway_id: string }>('NodeMoved', {
  between_processes: true,
});
/** Changes of presence of these nodes were written: whoever shows them reads on from the last it has. */
export const PresenceChanged = new EventType<{ nodes: readonly (readonly [node_id: string, owner_id: string])[] }>('PresenceChanged', {
  between_processes: true,
});

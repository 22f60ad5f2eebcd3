import type { SlotClass } from '#units';
import type { EventBus } from '../platform/bus/event-bus.js';
import { OfferChanged } from './nodes.events.js';

/** So many ids fit into a text that goes to the other processes. */
const NODES_MAX = 100;

/** Says in which markets the offers of these nodes changed, of many nodes in few events. */
export function tellOffersChanged(bus: EventBus, changed: ReadonlyMap<string, readonly SlotClass[]>): void {
  const node_ids = [...changed].filter(([, slot_classes]) => slot_classes.length > 0).map(([node_id]) => node_id);
  for (let from = 0; from < node_ids.length; from += NODES_MAX) {
    const part = node_ids.slice(from, from + NODES_MAX);
    const slot_classes = [...new Set(part.flatMap((node_id) => changed.get(node_id) ?? []))];
    bus.publish(OfferChanged, { slot_classes, node_ids: part });
  }
}

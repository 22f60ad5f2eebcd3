import type { Assignment, Offer, Order } from '#auction';

/** A reservation that takes at most so much of one node. */
export interface Cap {
  readonly order_id: string;
  readonly most: number;
  /** Of an owner's nodes it takes one. */
  readonly one_node_an_owner: boolean;
  /** Units that it keeps beyond this round, by node, and whose nodes these are. */
  readonly held: ReadonlyMap<string, number>;
  readonly owners: ReadonlySet<string>;
}

export interface Parts {
  readonly offers: Offer[];
  readonly orders: Order[];
  /** The node that a part is of. */
  readonly nodeOf: (offer_id: string) => string;
}

export const labelOf = (order_id: string): string => `cap:${order_id}`;

interface Part {
  slots: number;
  /** Orders with a cap that may have it. */
  readonly takers: string[];
}

/**
 * Cuts offers so that no order can win more of a node than its cap, in a clearing that knows no caps: each such order, the highest bid first, may have one
 * part of each node, cut to its measure, and where a node is too small for all it shares the part of another, as a rival. A label on the part and a
 * constraint of the order say so, so that a receipt recomputes. All others may have all parts. What a round leaves of a node is cut anew in the next.
 */
export function partsFor(offers: readonly Offer[], orders: readonly Order[], caps: readonly Cap[]): Parts {
  if (caps.length === 0) return { offers: [...offers], orders: [...orders], nodeOf: (offer_id) => offer_id };
  const by_order = new Map(orders.map((order) => [order.id, order]));
  const rank = (cap: Cap) => by_order.get(cap.order_id);
  const ranked = caps
    .filter((cap) => rank(cap) !== undefined)
    .sort((a, b) => {
      const [x, y] = [rank(a) as Order, rank(b) as Order];
      return x.max_price === y.max_price ? x.arrival - y.arrival : x.max_price > y.max_price ? -1 : 1;
    });
  const owners = new Map(ranked.map((cap) => [cap.order_id, new Set(cap.owners)]));
  const node_of = new Map<string, string>();
  const parts_of = new Map<string, { id: string; part: Part }[]>();
  const cheapest_first = [...offers].sort((a, b) =>
    a.reserve_price < b.reserve_price ? -1 : a.reserve_price > b.reserve_price ? 1 : a.arrival - b.arrival,
  );
  for (const offer of cheapest_first) {
    const parts = cut(offer, ranked, owners, by_order);
    parts_of.set(
      offer.id,
      parts.map((part, i) => ({ id: parts.length === 1 ? offer.id : `${offer.id}/${i + 1}`, part })),
    );
  }
  const cut_offers = offers.flatMap((offer) =>
    (parts_of.get(offer.id) ?? []).map(({ id, part }): Offer => {
      node_of.set(id, offer.id);
      if (part.takers.length === 0) return { ...offer, id, slots: part.slots };
      const labels = [...offer.attributes.labels, ...part.takers.map(labelOf)];
      return { ...offer, id, slots: part.slots, attributes: { ...offer.attributes, labels } };
    }),
  );
  const capped = new Set(ranked.map((cap) => cap.order_id));
  return {
    offers: cut_offers,
    orders: orders.map((order) => cutOrder(order, capped.has(order.id), parts_of)),
    nodeOf: (offer_id) => node_of.get(offer_id) ?? offer_id,
  };
}

function cut(offer: Offer, ranked: readonly Cap[], owners: ReadonlyMap<string, Set<string>>, orders: ReadonlyMap<string, Order>): Part[] {
  const parts: Part[] = [];
  let left = offer.slots;
  for (const cap of ranked) {
    const room = cap.most - (cap.held.get(offer.id) ?? 0);
    const seen = owners.get(cap.order_id) as Set<string>;
    const keeps = orders.get(cap.order_id)?.incumbents?.includes(offer.id) === true || cap.held.has(offer.id);
    if (room <= 0 || (cap.one_node_an_owner && seen.has(offer.owner) && !keeps)) continue;
    if (left > 0) {
      const slots = Math.min(room, left);
      parts.push({ slots, takers: [cap.order_id] });
      left -= slots;
    } else {
      const shared = parts.filter((part) => part.slots <= room).sort((a, b) => a.takers.length - b.takers.length)[0];
      if (!shared) continue;
      shared.takers.push(cap.order_id);
    }
    seen.add(offer.owner);
  }
  if (left > 0 || parts.length === 0) parts.push({ slots: left, takers: [] });
  return parts;
}

/** A capped order asks for its label; whoever holds units of a node holds them of its parts. */
function cutOrder(order: Order, capped: boolean, parts_of: ReadonlyMap<string, readonly { id: string; part: Part }[]>): Order {
  const constraints = capped
    ? { constraints: { ...order.constraints, labels: [...(order.constraints?.labels ?? []), labelOf(order.id)] } }
    : {};
  if (!order.incumbents) return { ...order, ...constraints };
  const left = new Map<string, number>();
  const incumbents = order.incumbents.map((node_id) => {
    const parts = (parts_of.get(node_id) ?? []).filter(({ part }) => !capped || part.takers.includes(order.id));
    const free = parts.find(({ id, part }) => (left.get(id) ?? part.slots) > 0);
    if (!free) return node_id;
    left.set(free.id, (left.get(free.id) ?? free.part.slots) - 1);
    return free.id;
  });
  return { ...order, ...constraints, incumbents };
}

/** What a round assigned, by node again: what one order won of a node's parts at one price is one. */
export function assignedByNode(assignments: readonly Assignment[], nodeOf: Parts['nodeOf']): Assignment[] {
  const by = new Map<string, Assignment>();
  for (const assignment of assignments) {
    const offer_id = nodeOf(assignment.offer_id);
    const key = `${assignment.order_id} ${offer_id} ${assignment.price}`;
    const known = by.get(key);
    by.set(key, { ...assignment, offer_id, slots: assignment.slots + (known?.slots ?? 0) });
  }
  return [...by.values()];
}

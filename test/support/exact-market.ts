import type { Constraints, Offer, Order } from '#auction';

/**
 * The optimum of a small round by trying everything (dynamic programming over sets of slots), written without the auction's code so
 * that the two can be held against each other. Exponential in the number of slots: at most about 16.
 */
export interface ExactSlot {
  readonly offer: Offer;
  readonly reserve: bigint;
}

export function slotsOf(offers: readonly Offer[], tick: bigint): ExactSlot[] {
  return offers.flatMap((offer) =>
    Array.from({ length: offer.slots }, () => ({ offer, reserve: ((offer.reserve_price + tick - 1n) / tick) * tick })),
  );
}

/** What one slot of the offer is worth to the order, undefined when it will not or may not have it. */
export function worth(order: Order, offer: Offer, tick: bigint): bigint | undefined {
  const { rules } = offer;
  if (rules?.deny_buyers?.includes(order.buyer)) return undefined;
  if (rules?.allow_buyers && !rules.allow_buyers.includes(order.buyer)) return undefined;
  if (rules?.workload_classes && !rules.workload_classes.includes(order.workload_class ?? '')) return undefined;
  if (order.constraints && !meets(offer, order.constraints)) return undefined;
  const lost = (order.preferences ?? [])
    .filter(({ prefer }) => !meets(offer, prefer))
    .map(({ weight }) => ((weight + tick - 1n) / tick) * tick);
  return (order.max_price / tick) * tick - lost.reduce((a, b) => a + b, 0n);
}

export function meets(offer: Offer, c: Constraints): boolean {
  const { region, kind, speed, labels, trust } = offer.attributes;
  return (
    (!c.regions || c.regions.includes(region)) &&
    (!c.kinds || c.kinds.includes(kind)) &&
    (c.min_speed === undefined || speed >= c.min_speed) &&
    (c.min_trust === undefined || trust >= c.min_trust) &&
    (c.labels ?? []).every((label) => labels.includes(label)) &&
    (!c.owners || c.owners.includes(offer.owner)) &&
    !c.not_owners?.includes(offer.owner) &&
    (!c.nodes || c.nodes.includes(offer.id)) &&
    !c.not_nodes?.includes(offer.id)
  );
}

/** The greatest sum of (worth − reserve) over all ways to give slots to units of orders. */
export function bestWelfare(slots: readonly ExactSlot[], orders: readonly Order[], tick: bigint): bigint {
  let best = new Map<number, bigint>([[0, 0n]]);
  for (const order of orders) {
    for (let unit = 0; unit < order.quantity; unit++) {
      const next = new Map(best);
      for (const [taken, welfare] of best) {
        slots.forEach((slot, s) => {
          const value = worth(order, slot.offer, tick);
          if (value === undefined || taken & (1 << s)) return;
          const key = taken | (1 << s);
          const sum = welfare + value - slot.reserve;
          if (sum > (next.get(key) ?? -(1n << 62n))) next.set(key, sum);
        });
      }
      best = next;
    }
  }
  return [...best.values()].reduce((a, b) => (b > a ? b : a));
}

/** Leonard 1983: the lowest competitive price of a slot is what one more slot like it, for nothing, would add to the welfare. */
export function lowestPrice(like: Offer, slots: readonly ExactSlot[], orders: readonly Order[], tick: bigint): bigint {
  return bestWelfare([...slots, { offer: like, reserve: 0n }], orders, tick) - bestWelfare(slots, orders, tick);
}

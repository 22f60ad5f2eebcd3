import { assign } from './assign.js';
import { makeBook } from './book.js';
import { match } from './match.js';
import { clusterOf, columnsOf } from './offer-index.js';
import { type OwnUse, Pairs } from './pairs.js';
import type { Offer, OfferColumns, Order } from './types.js';

/**
 * A buyer's own slots serve the buyer first, and outside the market: for an owner to use a device is to take it off sale, which is the
 * owner's right at any time. Each cluster is matched by itself for the greatest welfare of its own orders; every slot goes at its own
 * reserve, and no other price is formed. What is left of the orders then goes to market as anybody's bid, and what is left of the slots
 * is for sale.
 *
 * It follows that the market of the others is exactly the one in which those slots were never offered (they lose capacity and
 * nothing else), that a bid which only own slots satisfy sets no price, and that a bid on own slots never meets a rival whom it could
 * drive up: any own slot still on sale has a reserve above what the bid is worth there. An owner who would rather sell names itself in the
 * order's `not_owners`. What no such rule can see is a bid on other people's slots that happens to hold up the price of the like: it
 * is bound to buy them when it wins.
 */
export function useOwn(
  columns: OfferColumns,
  orders: readonly Order[],
  tick: bigint,
  takesPart: (order: number) => boolean,
): OwnUse | undefined {
  const groups = ownGroups(columns, orders, takesPart);
  if (groups.length === 0) return undefined;
  const use: OwnUse = { used: new Int32Array(columns.offers.length), filled: new Int32Array(orders.length), pairs: new Pairs() };
  for (const { offers, orders: rows } of groups) {
    const asks = columnsOf(offers.map((row) => columns.offers[row] as Offer));
    const bids = rows.map((row) => orders[row] as Order);
    const book = makeBook(asks.offers[0]?.market ?? '', asks, bids, tick);
    const flow = match(book, () => true);
    const { pairs } = assign(book, flow);
    for (let i = 0; i < pairs.length; i++) {
      const [order, offer] = [rows[pairs.order[i] as number] as number, offers[pairs.offer[i] as number] as number];
      const units = pairs.units[i] as number;
      use.used[offer] = (use.used[offer] as number) + units;
      use.filled[order] = (use.filled[order] as number) + units;
      use.pairs.add(order, offer, units);
    }
  }
  return use.pairs.length > 0 ? use : undefined;
}

interface Group {
  readonly offers: number[];
  readonly orders: number[];
}

/** The clusters that both offer and order, by name. */
function ownGroups({ offers, clusters }: OfferColumns, orders: readonly Order[], takesPart: (order: number) => boolean): Group[] {
  const groups = new Map<string, Group>();
  for (let row = 0; row < orders.length; row++) {
    const { cluster, buyer } = orders[row] as Order;
    const name = cluster ?? buyer;
    if ((clusters && !clusters.has(name)) || !takesPart(row)) continue;
    const group = groups.get(name);
    if (group) group.orders.push(row);
    else groups.set(name, { offers: [], orders: [row] });
  }
  if (groups.size === 0) return [];
  for (let row = 0; row < offers.length; row++) groups.get(clusterOf(offers[row] as Offer))?.offers.push(row);
  return [...groups]
    .filter(([, group]) => group.offers.length > 0)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, group]) => group);
}

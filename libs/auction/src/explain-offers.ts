import type { Micro } from '#units';
import { has } from './bits.js';
import type { Book } from './book.js';
import type { Outcome } from './outcome.js';
import type { OfferReason } from './reasons.js';
import type { Offer } from './types.js';

/** Says of an offer why slots of it stay idle; what all offers of a grade have in common is worked out once. */
export function offerExplainer(book: Book, outcome: Outcome): (row: number) => OfferReason {
  const misfits = new Map<number, OfferReason>();
  const orders = new Int32Array(book.classes.length);
  for (const c of book.classOf) orders[c] = (orders[c] as number) + 1;
  return (row) => {
    if (book.orders.length === 0) return { code: 'no_demand' };
    const g = book.gradeOf[row] as number;
    const ticks = outcome.prices[g] as number;
    if (ticks >= 0) return explainReserve(book.offers[row] as Offer, BigInt(ticks) * book.tick);
    let reason = misfits.get(g);
    if (!reason) {
      reason = explainMisfit(book, outcome, g, orders);
      misfits.set(g, reason);
    }
    return reason;
  };
}

function explainReserve(offer: Offer, price: Micro): OfferReason {
  const { reserve_price } = offer;
  return reserve_price > price
    ? { code: 'reserve_too_high', by: reserve_price - price, reserve_price, price }
    : { code: 'enough_supply', price };
}

/** No order wants this grade at any price: whose condition fails most often? */
function explainMisfit(book: Book, outcome: Outcome, g: number, ordersOf: Int32Array): OfferReason {
  const offer = book.example[g] as Offer;
  const failed = new Map<string, number>();
  const count = { leftOut: 0, excluded: 0, denied: 0, indifferent: 0 };
  for (const row of outcome.leftOut.keys()) {
    const cls = book.classes[book.classOf[row] as number];
    if (cls && has(cls.accepts, g)) count.leftOut++;
  }
  book.classes.forEach((cls, c) => {
    const orders = ordersOf[c] as number;
    const miss = cls.attributes.find((clause) => !clause.holds(offer));
    if (miss) failed.set(miss.label(), (failed.get(miss.label()) ?? 0) + orders);
    else if (cls.exclusions.some((clause) => !clause.holds(offer))) count.excluded += orders;
    else if (cls.rule && !cls.rule.holds(offer)) count.denied += orders;
    else count.indifferent += orders;
  });
  if (count.leftOut > 0) return { code: 'needs_more_slots', orders: count.leftOut };
  if (count.denied > 0 && count.denied >= count.excluded) return { code: 'denied_by_owner', orders: count.denied };
  if (count.excluded > 0) return { code: 'excluded_by_order', orders: count.excluded };
  if (count.indifferent > 0) failed.set('what they prefer', count.indifferent);
  const [worst] = [...failed].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
  return { code: 'no_order_fits', constraint: worst?.[0] ?? '', orders: book.orders.length };
}

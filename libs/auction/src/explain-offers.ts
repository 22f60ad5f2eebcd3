import type { Micro } from '#units';
import { has } from './bits.js';
import type { Book } from './book.js';
import { admits, attributeClauses, type Clause, exclusionClauses } from './clauses.js';
import type { Outcome } from './outcome.js';
import type { OfferReason } from './reasons.js';
import type { Offer, Order } from './types.js';

/** Says of an offer why slots of it stay idle; what all offers of a grade have in common is worked out once. */
export function offerExplainer(book: Book, outcome: Outcome): (row: number) => OfferReason {
  const misfits = new Map<number, OfferReason>();
  let terms: OrderTerms[] | undefined;
  return (row) => {
    if (book.orders.length === 0) return { code: 'no_demand' };
    const g = book.gradeOf[row] as number;
    const ticks = outcome.prices[g] as number;
    if (ticks >= 0) return explainReserve(book.offers[row] as Offer, BigInt(ticks) * book.tick);
    let reason = misfits.get(g);
    if (!reason) {
      terms ??= book.orders.map(termsOf);
      reason = explainMisfit(book, outcome, g, terms);
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

interface OrderTerms {
  readonly order: Order;
  readonly attributes: readonly Clause[];
  readonly exclusions: readonly Clause[];
}

function termsOf(order: Order): OrderTerms {
  const { constraints = {} } = order;
  return { order, attributes: attributeClauses(constraints), exclusions: exclusionClauses(constraints) };
}

/** No bid reaches this grade at any price: whose condition fails most often? */
function explainMisfit(book: Book, outcome: Outcome, g: number, terms: readonly OrderTerms[]): OfferReason {
  const offer = book.example[g] as Offer;
  const failed = new Map<string, number>();
  const count = { leftOut: 0, excluded: 0, denied: 0, preferOthers: 0, satisfied: 0 };
  for (let row = 0; row < terms.length; row++) {
    const { order, attributes, exclusions } = terms[row] as OrderTerms;
    const miss = attributes.find((clause) => !clause.holds(offer));
    if (miss) failed.set(miss.label(), (failed.get(miss.label()) ?? 0) + 1);
    else if (exclusions.some((clause) => !clause.holds(offer))) count.excluded++;
    else if (!admits(offer.rules, order.buyer, order.workload_class ?? '')) count.denied++;
    else if (outcome.leftOut.has(row) && has(book.classes[book.classOf[row] as number]?.accepts ?? new Uint32Array(), g)) count.leftOut++;
    else if ((book.wanted[row] as number) === 0) count.satisfied++;
    else count.preferOthers++;
  }
  if (count.leftOut > 0) return { code: 'needs_more_slots', orders: count.leftOut };
  if (count.denied > 0 && count.denied >= count.excluded) return { code: 'denied_by_owner', orders: count.denied };
  if (count.excluded > 0) return { code: 'excluded_by_order', orders: count.excluded };
  if (count.preferOthers > 0) failed.set('what they prefer', count.preferOthers);
  const [worst] = [...failed].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
  return worst ? { code: 'no_order_fits', constraint: worst[0], orders: book.orders.length } : { code: 'no_demand' };
}

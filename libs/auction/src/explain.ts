import type { Micro } from '#units';
import { has, isEmpty, members } from './bits.js';
import type { Book } from './book.js';
import type { OrderClass } from './classes.js';
import type { Clause } from './clauses.js';
import type { Outcome } from './outcome.js';
import type { OrderReason } from './reasons.js';
import type { Offer, Order } from './types.js';

/** What holds for all orders of a class; worked out once. */
interface ClassView {
  /** Set when no price would help. */
  readonly mismatch: OrderReason | undefined;
  readonly slots: number;
  /** The least an order must bid for an idle slot, in ticks (its preferences counted), and that slot's reserve. */
  readonly idle: { readonly bid: number; readonly reserve: number } | undefined;
  /** The least price among grades of which slots were sold, likewise. */
  readonly rival: { readonly bid: number; readonly price: number } | undefined;
}

/** Says of an order why it did not get all it wanted: the cause that, mended at least cost, would bring it a slot. */
export function orderExplainer(book: Book, outcome: Outcome): (row: number) => OrderReason {
  const views = new Map<number, ClassView>();
  const idle = cheapestIdle(book, outcome);
  return (row) => {
    if (book.offers.length === 0) return { code: 'no_supply' };
    const c = book.classOf[row] as number;
    let view = views.get(c);
    if (!view) {
      view = viewOf(book, outcome, book.classes[c] as OrderClass, idle);
      views.set(c, view);
    }
    return explain(book, outcome, row, view);
  };
}

function explain(book: Book, outcome: Outcome, row: number, view: ClassView): OrderReason {
  if (view.mismatch) return view.mismatch;
  const order = book.orders[row] as Order;
  const leftOut = outcome.leftOut.get(row);
  if (leftOut !== undefined) return { code: 'below_minimum_quantity', slots: leftOut, min_quantity: order.min_quantity ?? 1 };
  if (outcome.filled[row] === view.slots) return { code: 'too_few_slots', slots: view.slots, wanted: order.quantity };
  const { max_price } = order;
  const money = (ticks: number): Micro => BigInt(ticks) * book.tick;
  const least = (bid: number): Micro => (money(bid) > max_price ? money(bid) - max_price : 0n);
  const forIdle = view.idle && { by: least(view.idle.bid), lowest_reserve: money(view.idle.reserve) };
  // At the price itself others were earlier: it takes a tick more.
  const forRival = view.rival && { by: least(view.rival.bid) + book.tick, price: money(view.rival.price) };
  if (forIdle && (!forRival || forIdle.by <= forRival.by)) return { code: 'price_too_low', ...forIdle, max_price };
  return { code: 'outbid', by: forRival?.by ?? book.tick, max_price, price: forRival?.price ?? max_price };
}

function viewOf(book: Book, outcome: Outcome, cls: OrderClass, idleReserve: Float64Array): ClassView {
  const none = { slots: 0, idle: undefined, rival: undefined };
  if (isEmpty(cls.accepts)) return { ...none, mismatch: explainMismatch(book, cls) };
  let slots = 0;
  let idle: ClassView['idle'];
  let rival: ClassView['rival'];
  for (const g of members(cls.accepts)) {
    slots += book.slotsOf[g] as number;
    const lost = cls.penalty?.[g] ?? 0;
    const reserve = idleReserve[g] as number;
    const price = outcome.prices[g] as number;
    if (reserve < Infinity && (!idle || reserve + lost < idle.bid)) idle = { bid: reserve + lost, reserve };
    if ((outcome.soldOf[g] as number) > 0 && (!rival || price + lost < rival.bid)) rival = { bid: price + lost, price };
  }
  return { mismatch: slots === 0 ? allLeased(book, cls) : undefined, slots, idle, rival };
}

function cheapestIdle(book: Book, { sold }: Outcome): Float64Array {
  const idle = new Float64Array(book.example.length).fill(Infinity);
  const { gradeOf, reserve, slots } = book;
  for (let row = 0; row < sold.length; row++) {
    const g = gradeOf[row] as number;
    if ((reserve[row] as number) < (idle[g] as number) && (sold[row] as number) < (slots[row] as number)) idle[g] = reserve[row] as number;
  }
  return idle;
}

function allLeased(book: Book, cls: OrderClass): OrderReason {
  let nodes = 0;
  let until_ms: number | null = null;
  book.offers.forEach((offer, row) => {
    if (!has(cls.accepts, book.gradeOf[row] as number)) return;
    nodes++;
    const until = offer.leased_until_ms;
    if (until !== undefined && (until_ms === null || until < until_ms)) until_ms = until;
  });
  return { code: 'all_leased', nodes, until_ms };
}

/** No grade satisfies the order: is it what the nodes are, what the order excludes, or whom the owners admit? */
function explainMismatch(book: Book, cls: OrderClass): OrderReason {
  const nodes = (clauses: readonly Clause[]) => {
    const good = book.example.map((offer: Offer) => clauses.every((clause) => clause.holds(offer)));
    return book.gradeOf.reduce((count, g) => count + (good[g] ? 1 : 0), 0);
  };
  const fit = nodes(cls.attributes);
  if (fit === 0) {
    let worst: { clause: Clause; without: number; alone: number } | undefined;
    for (const clause of cls.attributes) {
      const without = nodes(cls.attributes.filter((other) => other !== clause));
      const alone = nodes([clause]);
      if (!worst || without > worst.without || (without === worst.without && alone < worst.alone)) worst = { clause, without, alone };
    }
    return { code: 'no_node_satisfies', constraint: worst?.clause.label() ?? '', nodes_without_it: worst?.without ?? 0 };
  }
  const left = nodes([...cls.attributes, ...cls.exclusions]);
  return left === 0 ? { code: 'excluded_by_order', nodes: fit } : { code: 'denied_by_owner', nodes: left };
}

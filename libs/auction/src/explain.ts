import type { Micro } from '#units';
import { isEmpty, lowest } from './bits.js';
import type { Book } from './book.js';
import type { OrderClass } from './classes.js';
import { mismatchExplainer } from './explain-mismatch.js';
import type { Outcome } from './outcome.js';
import type { OrderReason } from './reasons.js';
import { thresholds } from './thresholds.js';
import type { Order } from './types.js';
import type { Way } from './way.js';

/** What holds for all orders of a class; worked out once. */
interface ClassView {
  /** Some grade would do at some price. */
  readonly fits: boolean;
  /** Slots that were for sale in the grades that would do. */
  readonly slots: number;
  /** At most two, of different rivals. */
  readonly ways: readonly LeastBid[];
}

/** The least that an order must bid for one more slot: for an idle slot of this reserve, or to displace a bid in a grade of this price. */
interface LeastBid {
  readonly needed: Micro;
  readonly rival: number;
  readonly price: Micro;
}

/** The same in ticks. */
interface LeastTicks {
  readonly bid: number;
  readonly rival: number;
  readonly price: number;
}

/** Says of an order why it did not get all it wanted: the cause that, mended at least cost, would bring it a slot. */
export function orderExplainer(book: Book, outcome: Outcome): (row: number) => OrderReason {
  const reserves = cheapestIdle(book, outcome);
  const limits = thresholds(book, outcome.flow, outcome.prices, reserves);
  const views: (ClassView | undefined)[] = new Array(book.classes.length).fill(undefined);
  let mismatch: ((order: Order) => OrderReason) | undefined;
  const noSlots = lazyNoSlots(book, outcome);
  return (row) => {
    if (book.offers.length === 0) return { code: 'no_supply' };
    const own = outcome.own?.filled[row] ?? 0;
    const got = own + (outcome.flow.filled[row] as number);
    const wanted = book.quantity[row] as number;
    const [min_quantity, lasting] = [book.least[row] as number, book.lasting[row] as number];
    if (lasting < min_quantity || (got === lasting && got < wanted)) return { code: 'budget_exhausted', slots: lasting, wanted };
    const c = book.classOf[row] as number;
    views[c] ??= viewOf(book, outcome.prices, book.classes[c] as OrderClass, limits, reserves);
    const view = views[c] as ClassView;
    if (!view.fits) {
      mismatch ??= mismatchExplainer(book);
      return mismatch(book.orders[row] as Order);
    }
    const leftOut = outcome.leftOut.get(row);
    if (leftOut !== undefined) return { code: 'below_minimum_quantity', slots: leftOut, min_quantity };
    if (got > 0 && got === view.slots + own) return { code: 'too_few_slots', slots: got, wanted };
    if (view.slots === 0) return noSlots(book.classes[c] as OrderClass);
    // An order that has slots already does not win more by displacing itself.
    const [first, second] = view.ways;
    return priceReason(book, row, first?.rival !== row ? first : second);
  };
}

function priceReason(book: Book, row: number, way: LeastBid | undefined): OrderReason {
  const max_price = book.maxima[row] as Micro;
  // Every slot is its own, or could only be had from orders that would take none of its own in return.
  if (!way) return { code: 'too_few_slots', slots: 0, wanted: book.quantity[row] as number };
  const { needed, price } = way;
  const by: Micro = needed > max_price ? needed - max_price : 0n;
  return way.rival < 0
    ? { code: 'price_too_low', by, max_price, lowest_reserve: price }
    : { code: 'outbid', by: by > 0n ? by : book.tick, max_price, price };
}

function viewOf(book: Book, prices: Float64Array, cls: OrderClass, limits: readonly (readonly Way[])[], reserves: Float64Array): ClassView {
  const { accepts, penalty } = cls;
  if (isEmpty(accepts)) return { fits: false, slots: 0, ways: [] };
  let slots = 0;
  let first: LeastTicks | undefined;
  let second: LeastTicks | undefined;
  for (let w = 0; w < accepts.length; w++)
    for (let rest = accepts[w] as number; rest !== 0; rest &= rest - 1) {
      const g = (w << 5) + lowest(rest);
      slots += book.slotsOf[g] as number;
      const lost = penalty ? (penalty[g] as number) : 0;
      for (const { bid, idle, order } of limits[g] as readonly Way[]) {
        const needed = bid + lost;
        // Of two that cost as much, the idle slot is named: nobody need be outbid.
        if (second && (needed > second.bid || (needed === second.bid && order >= 0))) continue;
        const one = { bid: needed, rival: order, price: (idle >= 0 ? reserves[idle] : prices[g]) as number };
        if (!first || needed < first.bid || (needed === first.bid && order < 0 && first.rival >= 0)) {
          if (first && first.rival !== order) second = first;
          first = one;
        } else if (order !== first.rival) second = one;
      }
    }
  const inMoney = ({ bid, rival, price }: LeastTicks) => ({ needed: BigInt(bid) * book.tick, rival, price: BigInt(price) * book.tick });
  return { fits: true, slots, ways: [first, second].filter((way) => way !== undefined).map(inMoney) };
}

/** Per grade: what the next slot would cost. Where all that may sell are sold, dearer ones may be left, and all offers are looked at. */
function cheapestIdle(book: Book, { flow, sold: soldOf }: Outcome): Float64Array {
  const idle = flow.supply.reserve.slice();
  if (!idle.includes(Infinity)) return idle;
  const sold = soldOf();
  const { gradeOf, reserve, slots } = book;
  for (let row = 0; row < sold.length; row++) {
    const g = gradeOf[row] as number;
    if ((reserve[row] as number) < (idle[g] as number) && (sold[row] as number) < (slots[row] as number)) idle[g] = reserve[row] as number;
  }
  return idle;
}

interface Taken {
  /** Nodes, those of them that work for their owners, and when the first lease ends. */
  nodes: number;
  own: number;
  until_ms: number;
}

/** Why there was nothing for sale in the grades of a class, though nodes would do. */
function lazyNoSlots(book: Book, { own }: Outcome): (cls: OrderClass) => OrderReason {
  let grades: Taken[] | undefined;
  return (cls) => {
    grades ??= takenPerGrade(book, own?.used);
    const all: Taken = { nodes: 0, own: 0, until_ms: Infinity };
    for (const g of cls.grades) {
      const one = grades[g] as Taken;
      all.nodes += one.nodes;
      all.own += one.own;
      all.until_ms = Math.min(all.until_ms, one.until_ms);
    }
    if (all.own === all.nodes) return { code: 'used_by_owner', nodes: all.nodes };
    return { code: 'all_leased', nodes: all.nodes, until_ms: all.until_ms === Infinity ? null : all.until_ms };
  };
}

function takenPerGrade(book: Book, used: Int32Array | undefined): Taken[] {
  const grades = book.example.map((): Taken => ({ nodes: 0, own: 0, until_ms: Infinity }));
  for (let row = 0; row < book.offers.length; row++) {
    const grade = grades[book.gradeOf[row] as number] as Taken;
    grade.nodes++;
    if ((used?.[row] ?? 0) > 0) grade.own++;
    grade.until_ms = Math.min(grade.until_ms, book.offers[row]?.leased_until_ms ?? Infinity);
  }
  return grades;
}

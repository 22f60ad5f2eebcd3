import type { Micro } from '#units';
import type { Acceptance } from './acceptance.js';
import { classify, type OrderClass } from './classes.js';
import { grade } from './grades.js';
import { checkedPrice, checkedQuantity } from './offer-index.js';
import type { OwnUse } from './pairs.js';
import { rankOffers } from './rank-offers.js';
import { rank } from './sort.js';
import type { Offer, OfferColumns, Order } from './types.js';

/** One market of a round as flat arrays. Prices are whole ticks. */
export interface Book {
  readonly market: string;
  readonly tick: Micro;
  readonly offers: readonly Offer[];
  readonly ids: readonly string[];
  readonly orders: readonly Order[];
  /** Per offer: reserve in ticks, free slots, grade. */
  readonly reserve: Float64Array;
  readonly slots: Int32Array;
  readonly gradeOf: Int32Array;
  /** One offer of each grade; their number is the number of grades. */
  readonly example: readonly Offer[];
  /** Free slots per grade. */
  readonly slotsOf: Float64Array;
  /** The offers that may sell, cheapest first, grade by grade: grade g is `byGrade[start[g] .. start[g + 1])`. */
  readonly byGrade: Int32Array;
  readonly start: Int32Array;
  /** The rank of each of these among all that may sell: the cheaper, then the earlier, is lower. */
  readonly rankOf: Int32Array;
  /** Per order: maximum in ticks, slots wanted, class. */
  readonly value: Float64Array;
  readonly wanted: Int32Array;
  readonly classOf: Int32Array;
  readonly classes: readonly OrderClass[];
  readonly acceptance: Acceptance;
  /** Some class prefers some grades to others. */
  readonly weighted: boolean;
  /** Bids, highest first. An order that holds some of the slots already is two bids, the incumbent's part first among equals. */
  readonly bids: Bids;
  /** The rows of offers that orders hold now, by node id; empty when nobody holds any. */
  readonly held: ReadonlyMap<string, number>;
  readonly heldRows: ReadonlySet<number>;
}

export interface Bids {
  readonly order: Int32Array;
  readonly units: Int32Array;
}

/** @throws HeapError `price_out_of_range`, `quantity_out_of_range`: what the edges should have refused. */
export function makeBook(market: string, columns: OfferColumns, orders: readonly Order[], tick: Micro, own?: OwnUse): Book {
  // An index hands out views of arrays that change with it.
  const { offers, ids, arrival } = columns;
  const held = heldOffers(offers, orders);
  const supply = { offers, arrival, slots: columns.slots.slice(), reserve: reservesInTicks(columns.price, tick) };
  if (own) for (let i = 0; i < supply.slots.length; i++) supply.slots[i] = (supply.slots[i] as number) - (own.used[i] as number);
  const demand = orderColumns(orders, tick, held, supply.slots, own);
  const rankedBids = rank(demand.key, demand.arrival, (row) => (orders[demand.bids.order[row] as number] as Order).id);
  const grading = grade(columns, orders, supply.reserve);
  const slotsOf = slotsPerGrade(grading.of, supply.slots, grading.example.length);
  const bids = {
    order: Int32Array.from(rankedBids, (row) => demand.bids.order[row] as number),
    units: Int32Array.from(rankedBids, (row) => demand.bids.units[row] as number),
  };
  const classing = classify(orders, firstSeen(bids.order, orders.length), grading, tick);
  return {
    market,
    tick,
    offers,
    ids,
    orders,
    reserve: supply.reserve,
    slots: supply.slots,
    gradeOf: grading.of,
    example: grading.example,
    slotsOf,
    ...rankOffers(supply, demand, grading.of, grading.example.length, held),
    value: demand.value,
    wanted: demand.wanted,
    classOf: classing.of,
    classes: classing.classes,
    acceptance: classing.acceptance,
    weighted: classing.classes.some((cls) => cls.penalty),
    bids,
    held,
    heldRows: new Set(held.values()),
  };
}

/** Rounded up: nobody sells below the reserve. A quotient of whole numbers below 2⁵⁰ is never off by as much as a tick. */
function reservesInTicks(price: Float64Array, tick: Micro): Float64Array {
  if (tick === 1n) return price.slice();
  const step = Number(tick);
  return price.map((micro) => Math.ceil(micro / step));
}

function orderColumns(orders: readonly Order[], tick: Micro, held: ReadonlyMap<string, number>, slots: Int32Array, own?: OwnUse) {
  const n = orders.length;
  const step = Number(tick);
  const value = new Float64Array(n);
  const wanted = new Int32Array(n);
  const rows: number[] = [];
  const units: number[] = [];
  const incumbent: number[] = [];
  let highest = 0;
  for (let i = 0; i < n; i++) {
    const order = orders[i] as Order;
    const ticks = Math.floor(checkedPrice(order.max_price, order.id) / step);
    const all = affordable(order) - (own ? (own.filled[i] as number) : 0);
    value[i] = ticks;
    wanted[i] = all;
    if (ticks > highest) highest = ticks;
    const kept = Math.min(all, keptSlots(order, held, slots));
    if (kept > 0) push(i, kept, 1);
    if (all > kept) push(i, all - kept, 0);
  }
  const key = new Float64Array(rows.length);
  const arrival = new Float64Array(rows.length);
  for (let b = 0; b < rows.length; b++) {
    const row = rows[b] as number;
    key[b] = (highest - (value[row] as number)) * 2 + 1 - (incumbent[b] as number);
    arrival[b] = (orders[row] as Order).arrival;
  }
  return { value, wanted, highest, key, arrival, bids: { order: rows, units } };

  function push(row: number, count: number, flag: number): void {
    rows.push(row);
    units.push(count);
    incumbent.push(flag);
  }
}

/** The slots an order wants, as far as its budget lasts; none when that is for fewer than it takes. */
export function affordable({ id, quantity, min_quantity = 1, budget_slots = quantity }: Order): number {
  const wanted = Math.min(checkedQuantity(quantity, 1, id), checkedQuantity(budget_slots, 0, id));
  return wanted < min_quantity ? 0 : wanted;
}

function heldOffers(offers: readonly Offer[], orders: readonly Order[]): Map<string, number> {
  const ids = new Set<string>();
  for (const { incumbents } of orders) if (incumbents) for (const id of incumbents) ids.add(id);
  const rows = new Map<string, number>();
  if (ids.size > 0) for (let i = 0; i < offers.length; i++) if (ids.has((offers[i] as Offer).id)) rows.set((offers[i] as Offer).id, i);
  return rows;
}

function keptSlots(order: Order, held: ReadonlyMap<string, number>, slots: Int32Array): number {
  if (!order.incumbents || held.size === 0) return 0;
  return order.incumbents.filter((id) => (slots[held.get(id) ?? -1] ?? 0) > 0).length;
}

/** The orders as their bids rank them; one without a bid, which only wants a reason, comes after. */
function firstSeen(rows: Int32Array, n: number): Uint32Array {
  const seen = new Uint8Array(n);
  const order = new Uint32Array(n);
  let count = 0;
  for (const row of rows) {
    if (seen[row] === 1) continue;
    seen[row] = 1;
    order[count++] = row;
  }
  for (let row = 0; count < n; row++) if (seen[row] === 0) order[count++] = row;
  return order;
}

function slotsPerGrade(gradeOf: Int32Array, slots: Int32Array, grades: number): Float64Array {
  const sums = new Float64Array(grades);
  for (let i = 0; i < slots.length; i++) sums[gradeOf[i] as number] = (sums[gradeOf[i] as number] as number) + (slots[i] as number);
  return sums;
}

import type { Micro } from '#units';
import type { Acceptance } from './acceptance.js';
import { classify, type OrderClass } from './classes.js';
import { grade } from './grades.js';
import { checkedPrice, checkedQuantity } from './offer-index.js';
import type { OwnUse } from './pairs.js';
import { type RankedOffers, rankOffers } from './rank-offers.js';
import { rank } from './sort.js';
import type { Offer, OfferColumns, Order } from './types.js';

/** One market of a round as flat arrays. Prices are whole ticks. */
export interface Book extends RankedOffers {
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
  /**
   * Per order: maximum in ticks, slots wanted, and what is needed of the order itself once bids are ranked: then neighbours in rank lie
   * far apart in memory, and reading a hundred thousand objects so takes longer than clearing them.
   */
  readonly value: Float64Array;
  readonly wanted: Int32Array;
  readonly orderIds: readonly string[];
  readonly maxima: readonly Micro[];
  readonly quantity: Int32Array;
  /** Slots it takes at least, and for how many its budget lasts. */
  readonly least: Int32Array;
  readonly lasting: Int32Array;
  /** Some order wants its slots spread. */
  readonly spreads: boolean;
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
  const { offers, ids, arrival } = columns;
  const held = heldOffers(columns, orders);
  const slots = own ? columns.slots.slice() : columns.slots;
  if (own) for (let i = 0; i < slots.length; i++) slots[i] = (slots[i] as number) - (own.used[i] as number);
  const supply = { offers, arrival, slots, reserve: reservesInTicks(columns.price, tick) };
  const demand = orderColumns(orders, tick, held, supply.slots, own);
  const bids = rankedBids(demand);
  const grading = grade(columns, orders, supply.reserve);
  const slotsOf = slotsPerGrade(grading.of, supply.slots, grading.example.length);
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
    orderIds: demand.ids,
    maxima: demand.maxima,
    quantity: demand.quantity,
    least: demand.least,
    lasting: demand.lasting,
    spreads: demand.spreads,
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
  if (tick === 1n) return price;
  const step = Number(tick);
  return price.map((micro) => Math.ceil(micro / step));
}

function orderColumns(orders: readonly Order[], tick: Micro, held: ReadonlyMap<string, number>, slots: Int32Array, own?: OwnUse) {
  const n = orders.length;
  const step = Number(tick);
  const room = held.size > 0 ? 2 * n : n;
  const columns = {
    ids: new Array<string>(n),
    maxima: new Array<Micro>(n),
    value: new Float64Array(n),
    wanted: new Int32Array(n),
    quantity: new Int32Array(n),
    least: new Int32Array(n),
    lasting: new Int32Array(n),
  };
  const { ids, maxima, value, wanted, quantity, least, lasting } = columns;
  const bids = { order: new Int32Array(room), units: new Int32Array(room) };
  const incumbent = new Uint8Array(room);
  const arrival = new Float64Array(room);
  let [highest, count, spreads] = [0, 0, false];
  for (let i = 0; i < n; i++) {
    const order = orders[i] as Order;
    const ticks = Math.floor(checkedPrice(order.max_price, order.id) / step);
    const all = affordable(order) - (own ? (own.filled[i] as number) : 0);
    ids[i] = order.id;
    maxima[i] = order.max_price;
    value[i] = ticks;
    wanted[i] = all;
    quantity[i] = order.quantity;
    least[i] = order.min_quantity ?? 1;
    lasting[i] = order.budget_slots ?? order.quantity;
    if (ticks > highest) highest = ticks;
    if (order.spread) spreads = true;
    const kept = Math.min(all, keptSlots(order, held, slots));
    if (kept > 0) push(i, kept, 1, order.arrival);
    if (all > kept) push(i, all - kept, 0, order.arrival);
  }
  const key = new Float64Array(count);
  for (let b = 0; b < count; b++) key[b] = (highest - (value[bids.order[b] as number] as number)) * 2 + 1 - (incumbent[b] as number);
  return { ...columns, highest, spreads, key, arrival: arrival.subarray(0, count), bids };

  function push(row: number, units: number, flag: number, at: number): void {
    bids.order[count] = row;
    bids.units[count] = units;
    incumbent[count] = flag;
    arrival[count] = at;
    count++;
  }
}

function rankedBids({ key, arrival, bids, ids }: ReturnType<typeof orderColumns>): Bids {
  const ranked = rank(key, arrival, (b) => ids[bids.order[b] as number] as string);
  const into = { order: new Int32Array(ranked.length), units: new Int32Array(ranked.length) };
  for (let i = 0; i < ranked.length; i++) {
    into.order[i] = bids.order[ranked[i] as number] as number;
    into.units[i] = bids.units[ranked[i] as number] as number;
  }
  return into;
}

/** The slots an order wants, as far as its budget lasts; none when that is for fewer than it takes. */
export function affordable({ id, quantity, min_quantity = 1, budget_slots = quantity }: Order): number {
  const wanted = Math.min(checkedQuantity(quantity, 1, id), checkedQuantity(budget_slots, 0, id));
  return wanted < min_quantity ? 0 : wanted;
}

function heldOffers({ offers, rowOf }: OfferColumns, orders: readonly Order[]): Map<string, number> {
  const ids = new Set<string>();
  for (const { incumbents } of orders) if (incumbents) for (const id of incumbents) ids.add(id);
  const rows = new Map<string, number>();
  if (rowOf) {
    for (const id of ids) {
      const row = rowOf(id);
      if (row !== undefined) rows.set(id, row);
    }
  } else if (ids.size > 0)
    for (let i = 0; i < offers.length; i++) if (ids.has((offers[i] as Offer).id)) rows.set((offers[i] as Offer).id, i);
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

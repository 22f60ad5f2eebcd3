import { HeapError, type Micro } from '#units';
import { classify, type OrderClass } from './classes.js';
import { grade } from './grades.js';
import { rankOffers } from './rank-offers.js';
import { rank } from './sort.js';
import type { Offer, Order } from './types.js';

/** One market of a round as flat arrays. Prices are whole ticks. */
export interface Book {
  readonly market: string;
  readonly tick: Micro;
  readonly offers: readonly Offer[];
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
  /** Bids, highest first. An order that holds some of the slots already is two bids, the incumbent's part first among equals. */
  readonly bids: Bids;
  /** The rows of offers that orders hold now, by node id; empty when nobody holds any. */
  readonly held: ReadonlyMap<string, number>;
}

export interface Bids {
  readonly order: Int32Array;
  readonly units: Int32Array;
}

/** Prices at or above this are mistakes: 2⁵⁰ micro-units are a thousand million whole units of money. */
export const PRICE_LIMIT: Micro = 1n << 50n;
export const QUANTITY_LIMIT = 1_000_000;

/** @throws HeapError `price_out_of_range`, `quantity_out_of_range`: what the edges should have refused. */
export function makeBook(market: string, offers: readonly Offer[], orders: readonly Order[], tick: Micro): Book {
  const held = heldOffers(offers, orders);
  const supply = offerColumns(offers, tick);
  const demand = orderColumns(orders, tick, held, supply.slots);
  const rankedBids = rank(demand.key, demand.arrival, (row) => (orders[demand.bids.order[row] as number] as Order).id);
  const grading = grade(offers, orders, supply.reserve);
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
    orders,
    reserve: supply.reserve,
    slots: supply.slots,
    gradeOf: grading.of,
    example: grading.example,
    slotsOf,
    ...rankOffers(offers, supply, demand, grading.of, grading.example.length, held),
    value: demand.value,
    wanted: demand.wanted,
    classOf: classing.of,
    classes: classing.classes,
    bids,
    held,
  };
}

function offerColumns(offers: readonly Offer[], tick: Micro) {
  const n = offers.length;
  const reserve = new Float64Array(n);
  const slots = new Int32Array(n);
  const arrival = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    const offer = offers[i] as Offer;
    reserve[i] = inTicks(offer.reserve_price, tick, 'up', offer.id);
    slots[i] = quantity(offer.slots, 0, offer.id);
    arrival[i] = offer.arrival;
  }
  return { reserve, slots, arrival };
}

function orderColumns(orders: readonly Order[], tick: Micro, held: ReadonlyMap<string, number>, slots: Int32Array) {
  const n = orders.length;
  const value = new Float64Array(n);
  const wanted = new Int32Array(n);
  const rows: number[] = [];
  const units: number[] = [];
  const incumbent: number[] = [];
  let highest = 0;
  for (let i = 0; i < n; i++) {
    const order = orders[i] as Order;
    const ticks = inTicks(order.max_price, tick, 'down', order.id);
    const all = quantity(order.quantity, 1, order.id);
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

function inTicks(price: Micro, tick: Micro, way: 'up' | 'down', id: string): number {
  if (price < 0n || price >= PRICE_LIMIT)
    throw new HeapError('price_out_of_range', `The price ${price} of ${id} is not between 0 and 2^50.`, 'platform', {
      id,
      price: String(price),
    });
  if (tick === 1n) return Number(price);
  return Number(way === 'down' ? price / tick : (price + tick - 1n) / tick);
}

function quantity(count: number, least: number, id: string): number {
  if (!Number.isInteger(count) || count < least || count > QUANTITY_LIMIT)
    throw new HeapError(
      'quantity_out_of_range',
      `${id}: ${count} slots are not a whole number from ${least} to ${QUANTITY_LIMIT}.`,
      'platform',
      { id },
    );
  return count;
}

function firstSeen(rows: Int32Array, n: number): Uint32Array {
  const seen = new Uint8Array(n);
  const order = new Uint32Array(n);
  let count = 0;
  for (const row of rows) {
    if (seen[row] === 1) continue;
    seen[row] = 1;
    order[count++] = row;
  }
  return order;
}

function slotsPerGrade(gradeOf: Int32Array, slots: Int32Array, grades: number): Float64Array {
  const sums = new Float64Array(grades);
  for (let i = 0; i < slots.length; i++) sums[gradeOf[i] as number] = (sums[gradeOf[i] as number] as number) + (slots[i] as number);
  return sums;
}

/** Below this a comparison sort is faster than counting. */
const SMALL = 512;
const DIGIT_BITS_MAX = 16;

/**
 * The rows 0 … n − 1 in ascending order of `keys`, stable. Keys are whole numbers from 0 to 2⁵³ − 1. Radix sort, least significant
 * digit first, with as few and as narrow digits as the span of the keys needs.
 */
export function sortByKey(keys: Float64Array, from: Uint32Array = rows(keys.length)): Uint32Array {
  const n = from.length;
  let low = Infinity;
  let high = 0;
  let sorted = true;
  let last = 0;
  for (let i = 0; i < n; i++) {
    const key = keys[from[i] as number] as number;
    if (key < low) low = key;
    if (key > high) high = key;
    if (key < last) sorted = false;
    last = key;
  }
  if (sorted) return from;
  // V8's typed sort with a comparator is stable.
  if (n < SMALL) return from.sort((a, b) => (keys[a] as number) - (keys[b] as number));
  const span = high - low;
  const bits = Math.floor(Math.log2(span)) + 1;
  if (bits > 32) return sortWide(keys, from, low);
  const offsets = new Uint32Array(n);
  for (let i = 0; i < n; i++) offsets[from[i] as number] = (keys[from[i] as number] as number) - low;
  const passes = Math.ceil(bits / DIGIT_BITS_MAX);
  const width = Math.ceil(bits / passes);
  let order = from;
  for (let p = 0; p < passes; p++) order = pass(offsets, order, p * width, width);
  return order;
}

/** Keys of more than 32 bits: the low halves first, then the high ones. */
function sortWide(keys: Float64Array, from: Uint32Array, low: number): Uint32Array {
  const half = 2 ** 27;
  const lower = keys.map((key) => (key - low) % half);
  const upper = keys.map((key) => Math.floor((key - low) / half));
  return sortByKey(upper, sortByKey(lower, from));
}

function pass(keys: Uint32Array, from: Uint32Array, shift: number, width: number): Uint32Array {
  const mask = 2 ** width - 1;
  const counts = new Uint32Array(mask + 1);
  const n = from.length;
  for (let i = 0; i < n; i++) {
    const digit = ((keys[i] as number) >>> shift) & mask;
    counts[digit] = (counts[digit] as number) + 1;
  }
  let start = 0;
  for (let d = 0; d <= mask; d++) {
    const size = counts[d] as number;
    counts[d] = start;
    start += size;
  }
  const to = new Uint32Array(n);
  for (let i = 0; i < n; i++) {
    const row = from[i] as number;
    const digit = ((keys[row] as number) >>> shift) & mask;
    const at = counts[digit] as number;
    to[at] = row;
    counts[digit] = at + 1;
  }
  return to;
}

/**
 * Ranks rows by key, then by arrival, then by id; the same rows give the same ranking however they were ordered at first.
 * Keys are as for `sortByKey`; arrivals are any finite numbers.
 */
export function rank(keys: Float64Array, arrivals: Float64Array, idOf: (row: number) => string): Uint32Array {
  const n = keys.length;
  const { order, distinct } = byArrival(arrivals);
  const ranked = sortByKey(keys, order);
  if (distinct) return ranked;
  for (let i = 1; i < n; i++) {
    if (!tied(i - 1, i)) continue;
    let end = i + 1;
    while (end < n && tied(i - 1, end)) end++;
    const run = [...ranked.subarray(i - 1, end)].map((row) => ({ row, id: idOf(row) }));
    run.sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
    for (let k = 0; k < run.length; k++) ranked[i - 1 + k] = (run[k] as { row: number }).row;
    i = end - 1;
  }
  return ranked;

  function tied(a: number, b: number): boolean {
    const [x, y] = [ranked[a] as number, ranked[b] as number];
    return keys[x] === keys[y] && arrivals[x] === arrivals[y];
  }
}

/** A book that is kept in order of arrival, as a broker keeps it, needs no sorting here. */
function byArrival(arrivals: Float64Array): { order: Uint32Array; distinct: boolean } {
  let sorted = true;
  let distinct = true;
  for (let i = 1; i < arrivals.length; i++) {
    const [before, now] = [arrivals[i - 1] as number, arrivals[i] as number];
    if (now < before) sorted = false;
    if (now <= before) distinct = false;
  }
  const order = rows(arrivals.length);
  if (sorted) return { order, distinct };
  if (arrivals.every((arrival) => arrival >= 0 && Number.isSafeInteger(arrival))) return { order: sortByKey(arrivals, order), distinct };
  order.sort((a, b) => (arrivals[a] as number) - (arrivals[b] as number));
  return { order, distinct };
}

function rows(n: number): Uint32Array {
  const order = new Uint32Array(n);
  for (let i = 0; i < n; i++) order[i] = i;
  return order;
}

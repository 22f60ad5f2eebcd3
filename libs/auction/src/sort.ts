const DIGIT_BITS = 11;
const BUCKETS = 1 << DIGIT_BITS;
/** Below this a comparison sort is faster than clearing the buckets. */
const SMALL = 1024;

/**
 * Sorts the index `order` by `keys[order[i]]`, ascending and stable. Keys are whole numbers from 0 to 2⁵³ − 1.
 * Radix sort, least significant digit first; only as many passes as the largest key has digits.
 */
export function sortByKey(order: Uint32Array, keys: Float64Array): Uint32Array {
  const n = order.length;
  let max = 0;
  let sorted = true;
  let last = 0;
  for (let i = 0; i < n; i++) {
    const key = keys[order[i] as number] as number;
    if (key > max) max = key;
    if (key < last) sorted = false;
    last = key;
  }
  if (sorted) return order;
  // V8's typed sort with a comparator is stable.
  if (n < SMALL) return order.sort((a, b) => (keys[a] as number) - (keys[b] as number));
  let from: Uint32Array = order;
  let to: Uint32Array = new Uint32Array(n);
  const counts = new Uint32Array(BUCKETS);
  for (let unit = 1; unit <= max; unit *= BUCKETS) {
    counts.fill(0);
    for (let i = 0; i < n; i++) {
      const digit = Math.floor((keys[i] as number) / unit) % BUCKETS;
      counts[digit] = (counts[digit] as number) + 1;
    }
    let start = 0;
    for (let d = 0; d < BUCKETS; d++) {
      const size = counts[d] as number;
      counts[d] = start;
      start += size;
    }
    for (let i = 0; i < n; i++) {
      const item = from[i] as number;
      const digit = Math.floor((keys[item] as number) / unit) % BUCKETS;
      const at = counts[digit] as number;
      to[at] = item;
      counts[digit] = at + 1;
    }
    [from, to] = [to, from];
  }
  return from;
}

/**
 * Ranks rows by key, then by arrival, then by id; the same rows give the same ranking however they were ordered at first.
 * `arrivals` may be any finite numbers.
 */
export function rank(keys: Float64Array, arrivals: Float64Array, idOf: (row: number) => string): Uint32Array {
  const n = keys.length;
  const byArrival = sortByArrival(arrivals);
  const ranked = sortByKey(byArrival, keys);
  for (let i = 1; i < n; i++) {
    if (!tied(i - 1, i)) continue;
    let end = i + 1;
    while (end < n && tied(i - 1, end)) end++;
    const run = [...ranked.subarray(i - 1, end)].map((row) => ({ row, id: idOf(row) }));
    run.sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
    run.forEach(({ row }, k) => {
      ranked[i - 1 + k] = row;
    });
    i = end - 1;
  }
  return ranked;

  function tied(a: number, b: number): boolean {
    const [x, y] = [ranked[a] as number, ranked[b] as number];
    return keys[x] === keys[y] && arrivals[x] === arrivals[y];
  }
}

function sortByArrival(arrivals: Float64Array): Uint32Array {
  const n = arrivals.length;
  const order = new Uint32Array(n);
  let sorted = true;
  for (let i = 0; i < n; i++) {
    order[i] = i;
    if (i > 0 && (arrivals[i] as number) < (arrivals[i - 1] as number)) sorted = false;
  }
  return sorted ? order : order.sort((a, b) => (arrivals[a] as number) - (arrivals[b] as number));
}

import { rank } from './sort.js';
import type { Offer } from './types.js';

interface Supply {
  readonly offers: readonly Offer[];
  readonly reserve: Float64Array;
  readonly slots: Int32Array;
  readonly arrival: Float64Array;
}

interface Demand {
  readonly wanted: Int32Array;
  /** The highest maximum, in ticks. */
  readonly highest: number;
}

export interface RankedOffers {
  /** The offers that may sell, cheapest first, grade by grade: grade g is `byGrade[start[g] .. start[g + 1])`. */
  readonly byGrade: Int32Array;
  readonly start: Int32Array;
  /** The rank of each of these among all that may sell: the cheaper, then the earlier, is lower. */
  readonly rankOf: Int32Array;
  /** Reserve and free slots of each of these, side by side. */
  readonly reserveAt: Float64Array;
  readonly slotsAt: Int32Array;
}

/**
 * The offers that may sell, ranked by reserve, arrival and id and grouped by grade. Left out are those without free slots, those
 * above every bid, and with a single grade those beyond what all orders together want.
 */
export function rankOffers(
  supply: Supply,
  demand: Demand,
  gradeOf: Int32Array,
  grades: number,
  held: ReadonlyMap<string, number>,
): RankedOffers {
  const rows = sellable(supply, grades === 1 ? cutoff(supply, demand) : demand.highest);
  const keys = new Float64Array(rows.length);
  const arrivals = new Float64Array(rows.length);
  // Among equal reserves, slots that somebody holds go first: their holders may keep them.
  const heldRows = new Set(held.values());
  for (let k = 0; k < rows.length; k++) {
    const row = rows[k] as number;
    const price = supply.reserve[row] as number;
    keys[k] = heldRows.size === 0 ? price : price * 2 + (heldRows.has(row) ? 0 : 1);
    arrivals[k] = supply.arrival[row] as number;
  }
  const ranked = rank(keys, arrivals, (k) => (supply.offers[rows[k] as number] as Offer).id);
  return group(ranked, rows, supply, gradeOf, grades);
}

function sellable({ reserve, slots }: Supply, most: number): Int32Array {
  const rows = new Int32Array(reserve.length);
  let n = 0;
  for (let i = 0; i < reserve.length; i++) if ((slots[i] as number) > 0 && (reserve[i] as number) <= most) rows[n++] = i;
  return rows.subarray(0, n);
}

const STEPS = 4096;

/** A price such that the slots up to it are as many as all orders want, found by counting slots in equal steps of price. */
function cutoff({ reserve, slots }: Supply, { wanted, highest }: Demand): number {
  let total = 0;
  for (const units of wanted) total += units;
  const width = Math.max(1, Math.ceil((highest + 1) / STEPS));
  const counts = new Float64Array(STEPS);
  for (let i = 0; i < reserve.length; i++) {
    const price = reserve[i] as number;
    if (price > highest) continue;
    const step = Math.floor(price / width);
    counts[step] = (counts[step] as number) + (slots[i] as number);
  }
  let sum = 0;
  for (let step = 0; step < STEPS; step++) {
    sum += counts[step] as number;
    if (sum >= total) return Math.min(highest, (step + 1) * width - 1);
  }
  return highest;
}

function group(ranked: Uint32Array, rows: Int32Array, { reserve, slots }: Supply, gradeOf: Int32Array, grades: number): RankedOffers {
  const n = ranked.length;
  const start = new Int32Array(grades + 1);
  const into = {
    byGrade: new Int32Array(n),
    rankOf: new Int32Array(n),
    reserveAt: new Float64Array(n),
    slotsAt: new Int32Array(n),
  };
  for (let k = 0; k < n; k++) {
    const g = gradeOf[rows[k] as number] as number;
    start[g + 1] = (start[g + 1] as number) + 1;
  }
  for (let g = 0; g < grades; g++) start[g + 1] = (start[g + 1] as number) + (start[g] as number);
  const next = start.slice();
  for (let r = 0; r < n; r++) {
    const row = rows[ranked[r] as number] as number;
    const g = gradeOf[row] as number;
    const at = next[g] as number;
    into.byGrade[at] = row;
    into.rankOf[at] = r;
    into.reserveAt[at] = reserve[row] as number;
    into.slotsAt[at] = slots[row] as number;
    next[g] = at + 1;
  }
  return { ...into, start };
}

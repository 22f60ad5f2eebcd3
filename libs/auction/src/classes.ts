import { Acceptance } from './acceptance.js';
import { type Bits, lowest, members, sizeOf, wordsFor } from './bits.js';
import type { Grading } from './grades.js';
import type { Order, Preference } from './types.js';
import { termsOf } from './vocabulary.js';

/** Orders that accept the same grades and prefer them alike: to the market they differ only in price and size. */
export class OrderClass {
  /** The accepted grades as a list, made when first asked for. */
  #grades: Int32Array | undefined;

  constructor(
    readonly accepts: Bits,
    /** What each grade is worth less than the best one, in ticks; absent when all it accepts are worth the same. */
    readonly penalty: Float64Array | undefined,
  ) {}

  get size(): number {
    return this.#grades?.length ?? sizeOf(this.accepts);
  }

  get grades(): Int32Array {
    this.#grades ??= Int32Array.from(members(this.accepts));
    return this.#grades;
  }
}

export interface Classing {
  readonly of: Int32Array;
  readonly classes: readonly OrderClass[];
  readonly acceptance: Acceptance;
}

/** `ranked` gives the order in which classes are numbered, so that their numbers do not depend on the order of the input. */
export function classify(orders: readonly Order[], ranked: Uint32Array, grading: Grading, tick: bigint): Classing {
  const acceptance = new Acceptance(grading);
  const scratch: Bits = new Uint32Array(wordsFor(grading.example.length));
  const classes: OrderClass[] = [];
  const next: number[] = [];
  const known = new Map<number, number>();
  const of = new Int32Array(orders.length);
  // Orders that ask for nothing in particular are one class; a market may have none but those.
  let plain = -1;
  const alike = grading.plain && grading.rules.facet === undefined;
  for (let r = 0; r < (alike ? Math.min(1, ranked.length) : ranked.length); r++) {
    const i = ranked[r] as number;
    const order = orders[i] as Order;
    const isPlain = grading.terms[i] === undefined && grading.rules.facet === undefined && !order.preferences?.length;
    if (isPlain && plain >= 0) {
      of[i] = plain;
      continue;
    }
    acceptance.admit(order, acceptance.write(grading.terms[i], scratch));
    const penalty = order.preferences?.length ? penalties(order.preferences, acceptance, scratch, tick) : undefined;
    const key = hash(scratch, penalty);
    let c = known.get(key) ?? -1;
    while (c >= 0 && !same(classes[c] as OrderClass, scratch, penalty)) c = next[c] as number;
    if (c < 0) {
      c = classes.length;
      classes.push(new OrderClass(scratch.slice(), penalty));
      next.push(known.get(key) ?? -1);
      known.set(key, c);
    }
    of[i] = c;
    if (isPlain) plain = c;
  }
  return { of, classes, acceptance };
}

function penalties(preferences: readonly Preference[], acceptance: Acceptance, accepts: Bits, tick: bigint): Float64Array | undefined {
  const good: Bits = new Uint32Array(accepts.length);
  let lost: Float64Array | undefined;
  for (const { prefer, weight } of preferences) {
    if (weight <= 0n) continue;
    acceptance.write(termsOf(prefer), good);
    const ticks = Number((weight + tick - 1n) / tick);
    lost ??= new Float64Array(acceptance.size);
    for (let w = 0; w < accepts.length; w++)
      for (let rest = (accepts[w] as number) & ~(good[w] as number); rest !== 0; rest &= rest - 1) {
        const g = (w << 5) + lowest(rest);
        lost[g] = (lost[g] as number) + ticks;
      }
  }
  return lost;
}

/** FNV-1a over words; what collides is compared. */
function hash(bits: Bits, penalty: Float64Array | undefined): number {
  let h = 0x811c9dc5;
  for (let w = 0; w < bits.length; w++) h = Math.imul(h ^ (bits[w] as number), 0x01000193);
  if (penalty) for (let g = 0; g < penalty.length; g++) h = Math.imul(h ^ (penalty[g] as number), 0x01000193);
  return h;
}

function same(cls: OrderClass, bits: Bits, penalty: Float64Array | undefined): boolean {
  return equal(cls.accepts, bits) && (cls.penalty && penalty ? equal(cls.penalty, penalty) : cls.penalty === penalty);
}

function equal(a: Uint32Array | Float64Array, b: Uint32Array | Float64Array): boolean {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

import { addAll, type Bits, lowest, put, wordsFor } from './bits.js';
import type { Book } from './book.js';
import type { OrderClass } from './classes.js';
import type { Flow } from './flow.js';
import type { Way } from './way.js';

/**
 * `thresholds` where no class has preferences: a move costs nothing, so that what frees a slot in one grade frees one in every grade from
 * which units can move there. Free slots and bids are looked at from the cheapest up, until every grade has its ways.
 */
export function uniformThresholds(book: Book, flow: Flow, idleReserve: Float64Array): (readonly Way[])[] {
  const found: Way[][] = book.example.map(() => []);
  const movers = moversInto(book, flow);
  const open = new Set<number>();
  for (let g = 0; g < found.length; g++) if (idleReserve[g] !== Infinity || (flow.units[g] as Map<number, number>).size > 0) open.add(g);
  const idle = [...open]
    .filter((g) => idleReserve[g] !== Infinity)
    .sort((a, b) => (idleReserve[b] as number) - (idleReserve[a] as number) || b - a);
  const { bids, value, classOf } = book;
  let b = bids.order.length - 1;
  while (open.size > 0 && (b >= 0 || idle.length > 0)) {
    const order = b >= 0 ? (bids.order[b] as number) : -1;
    const bid = b >= 0 ? (value[order] as number) + 1 : Infinity;
    const g = idle.at(-1);
    if (g !== undefined && (idleReserve[g] as number) <= bid) {
      idle.pop();
      spread(found, movers, open, [g], { bid: idleReserve[g] as number, idle: g, order: -1 });
      continue;
    }
    b--;
    if (b < -1 || (flow.filled[order] as number) === 0) continue;
    const cls = classOf[order] as number;
    const at = [...open].filter((grade) => (flow.units[grade] as Map<number, number>).has(cls));
    spread(found, movers, open, at, { bid, idle: -1, order });
  }
  return found;
}

/** Adds the way to the grades it starts from and to all whose units can move there; a grade closes with a free slot or a second rival. */
function spread(found: Way[][], movers: readonly Bits[], open: Set<number>, from: readonly number[], way: Way): void {
  const stack = from.filter((g) => open.has(g));
  while (stack.length > 0) {
    const h = stack.pop() as number;
    const ways = found[h] as Way[];
    if (!open.has(h) || ways[0]?.order === way.order) continue;
    ways.push(way);
    if (ways.length === 2 || way.order === -1) open.delete(h);
    const into = movers[h] as Bits;
    for (let w = 0; w < into.length; w++)
      for (let rest = into[w] as number; rest !== 0; rest &= rest - 1) {
        const g = (w << 5) + lowest(rest);
        if (open.has(g)) stack.push(g);
      }
  }
}

/** Per grade: the grades with units that accept it. */
function moversInto(book: Book, flow: Flow): Bits[] {
  const grades = book.example.length;
  const words = wordsFor(grades);
  const movers = Array.from({ length: grades }, (): Bits => new Uint32Array(words));
  const moves = new Uint32Array(words);
  for (let g = 0; g < grades; g++) {
    moves.fill(0);
    for (const c of (flow.units[g] as Map<number, number>).keys()) addAll(moves, (book.classes[c] as OrderClass).accepts);
    for (let w = 0; w < words; w++)
      for (let rest = moves[w] as number; rest !== 0; rest &= rest - 1) put(movers[(w << 5) + lowest(rest)] as Bits, g);
  }
  return movers;
}

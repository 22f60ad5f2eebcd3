import type { Book } from './book.js';
import { attributeClauses, type Clause, exclusionClauses } from './clauses.js';
import type { OrderReason } from './reasons.js';
import type { Offer, Order } from './types.js';

/**
 * Why no node of the market may serve an order at any price: is it what the nodes are, what the order excludes, or whom the owners admit?
 * Of several constraints that fail together, the one is named without which most nodes would do.
 */
export function mismatchExplainer(book: Book): (order: Order) => OrderReason {
  const nodes = nodesPerGrade(book);
  const count = (good: (g: number) => boolean) => nodes.reduce((sum, n, g) => sum + (good(g) ? n : 0), 0);
  return (order) => {
    const attributes = attributeClauses(order.constraints ?? {}).map((clause) => ({ clause, holds: holding(book, clause) }));
    const all = (g: number) => attributes.every(({ holds }) => holds[g] === 1);
    const fit = count(all);
    if (fit === 0) {
      const judged = attributes.map((one) => ({
        clause: one.clause,
        without: count((g) => attributes.every((other) => other === one || other.holds[g] === 1)),
        alone: count((g) => one.holds[g] === 1),
      }));
      const worst = judged.reduce((a, b) => (b.without > a.without || (b.without === a.without && b.alone < a.alone) ? b : a));
      return {
        code: 'no_node_satisfies',
        constraint: worst.clause.label(),
        nodes_without_it: worst.without,
        ruled_out: judged.map(({ clause, alone }) => ({ constraint: clause.label(), nodes: book.offers.length - alone })),
      };
    }
    const exclusions = exclusionClauses(order.constraints ?? {}).map((clause) => holding(book, clause));
    const wanted = (g: number) => all(g) && exclusions.every((holds) => holds[g] === 1);
    const left = count(wanted);
    if (left === 0) return { code: 'excluded_by_order', nodes: fit };
    const blocked = count((g) => wanted(g) && (book.example[g] as Offer).rules?.deny_buyers?.includes(order.buyer) === true);
    return blocked === left ? { code: 'buyer_blocked', nodes: left } : { code: 'denied_by_owner', nodes: left };
  };
}

function holding(book: Book, clause: Clause): Uint8Array {
  return Uint8Array.from(book.example, (offer) => (clause.holds(offer) ? 1 : 0));
}

function nodesPerGrade(book: Book): Int32Array {
  const nodes = new Int32Array(book.example.length);
  for (let row = 0; row < book.gradeOf.length; row++) {
    const g = book.gradeOf[row] as number;
    nodes[g] = (nodes[g] as number) + 1;
  }
  return nodes;
}

import type { Book } from './book.js';
import type { Flow } from './flow.js';
import { Network } from './network.js';

/**
 * The matching of greatest welfare when every order values all the grades it accepts alike.
 *
 * Bids come highest first; each takes the cheapest slot it can get, if need be by letting earlier bids move between grades that
 * they like as well (a shortest augmenting path; Ford and Fulkerson 1962, ch. III). A bid once served is never displaced, as later ones
 * are lower.
 */
export function matchUniform(book: Book, takesPart: (order: number) => boolean): Flow {
  const { bids, classOf, value } = book;
  const filled = new Int32Array(book.orders.length);
  const network = new Network(book);
  for (let b = 0; b < bids.order.length; b++) {
    const order = bids.order[b] as number;
    if (!takesPart(order)) continue;
    const wanted = bids.units[b] as number;
    filled[order] = (filled[order] as number) + network.serve(classOf[order] as number, wanted, value[order] as number);
  }
  return { filled, units: network.units, supply: network.supply };
}

import { has } from './bits.js';
import type { Book } from './book.js';
import type { OrderClass } from './classes.js';
import type { Flow } from './flow.js';
import { Supply } from './supply.js';

/** `matchUniform` where all slots are of one grade: the highest bids take the cheapest slots until a bid does not reach the next one. */
export function matchSingle(book: Book, takesPart: (order: number) => boolean): Flow {
  const { bids, classOf, value } = book;
  const filled = new Int32Array(book.orders.length);
  const supply = new Supply(book);
  const accepts = book.classes.map((cls: OrderClass) => has(cls.accepts, 0));
  const units = new Map<number, number>();
  for (let b = 0; b < bids.order.length; b++) {
    const order = bids.order[b] as number;
    const cls = classOf[order] as number;
    if (accepts[cls] !== true || !takesPart(order)) continue;
    const limit = value[order] as number;
    // No slot is left at Infinity; the bids that follow are no higher.
    if ((supply.reserve[0] as number) > limit) break;
    let got = 0;
    for (let open = bids.units[b] as number; open > got && (supply.reserve[0] as number) <= limit; ) got += supply.sell(0, open - got);
    filled[order] = (filled[order] as number) + got;
    units.set(cls, (units.get(cls) ?? 0) + got);
  }
  return { filled, units: [units], supply };
}

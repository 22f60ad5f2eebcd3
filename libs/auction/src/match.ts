import type { Book } from './book.js';
import type { Flow } from './flow.js';
import { matchUniform } from './flow-uniform.js';
import { matchWeighted } from './flow-weighted.js';

/** The matching of greatest welfare among the orders that take part. */
export function match(book: Book, takesPart: (order: number) => boolean): Flow {
  return book.weighted ? matchWeighted(book, takesPart) : matchUniform(book, takesPart);
}

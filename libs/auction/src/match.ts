import type { Book } from './book.js';
import type { Flow } from './flow.js';
import { matchSingle } from './flow-single.js';
import { matchUniform } from './flow-uniform.js';
import { matchWeighted } from './flow-weighted.js';

/** The matching of greatest welfare among the orders that take part. */
export function match(book: Book, takesPart: (order: number) => boolean): Flow {
  if (book.example.length === 1 && !book.weighted) return matchSingle(book, takesPart);
  return book.weighted ? matchWeighted(book, takesPart) : matchUniform(book, takesPart);
}

import { sleep } from './abort.js';
import { platform } from './platform.js';

/** Until what has arrived already is taken in. */
const turn = (): Promise<void> =>
  new Promise((resolve) => {
    if (platform.setImmediate) platform.setImmediate(resolve);
    else setTimeout(resolve, 0);
  });

export interface ChunkLimits {
  items: number;
  bytes: number;
  /**
   * A chunk that is not full leaves this long after its first item arrived; at once where that item was waited for longer than this: a source
   * that pauses so long will hardly bring company in time.
   */
  linger_ms: number;
}

export interface Chunk<T> {
  first_index: number;
  items: T[];
  /** Nothing comes after it. An empty last chunk only says so. */
  last: boolean;
}

/**
 * Groups a stream into chunks within the limits, in order. A slow stream does not wait for a full chunk. The last chunk, maybe empty, has
 * `last`; an item larger than the limit travels alone.
 */
export async function* chunked<T>(
  source: AsyncIterable<T>,
  size: (item: T) => number,
  limits: ChunkLimits,
): AsyncGenerator<Chunk<T>, void, void> {
  const items = source[Symbol.asyncIterator]();
  let first_index = 0;
  let chunk: T[] = [];
  let bytes = 0;
  const take = (last: boolean): Chunk<T> => {
    const full = { first_index, items: chunk, last };
    first_index += chunk.length;
    chunk = [];
    bytes = 0;
    return full;
  };
  let next: Promise<IteratorResult<T>> | undefined;
  let lingering = new AbortController();
  let linger: Promise<'late'> | undefined;
  const leave = () => {
    lingering.abort();
    lingering = new AbortController();
    linger = undefined;
  };
  try {
    for (;;) {
      const asked_ms = performance.now();
      next ??= items.next();
      const arrived = await (linger ? Promise.race([next, linger]) : next);
      if (arrived === 'late') {
        leave();
        yield take(false);
        continue;
      }
      next = undefined;
      if (arrived.done) {
        leave();
        yield take(true);
        return;
      }
      const slow = chunk.length === 0 && performance.now() - asked_ms > limits.linger_ms;
      const item_bytes = size(arrived.value);
      if (chunk.length > 0 && bytes + item_bytes > limits.bytes) {
        leave();
        yield take(false);
      }
      chunk.push(arrived.value);
      bytes += item_bytes;
      if (chunk.length >= limits.items || bytes >= limits.bytes) {
        leave();
        yield take(false);
      }
      if (chunk.length > 0)
        linger ??= (slow ? turn() : sleep(limits.linger_ms, lingering.signal)).then(
          () => 'late' as const,
          () => new Promise<never>(() => undefined),
        );
    }
  } finally {
    lingering.abort();
    next?.catch(() => undefined);
    // Not awaited: a source that waits for its next item ends only when that arrives.
    if (items.return) Promise.resolve(items.return()).catch(() => undefined);
  }
}

/** Applies `work` to a stream, `concurrency` at a time, and yields in the order of the stream; the first failure ends it. */
export async function* mapOrdered<A, B>(
  source: AsyncIterable<A>,
  concurrency: number,
  work: (item: A) => Promise<B>,
): AsyncGenerator<B, void, void> {
  const items = source[Symbol.asyncIterator]();
  const running: Promise<B>[] = [];
  let next: Promise<IteratorResult<A>> | undefined;
  let ended = false;
  try {
    for (;;) {
      if (!ended && running.length < concurrency) next ??= items.next();
      const head = running[0];
      if (!head && !next) return;
      // Whatever is first: the oldest result, or one more item to start.
      const first = await Promise.race([
        ...(head ? [head.then((value) => ({ value }))] : []),
        ...(next ? [next.then((item) => ({ item }))] : []),
      ]);
      if ('value' in first) {
        void running.shift();
        yield first.value;
      } else {
        next = undefined;
        if (first.item.done) ended = true;
        else {
          const started = work(first.item.value);
          started.catch(() => undefined);
          running.push(started);
        }
      }
    }
  } finally {
    next?.catch(() => undefined);
    // Not awaited: the source ends when the signal that its owner fires now reaches it.
    if (!ended && items.return) items.return().catch(() => undefined);
  }
}

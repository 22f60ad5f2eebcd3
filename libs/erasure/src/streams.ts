/** What a file is read from; not all browsers can iterate over a ReadableStream. */
export type ByteSource =
  | AsyncIterable<Uint8Array>
  | Iterable<Uint8Array>
  | {
      getReader(): {
        read(): Promise<{ done: boolean; value?: Uint8Array | undefined }>;
        cancel(): Promise<void>;
      };
    };

async function* chunksOf(source: ByteSource): AsyncGenerator<Uint8Array, void, undefined> {
  if (!('getReader' in source)) {
    yield* source;
    return;
  }
  const reader = source.getReader();
  let over = false;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      over = done;
      if (done) return;
      if (value) yield value;
    }
  } finally {
    if (!over) await reader.cancel();
  }
}

/** The source in parts of `size` bytes, each with memory of its own; the last may be shorter, and none is empty. */
export async function* parts(source: ByteSource, size: number): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined> {
  let part = new Uint8Array(0);
  let filled = 0;
  for await (let chunk of chunksOf(source))
    while (chunk.length > 0) {
      const taken = chunk.subarray(0, size - filled);
      if (filled + taken.length > part.length) {
        const larger = new Uint8Array(Math.min(size, Math.max(2 * part.length, filled + taken.length)));
        larger.set(part.subarray(0, filled));
        part = larger;
      }
      part.set(taken, filled);
      filled += taken.length;
      chunk = chunk.subarray(taken.length);
      if (filled < size) continue;
      yield part;
      part = new Uint8Array(0);
      filled = 0;
    }
  if (filled > 0) yield part.subarray(0, filled);
}

/** The same, with the next one in work while the last one is used: one is held besides. */
export async function* oneAhead<T>(source: AsyncGenerator<T, void, undefined>): AsyncGenerator<T, void, undefined> {
  const ask = () => {
    const next = source.next();
    next.catch(() => {}); // thrown where it is awaited
    return next;
  };
  let next = ask();
  try {
    for (;;) {
      const { done, value } = await next;
      if (done) return;
      next = ask();
      yield value as T;
    }
  } finally {
    await source.return();
  }
}

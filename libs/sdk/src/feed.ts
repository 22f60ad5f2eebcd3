import { type Payload, ROUTES } from '#protocol';
import { type Chunk, chunked } from './chunks.js';
import type { HttpClient } from './http.js';
import type { Codec } from './module.js';
import { mapOrdered } from './ordered.js';
import { encodeInput, putPayload } from './payload.js';
import type { Storage } from './storage.js';
import { VolumeInput } from './volume-input.js';

/** What a request may carry: below the heap's 1,000 items and 1 MiB, with room for the rest of the body. */
const CHUNK = { items: 1_000, bytes: 900 * 1024, linger_ms: 2 } as const;
/** Large inputs put at a time. */
const INPUT_PUTS = 4;
/** `{"inline":""},` or `{"hash":"…","bytes":…},`, rounded up. */
const payloadBytes = (payload: Payload) => 16 + ('inline' in payload ? payload.inline.length : 100);

export type InputChunk = Chunk<Payload>;
export type Inputs<I> = Iterable<I> | AsyncIterable<I>;

/** The inputs, encoded, in chunks that each fit one request; files of volumes are read and large ones put as blobs on the way. */
export function inputChunks(
  { http, storage }: { http: HttpClient; storage: Storage },
  inputs: Inputs<unknown>,
  codec: Codec,
  ahead_max: number,
  signal: AbortSignal,
) {
  async function* encoded() {
    let index = 0;
    for await (const value of inputs) {
      yield value instanceof VolumeInput ? value : encodeInput(value, codec, index);
      index++;
    }
  }
  const payloads = mapOrdered(encoded(), INPUT_PUTS, async (input) =>
    putPayload(http, input instanceof VolumeInput ? await input.bytes(storage, signal) : input, signal),
  );
  return chunked(payloads, payloadBytes, { ...CHUNK, items: Math.max(1, Math.min(CHUNK.items, ahead_max)) });
}

/** Bounds how far the inputs run ahead of the results: a source may have no end. */
export class Window {
  sent = 0;
  #settled = 0;
  #wake: (() => void) | null = null;
  constructor(private readonly ahead_max: number) {}

  settle(): void {
    this.#settled++;
    this.#wake?.();
  }

  /** Resolves when that many more may be sent, or when nothing is ahead; rejects with the signal's reason. */
  async room(count: number, signal: AbortSignal): Promise<void> {
    const wake = () => this.#wake?.();
    signal.addEventListener('abort', wake);
    try {
      while (!signal.aborted && this.sent > this.#settled && this.sent - this.#settled + count > this.ahead_max)
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      signal.throwIfAborted();
    } finally {
      signal.removeEventListener('abort', wake);
    }
  }
}

/** Sends the chunks behind the first to an open job and closes it. `first_index` makes a repeated request harmless. */
export async function feed(
  http: HttpClient,
  job_id: string,
  chunks: AsyncGenerator<InputChunk, void, void>,
  window: Window,
  signal: AbortSignal,
): Promise<void> {
  const params = { job_id };
  for await (const { first_index, items, last } of chunks) {
    if (items.length > 0) {
      await window.room(items.length, signal);
      await http.call(ROUTES.addTasks, { params, body: { first_index, inputs: items }, repeatable: true, patient: true, signal });
      window.sent += items.length;
    }
    if (last) await http.call(ROUTES.closeJob, { params, repeatable: true, patient: true, signal });
  }
}

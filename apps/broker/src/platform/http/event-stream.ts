import { Readable } from 'node:stream';
import { StreamableFile } from '@nestjs/common';

export interface StreamEvent {
  /** A client that reconnects sends the last one it has seen, as Last-Event-ID. */
  readonly id?: number | string;
  readonly event: string;
  /** Anything JSON can say. */
  readonly data: unknown;
}

/** Events that are there at the same time go out together: a write of its own costs more than the event. */
type Source = AsyncIterable<StreamEvent | readonly StreamEvent[]>;

/** Proxies and phones cut connections that are silent for a minute. */
const KEEP_ALIVE_MS = 15_000;

/**
 * The answer of a handler whose route's response is `event-stream`: server-sent events as the source yields them, no
 * faster than the client reads, with a comment line now and then while there are none. `open` must end its waiting
 * when the signal aborts, which it does when the client goes away or the broker stops.
 */
export function eventStream(open: (signal: AbortSignal) => Source, keep_alive_ms: number = KEEP_ALIVE_MS): StreamableFile {
  const controller = new AbortController();
  const source = encode(open(controller.signal), controller.signal, keep_alive_ms);
  const stream = new Readable({
    read() {
      source.next().then(
        ({ done, value }) => this.push(done ? null : value),
        (error: Error) => this.destroy(error),
      );
    },
    // Readable.from would wait for the next event, or the next sign of life, before it noticed that the client has left.
    destroy(error, callback) {
      controller.abort();
      source.return(undefined).then(() => callback(error), callback);
    },
  });
  return new StreamableFile(stream, { type: 'text/event-stream; charset=utf-8' });
}

async function* encode(events: Source, signal: AbortSignal, keep_alive_ms: number): AsyncGenerator<Buffer> {
  const source = events[Symbol.asyncIterator]();
  try {
    // The headers go out with the first bytes: a client learns at once that it is connected.
    yield STILL_HERE;
    let next = source.next();
    for (;;) {
      const news = await firstOf(next, signal, keep_alive_ms);
      if (news === 'aborted') return;
      if (news === 'silence') {
        yield STILL_HERE;
        continue;
      }
      if (news.done) return;
      yield Buffer.from([news.value].flat().map(format).join(''));
      next = source.next();
    }
  } finally {
    await source.return?.();
  }
}

const STILL_HERE = Buffer.from(':\n\n');

/** Leaves nothing behind on the signal, which lives as long as the stream: Promise.race would, once an event. */
function firstOf<T>(next: Promise<T>, signal: AbortSignal, silence_ms: number): Promise<T | 'silence' | 'aborted'> {
  return new Promise((resolve, reject) => {
    const onAbort = () => settle(() => resolve('aborted'));
    const timer = setTimeout(() => settle(() => resolve('silence')), silence_ms);
    const settle = (report: () => void) => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      report();
    };
    signal.addEventListener('abort', onAbort, { once: true });
    next.then(
      (value) => settle(() => resolve(value)),
      (error: unknown) => settle(() => reject(error as Error)),
    );
    if (signal.aborted) onAbort();
  });
}

/** JSON has no line break of its own, so one `data` line carries it. */
export const format = ({ id, event, data }: StreamEvent): string =>
  `${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;

/** Where to go on: Last-Event-ID of a client that reconnects, else what its query asks for. */
export function resumeAfter(last_event_id: string | string[] | undefined, after: number): number {
  return typeof last_event_id === 'string' && /^\d{1,9}$/.test(last_event_id) ? Number(last_event_id) : after;
}

import * as z from 'zod';
import { type Presence, presence, ROUTES } from '#protocol';
import { HeapError } from '#units';
import { linkedController, sleep } from './abort.js';
import type { HttpClient } from './http.js';
import { isTransient } from './settled.js';
import { readEvents } from './sse.js';

/** What a device is now, since when and why, in its owner's words where the owner has said it. */
export type PresenceInfo = Presence;

export interface PresenceNews {
  /** Number of the change: `after` it goes on from here. */
  seq: string;
  /** Everything as it is, instead of one change: at the beginning, and after an absence too long to catch up with. */
  snapshot: boolean;
  nodes: readonly PresenceInfo[];
}

export interface WatchOptions {
  /** Go on behind this change; without it everything as it is comes first. */
  after?: string;
  /** For admins: everybody's devices. */
  all?: boolean;
  signal?: AbortSignal;
  /** A feed without a byte for so long is taken for dead. */
  idle_ms?: number;
  /** How long the heap may be away before we give up. */
  give_up_ms?: number;
}

const WAIT_MS = { least: 100, most: 5_000 } as const;
const snapshot = z.object({ nodes: z.array(presence) });

function newsOf({ event, data, id }: { event: string; data: string; id: string | null }): PresenceNews | null {
  if (id === null || (event !== 'snapshot' && event !== 'presence')) return null;
  const read = event === 'snapshot' ? snapshot.safeParse(JSON.parse(data)) : presence.safeParse(JSON.parse(data));
  if (!read.success)
    throw new HeapError('unexpected_answer', 'The heap streamed a presence that this SDK does not understand: update it.', 'platform');
  return { seq: id, snapshot: event === 'snapshot', nodes: 'nodes' in read.data ? read.data.nodes : [read.data] };
}

/**
 * The presence of devices, each change once and in order, over as many connections as it takes; ends only with its signal.
 * @throws HeapError when the heap refuses, or is away for longer than `give_up_ms`; the signal's reason when it fires.
 */
export async function* watchPresence(http: HttpClient, options: WatchOptions = {}): AsyncGenerator<PresenceNews, never, void> {
  const { idle_ms = 45_000, give_up_ms = 300_000 } = options;
  const signal = options.signal ?? new AbortController().signal;
  let after = options.after;
  let reached_ms = Date.now();
  for (let wait_ms: number = WAIT_MS.least; ; wait_ms = Math.min(2 * wait_ms, WAIT_MS.most)) {
    signal.throwIfAborted();
    // The connection's own signal: leaving this generator closes it.
    const connection = linkedController(signal);
    const late = setTimeout(() => connection.abort(new HeapError('timeout', 'The feed of presence did not begin.', 'platform')), idle_ms);
    try {
      const query = { ...(after !== undefined && { after }), ...(options.all && { all: 'true' as const }) };
      const response = await http.stream(ROUTES.streamPresence, { query, signal: connection.signal });
      clearTimeout(late);
      for await (const event of readEvents(response, idle_ms)) {
        [reached_ms, wait_ms] = [Date.now(), WAIT_MS.least];
        const news = newsOf(event);
        if (!news) continue;
        after = news.seq;
        yield news;
      }
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      if (!isTransient(error) || Date.now() - reached_ms > give_up_ms) throw error;
    } finally {
      clearTimeout(late);
      connection.abort();
      connection.release();
    }
    await sleep(wait_ms * (0.5 + Math.random() / 2), signal);
  }
}

import { Injectable, Logger } from '@nestjs/common';
import type { Presence } from '#protocol';
import { EventBus } from '../platform/bus/event-bus.js';
import type { StreamEvent } from '../platform/http/event-stream.js';
import { PresenceChanged } from './nodes.events.js';
import { type PresenceRow, PresenceStore } from './presence.store.js';

const PAGE = 1_000;
/** Changes that are kept in memory: whoever is not further behind is served from here. */
const RING = 20_000;
/** News that an event did not tell of is found by then. */
const LOOK_AGAIN_MS = 2_000;

const view = (row: PresenceRow): Presence => ({
  node_id: row.node_id,
  state: row.state,
  reason: { code: row.reason_code, sentence: row.reason_sentence },
  changed_at: row.changed_at.toISOString(),
});

/** The presence of all nodes in the memory of this process, from the first time somebody asks: read once, then kept up by its changes. */
@Injectable()
export class PresenceService {
  private readonly log = new Logger(PresenceService.name);
  private readonly now = new Map<string, PresenceRow>();
  private ring: PresenceRow[] = [];
  private seq = 0n;
  private loaded: Promise<void> | undefined;
  private reading: Promise<void> | undefined;
  private read_again = false;
  private readonly waiting = new Set<() => void>();

  constructor(
    private readonly store: PresenceStore,
    bus: EventBus,
  ) {
    bus.subscribe(PresenceChanged, async () => {
      if (this.loaded) await this.readNews();
    });
  }

  private load(): Promise<void> {
    this.loaded ??= (async () => {
      const { seq, rows } = await this.store.all();
      for (const row of rows) this.now.set(row.node_id, row);
      this.seq = seq;
    })().catch((error: unknown) => {
      this.loaded = undefined;
      throw error;
    });
    return this.loaded;
  }

  /** Calls while one is under way are folded into one more. */
  private readNews(): Promise<void> {
    if (this.reading) {
      this.read_again = true;
      return this.reading;
    }
    this.reading = (async () => {
      do {
        this.read_again = false;
        for (let rows = await this.store.after(this.seq, PAGE); rows.length > 0; rows = await this.store.after(this.seq, PAGE))
          this.take(rows);
      } while (this.read_again);
    })().finally(() => {
      this.reading = undefined;
    });
    return this.reading;
  }

  private take(rows: readonly PresenceRow[]): void {
    for (const row of rows) {
      this.now.set(row.node_id, row);
      // Whoever asks from now on need not know of it; those who follow are told with the change.
      if (row.state === 'lost' && row.reason_code === 'revoked') this.now.delete(row.node_id);
    }
    this.ring.push(...rows);
    if (this.ring.length > 2 * RING) this.ring = this.ring.slice(-RING);
    this.seq = rows.at(-1)?.seq ?? this.seq;
    for (const wake of [...this.waiting]) wake();
  }

  /** What nodes were last said to be. */
  async of(node_ids: readonly string[]): Promise<Map<string, Presence>> {
    await this.load();
    return new Map(node_ids.flatMap((id) => (this.now.has(id) ? [[id, view(this.now.get(id) as PresenceRow)] as const] : [])));
  }

  /**
   * Every change after a number, as it comes. Without one, or when changes since then are no longer kept, everything as it is first.
   * @param owner_id whose nodes; null is everybody's.
   */
  async *follow(owner_id: string | null, after: bigint | null, signal: AbortSignal): AsyncGenerator<StreamEvent> {
    await this.load();
    await this.readNews();
    let seq = after;
    if (seq !== null && seq < this.seq && seq + 1n < (await this.store.oldest())) seq = null;
    if (seq === null || seq > this.seq) {
      seq = this.seq;
      const nodes = [...this.now.values()].filter((row) => owner_id === null || row.owner_id === owner_id).map(view);
      yield { id: String(seq), event: 'snapshot', data: { nodes } };
    }
    while (!signal.aborted) {
      const rows = await this.changes(seq);
      for (const row of rows) {
        seq = row.seq;
        if (owner_id === null || row.owner_id === owner_id) yield { id: String(row.seq), event: 'presence', data: view(row) };
      }
      if (rows.length === 0) await this.news(seq, signal);
    }
  }

  private async changes(after: bigint): Promise<readonly PresenceRow[]> {
    const [first] = this.ring;
    if (after >= this.seq) return [];
    // Numbers have gaps, where a transaction was rolled back: what the ring begins with is what the reader may have last.
    if (!first || after < first.seq) return this.store.after(after, PAGE);
    let at = this.ring.length;
    while (at > 0 && (this.ring[at - 1] as PresenceRow).seq > after) at -= 1;
    return this.ring.slice(at, at + PAGE);
  }

  private async news(seq: bigint, signal: AbortSignal): Promise<void> {
    if (this.seq > seq) return;
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      const wake = () => {
        clearTimeout(timer);
        this.waiting.delete(wake);
        signal.removeEventListener('abort', wake);
        resolve();
      };
      this.waiting.add(wake);
      signal.addEventListener('abort', wake);
      timer = setTimeout(() => {
        this.readNews()
          .catch((error: unknown) => this.log.warn({ err: error }, 'presence could not be read; trying again'))
          .finally(wake);
      }, LOOK_AGAIN_MS);
      if (signal.aborted) wake();
    });
  }
}

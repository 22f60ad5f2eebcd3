import * as z from 'zod';
import type { KeptResult, Log, OutboxStore } from '#agent-core';
import { BODIES, commitmentNonce } from '#protocol';
import type { AgentDatabase } from './database.js';

/** What the heap confirms within this time is never written at all. */
const WRITE_AFTER_MS = 25;

const keptResult = z.strictObject({
  lease_id: BODIES.results.shape.lease_id,
  lease_epoch: BODIES.results.shape.epoch,
  result: BODIES.results.shape.results.element,
  saved_at_ms: z.number(),
  seal: z.strictObject({ job_id: BODIES.results.shape.lease_id, nonce: commitmentNonce }).optional(),
});

interface Row {
  kept: KeptResult;
  output: Uint8Array | null;
}

const keyOf = ({ lease_id, lease_epoch, result }: KeptResult): string => `${lease_id} ${lease_epoch} ${result.index} ${result.epoch}`;
const outputHash = (kept: KeptResult): string | null => ('hash' in kept.result.output ? kept.result.output.hash : null);

/** Unconfirmed results in IndexedDB, written in batches; a full disk costs durability, not work. */
export class KeptResults implements OutboxStore {
  private readonly kept = new Map<string, KeptResult>();
  private readonly on_disk = new Set<string>();
  private readonly pending = new Map<string, Row>();
  private readonly dropped = new Set<string>();
  private readonly stale_outputs = new Set<string>();
  private timer: ReturnType<typeof setTimeout> | null = null;
  private tail: Promise<void> = Promise.resolve();
  private failing = false;

  private constructor(
    private readonly database: AgentDatabase,
    private readonly log: Pick<Log, 'warn'>,
  ) {}

  static async open(database: AgentDatabase, log: Pick<Log, 'warn'>): Promise<KeptResults> {
    const store = new KeptResults(database, log);
    const keys = await database.keys('results');
    const rows = await database.all('results');
    for (const [i, key] of keys.entries()) {
      const parsed = keptResult.safeParse(rows[i]);
      if (parsed.success) store.kept.set(key, parsed.data);
      else store.dropped.add(key); // of an older agent: its task runs again
      if (parsed.success) store.on_disk.add(key);
    }
    const named = new Set([...store.kept.values()].map(outputHash));
    for (const hash of await database.keys('outputs')) if (!named.has(hash)) store.stale_outputs.add(hash);
    return store;
  }

  async load(): Promise<KeptResult[]> {
    return [...this.kept.values()];
  }

  append(kept: KeptResult, output?: Uint8Array): void {
    const key = keyOf(kept);
    this.forgetOutput(this.kept.get(key));
    this.kept.set(key, kept);
    this.pending.set(key, { kept, output: output ?? null });
    this.soon();
  }

  remove(all: readonly KeptResult[]): void {
    for (const key of all.map(keyOf)) {
      const kept = this.kept.get(key);
      if (!kept) continue;
      this.kept.delete(key);
      this.forgetOutput(kept);
      this.pending.delete(key);
      if (this.on_disk.delete(key)) this.dropped.add(key);
    }
    if (this.dropped.size > 0 || this.stale_outputs.size > 0) this.soon();
  }

  async output(hash: string): Promise<Uint8Array | null> {
    for (const { kept, output } of this.pending.values()) if (output && outputHash(kept) === hash) return output;
    await this.tail;
    const found = await this.database.get('outputs', hash).catch(() => null);
    return found instanceof Uint8Array ? found : null;
  }

  /** Writes what is left. */
  async flush(): Promise<void> {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    await this.turn();
  }

  private forgetOutput(kept: KeptResult | undefined): void {
    const hash = kept && outputHash(kept);
    if (hash) this.stale_outputs.add(hash);
  }

  private soon(): void {
    this.timer ??= setTimeout(() => {
      this.timer = null;
      void this.turn();
    }, WRITE_AFTER_MS);
  }

  private turn(): Promise<void> {
    this.tail = this.tail
      .then(() => this.write())
      .then(
        () => {
          this.failing = false;
        },
        (error: unknown) => {
          if (!this.failing)
            this.log.warn({ error: String(error) }, 'Finished work cannot be kept in this browser: a crash now would cost it.');
          this.failing = true;
        },
      );
    return this.tail;
  }

  private async write(): Promise<void> {
    const batch = [...this.pending];
    const dropped = [...this.dropped];
    const named = new Set([...this.kept.values()].map(outputHash));
    const stale = [...this.stale_outputs].filter((hash) => !named.has(hash));
    if (batch.length + dropped.length + stale.length === 0) return;
    await this.database.write(['results', 'outputs'], (of) => {
      for (const key of dropped) of('results').delete(key);
      for (const hash of stale) of('outputs').delete(hash);
      for (const [key, { kept, output }] of batch) {
        const hash = outputHash(kept);
        if (hash && output) of('outputs').put(output, hash);
        of('results').put(kept, key);
      }
    });
    for (const key of dropped) this.dropped.delete(key);
    this.stale_outputs.clear();
    for (const [key, row] of batch) this.written(key, row);
  }

  /** Removed meanwhile: it is on disk now, and must be taken from there. */
  private written(key: string, row: Row): void {
    if (this.pending.get(key) === row) this.pending.delete(key);
    if (this.kept.has(key)) this.on_disk.add(key);
    else {
      this.dropped.add(key);
      this.forgetOutput(row.kept);
      this.soon();
    }
  }
}

import fs from 'node:fs/promises';
import path from 'node:path';
import type { KeptResult, Log, OutboxStore } from '#agent-core';
import { Outputs } from './outputs.js';
import { encode, keyOf, replay } from './record.js';

const FILE = 'results.journal';
/** What the heap confirms within this time is never written at all. */
const WRITE_AFTER_MS = 25;
/** A disk that was full may have room again, also when nothing else is finished meanwhile. */
const WRITE_AGAIN_MS = 1_000;
/** A crash of the agent loses nothing that was written; a loss of power at most this much of it. */
const SYNC_EVERY_MS = 1_000;
/** A journal longer than this, and mostly history, is rewritten. */
const COMPACT_BYTES = 4 * 1024 * 1024;

interface Pending {
  kept: KeptResult;
  output: Uint8Array | undefined;
}

const outputHash = (kept: KeptResult): string | null => ('hash' in kept.result.output ? kept.result.output.hash : null);

/**
 * Unconfirmed results on disk: an append-only file of kept and dropped results, rewritten when most of it is history.
 * Writes happen in the background and in batches; a full disk costs durability, not work.
 */
export class Journal implements OutboxStore {
  private readonly on_disk: Set<string>;
  private readonly pending = new Map<string, Pending>();
  private dropped: string[] = [];
  private stale_outputs: string[] = [];
  private timer: NodeJS.Timeout | null = null;
  private tail: Promise<void> = Promise.resolve();
  private synced_at_ms = 0;
  private live_bytes: number;
  private failing = false;
  private closed = false;

  private constructor(
    private readonly file: string,
    private handle: fs.FileHandle,
    private file_bytes: number,
    private readonly kept: Map<string, KeptResult>,
    private readonly outputs: Outputs,
    private readonly log: Pick<Log, 'warn'>,
    private readonly compact_bytes: number,
  ) {
    this.on_disk = new Set(kept.keys());
    this.live_bytes = file_bytes;
  }

  /** Reads what is there, mends what a crash tore, and leaves only live results in the file. */
  static async open(dir: string, log: Pick<Log, 'warn'>, compact_bytes = COMPACT_BYTES): Promise<Journal> {
    const file = path.join(dir, FILE);
    const text = await fs.readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return '';
      throw error;
    });
    const { kept, damaged } = replay(text);
    // The last line of a crash is expected to be torn; more is not.
    if (damaged > 1) log.warn({ damaged }, 'Lines of the journal were damaged; their tasks will be run again.');
    const outputs = new Outputs(path.join(dir, 'outputs'));
    await outputs.open();
    await outputs.keepOnly(new Set([...kept.values()].map(outputHash).filter((hash) => hash !== null)));
    const { handle, bytes } = await rewrite(file, kept.values());
    return new Journal(file, handle, bytes, kept, outputs, log, compact_bytes);
  }

  async load(): Promise<KeptResult[]> {
    return [...this.kept.values()];
  }

  append(kept: KeptResult, output?: Uint8Array): void {
    const key = keyOf(kept);
    this.forgetOutput(this.kept.get(key));
    this.kept.set(key, kept);
    this.pending.set(key, { kept, output });
    this.soon();
  }

  remove(all: readonly KeptResult[]): void {
    for (const key of all.map(keyOf)) {
      const kept = this.kept.get(key);
      if (!kept) continue;
      this.kept.delete(key);
      this.forgetOutput(kept);
      // Confirmed before it was written: the disk need never know, unless it knows an older one.
      this.pending.delete(key);
      if (this.on_disk.delete(key)) this.dropped.push(key);
    }
    if (this.dropped.length > 0 || this.stale_outputs.length > 0) this.soon();
  }

  async output(hash: string): Promise<Uint8Array | null> {
    for (const { kept, output } of this.pending.values()) if (output && outputHash(kept) === hash) return output;
    await this.tail;
    return this.outputs.read(hash);
  }

  /** Writes and syncs what is left. */
  async close(): Promise<void> {
    this.closed = true;
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
    await this.turn(async () => {
      await this.write();
      await this.handle.datasync();
    });
    await this.handle.close();
  }

  private forgetOutput(kept: KeptResult | undefined): void {
    const hash = kept && outputHash(kept);
    if (hash) this.stale_outputs.push(hash);
  }

  private soon(in_ms = WRITE_AFTER_MS): void {
    if (this.closed) return;
    this.timer ??= setTimeout(() => {
      this.timer = null;
      void this.turn(() => this.write());
    }, in_ms);
  }

  private turn(work: () => Promise<void>): Promise<void> {
    this.tail = this.tail.then(work).then(
      () => {
        this.failing = false;
      },
      (error: unknown) => {
        if (!this.failing) this.log.warn({ error: String(error) }, 'Finished work cannot be kept on disk: a crash now would cost it.');
        this.failing = true;
        this.soon(WRITE_AGAIN_MS);
      },
    );
    return this.tail;
  }

  private async write(): Promise<void> {
    const batch = [...this.pending.values()];
    const dropped = this.dropped;
    const stale = this.stale_outputs;
    const lines = batch.map(({ kept }) => encode({ keep: kept }));
    if (dropped.length > 0) lines.push(encode({ drop: dropped }));
    this.dropped = [];
    this.stale_outputs = [];
    try {
      for (const { kept, output } of batch) {
        const hash = outputHash(kept);
        if (hash && output) await this.outputs.write(hash, output);
      }
      // After a failed write the file may end in half a line: a line break of its own keeps the next one whole.
      const text = (this.failing ? '\n' : '') + lines.join('');
      if (text !== '') await this.handle.appendFile(text);
      this.file_bytes += Buffer.byteLength(text);
      // Removed meanwhile: it is on disk now, and must be taken from there.
      for (const { kept } of batch) this.written(kept);
    } catch (error) {
      this.dropped.unshift(...dropped);
      this.stale_outputs.unshift(...stale);
      throw error;
    }
    if (stale.length > 0) await this.removeOutputs(new Set(stale));
    if (this.file_bytes > this.compact_bytes && this.file_bytes > 4 * this.live_bytes) await this.compact();
    await this.sync();
  }

  /** Unless another result has the same output. */
  private async removeOutputs(hashes: ReadonlySet<string>): Promise<void> {
    const named = new Set([...this.kept.values()].map(outputHash));
    for (const hash of hashes) if (!named.has(hash)) await this.outputs.remove(hash);
  }

  private written(kept: KeptResult): void {
    const key = keyOf(kept);
    if (this.pending.get(key)?.kept === kept) this.pending.delete(key);
    if (this.kept.has(key)) this.on_disk.add(key);
    else {
      this.dropped.push(key);
      this.soon();
    }
  }

  private async sync(): Promise<void> {
    const now = performance.now();
    if (now - this.synced_at_ms < SYNC_EVERY_MS) return;
    this.synced_at_ms = now;
    await this.handle.datasync();
  }

  private async compact(): Promise<void> {
    const kept = [...this.kept].filter(([key]) => !this.pending.has(key)).map(([, one]) => one);
    const { handle, bytes } = await rewrite(this.file, kept);
    await this.handle.close();
    this.handle = handle;
    this.file_bytes = bytes;
    this.live_bytes = bytes;
  }
}

/** Makes a rename survive a loss of power, where the system lets a folder be synced; Windows does not. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await fs.open(folder, 'r').catch(() => null);
  await handle?.sync().catch(() => undefined);
  await handle?.close();
}

/** Puts a fresh file in place of the old one, durable before it is seen, and opens it for more. */
async function rewrite(file: string, kept: Iterable<KeptResult>): Promise<{ handle: fs.FileHandle; bytes: number }> {
  const text = [...kept].map((one) => encode({ keep: one })).join('');
  const draft = `${file}.new`;
  const handle = await fs.open(draft, 'w', 0o600);
  try {
    await handle.appendFile(text);
    await handle.datasync();
    await fs.rename(draft, file);
  } catch (error) {
    await handle.close();
    throw error;
  }
  await syncFolder(path.dirname(file));
  return { handle, bytes: Buffer.byteLength(text) };
}

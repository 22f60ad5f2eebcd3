import { randomUUID } from 'node:crypto';
import { createReadStream, type ReadStream } from 'node:fs';
import fs from 'node:fs/promises';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import { kernel, MerkleTree } from '#erasure';
import { CONFIG, type Config } from '../platform/config/config.js';
import { Transactions } from '../platform/database/transactions.js';
import { RelayStore } from './relay.store.js';
import { brokenOff, heldFull, pieceBusy, relayFull } from './volumes.errors.js';

/** How often whoever waits for room looks. */
const LOOK_MS = 50;

const DRAFTS_MAX = 2;
const SHARE_BYTES_MIN = 16 * 1024 * 1024;

export type Received = 'whole' | 'length' | 'differs';

/**
 * Pieces on their way between clients and devices: files in a folder that all processes of the heap share, bounded in bytes by rows of the
 * database. Bytes are never gathered in memory; a file is durable before it has its name.
 */
@Injectable()
export class Relay {
  private readonly spool: string;
  private readonly kept: string;
  /** Pieces that this process is reading, and how many bring each. */
  private readonly drafts = new Map<string, number>();

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly transactions: Transactions,
    private readonly store: RelayStore,
  ) {
    this.spool = path.join(config.data_dir, 'relay');
    this.kept = path.join(config.data_dir, 'held');
  }

  /**
   * Waits until there is room for so many bytes. Whoever asks has read none of them yet.
   * @param person_id whose pieces never take more than their share; nobody where the heap itself asks
   * @returns false when the bytes are here already.
   * @throws HeapError `relay_full`, and `conflict` while another brings the same.
   */
  async reserve(id: string, bytes: number, wait_ms: number, person_id: string | null = null): Promise<boolean> {
    const most = { all: this.config.relay_bytes, share: this.share, person_id };
    for (const end = performance.now() + wait_ms; ; await sleep(LOOK_MS)) {
      const room = await this.transactions.run((tx) => this.store.reserve(tx, id, bytes, most));
      if (room === 'room') return true;
      if (room === 'whole') return false;
      if (performance.now() >= end) throw room === 'busy' ? pieceBusy() : relayFull();
    }
  }

  /** How many bytes on their way one person may have there: the others find room beside. */
  get share(): number {
    return Math.max(this.config.relay_bytes / 2, SHARE_BYTES_MIN);
  }

  /** Takes a piece for which room was reserved, as it comes. What is not the piece is forgotten, and its room is free. @throws HeapError when it breaks off */
  async receive(id: string, expected: { bytes: number; root: string }, body: Readable): Promise<Received> {
    const beside = this.drafts.get(id) ?? 0;
    // One that broke off without a word is still being read when it is brought again; more than that nobody needs.
    if (beside >= DRAFTS_MAX) throw pieceBusy();
    this.drafts.set(id, beside + 1);
    const draft = this.draftOf(id);
    try {
      const received = await this.write(draft, expected, body);
      if (received === 'whole') await fs.rename(draft, this.fileOf(id));
      else await this.forget(id, draft);
      if (received === 'whole') await this.store.whole(id);
      return received;
    } catch (error) {
      await this.forget(id, draft);
      if ((error as NodeJS.ErrnoException).code === 'ECONNRESET' || body.errored || body.destroyed) throw brokenOff();
      throw error;
    } finally {
      this.leave(id);
    }
  }

  private async write(draft: string, { bytes, root }: { bytes: number; root: string }, body: Readable): Promise<Received> {
    const tree = new MerkleTree(await kernel());
    await fs.mkdir(this.spool, { recursive: true });
    const handle = await fs.open(draft, 'wx', 0o600);
    try {
      // The connection is answered after this: it is not cut.
      for await (const chunk of body.iterator({ destroyOnReturn: false })) {
        if (tree.piece_bytes + chunk.length > bytes) return 'length';
        tree.add(chunk);
        await handle.write(chunk);
      }
      if (tree.piece_bytes !== bytes) return 'length';
      if (tree.root() !== root) return 'differs';
      await handle.sync();
      return 'whole';
    } finally {
      await handle.close();
    }
  }

  /** Its room is free unless another brings the same, or has. */
  private async forget(id: string, draft: string): Promise<void> {
    await fs.rm(draft, { force: true });
    if (this.drafts.get(id) === 1) await this.store.releaseDraft(id);
  }

  private leave(id: string): void {
    const left = (this.drafts.get(id) ?? 1) - 1;
    if (left > 0) this.drafts.set(id, left);
    else this.drafts.delete(id);
  }

  /** Puts a piece that was made here; its bytes are known to be right. */
  async put(id: string, piece: Uint8Array): Promise<void> {
    const draft = this.draftOf(id);
    await fs.mkdir(this.spool, { recursive: true });
    await fs.writeFile(draft, piece, { mode: 0o600, flush: true });
    await fs.rename(draft, this.fileOf(id));
    await this.store.whole(id);
  }

  /** The same under another name, as where a piece moves from one device to another: it takes no room but the new one's. */
  async rename(from: string, to: string): Promise<void> {
    await fs.rename(this.fileOf(from), this.fileOf(to));
    await this.store.whole(to);
    await this.store.release([from]);
  }

  open(id: string): ReadStream {
    return createReadStream(this.fileOf(id));
  }

  read(id: string): Promise<Buffer> {
    return fs.readFile(this.fileOf(id));
  }

  async drop(ids: readonly string[]): Promise<void> {
    await Promise.all(ids.map((id) => fs.rm(this.fileOf(id), { force: true })));
    await this.store.release(ids);
  }

  /** Removes what nobody will fetch: rows first, then files that have none. */
  async sweep(): Promise<void> {
    await this.drop(await this.store.stale());
    const names = await fs.readdir(this.spool).catch(() => []);
    const ids = [...new Set(names.map((name) => name.slice(0, UUID_CHARACTERS)))];
    const unknown = new Set(await this.store.unknown(ids));
    const lost = names.filter((name) => unknown.has(name.slice(0, UUID_CHARACTERS)));
    await Promise.all(lost.map((name) => fs.rm(path.join(this.spool, name), { force: true })));
  }

  /** Keeps a copy of what is in the spool for good. @throws HeapError `held_full` */
  async hold(id: string, piece: { file_id: string; ordinal: number; index: number; bytes: number }): Promise<void> {
    await fs.mkdir(path.join(this.kept, piece.file_id), { recursive: true });
    await fs.link(this.fileOf(id), this.heldFile(piece)).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
    if (await this.transactions.run((tx) => this.store.hold(tx, piece, this.config.held_bytes))) return;
    await fs.rm(this.heldFile(piece), { force: true });
    throw heldFull();
  }

  isHeld({ file_id, ordinal, index }: { file_id: string; ordinal: number; index: number }): Promise<boolean> {
    return this.store.isHeld(file_id, ordinal, index);
  }

  openHeld(piece: { file_id: string; ordinal: number; index: number }): ReadStream {
    return createReadStream(this.heldFile(piece));
  }

  readHeld(piece: { file_id: string; ordinal: number; index: number }): Promise<Buffer> {
    return fs.readFile(this.heldFile(piece));
  }

  async dropHeld(file_ids: readonly string[]): Promise<void> {
    await Promise.all(file_ids.map((file_id) => fs.rm(path.join(this.kept, file_id), { recursive: true, force: true })));
    await this.store.dropHeld(file_ids);
  }

  private fileOf(id: string): string {
    return path.join(this.spool, id);
  }

  private draftOf(id: string): string {
    return path.join(this.spool, `${id}.${randomUUID()}`);
  }

  private heldFile({ file_id, ordinal, index }: { file_id: string; ordinal: number; index: number }): string {
    return path.join(this.kept, file_id, `${ordinal}.${index}`);
  }
}

const UUID_CHARACTERS = 36;

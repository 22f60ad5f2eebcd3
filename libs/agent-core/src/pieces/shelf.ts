import { kernel, LEAF_BYTES, leafCount, leafDigests, leafSpan, MerkleTree, proveLeaves, rootOfLeaves } from '#erasure';
import { HeapError } from '#units';
import type { Bounds } from '../bounds.js';
import type { PieceFacts, PieceStore } from './store.js';
import { Turns } from './turns.js';

type Kernel = Awaited<ReturnType<typeof kernel>>;

/** So many leaves are read, checked and sent at a time. */
const CHUNK_LEAVES = 64;
const DIGEST_BYTES = 32;
/** How long a piece is kept need not be written for less. */
const RENEW_STEP = 1 / 64;

const missing = (piece_id: string) => new HeapError('piece_missing', `The piece ${piece_id} is not on this device.`, 'owner');
const corrupt = (piece_id: string) =>
  new HeapError('piece_corrupt', `The piece ${piece_id} is no longer what was stored on this device.`, 'owner');

export interface Leaf {
  data: Uint8Array;
  /** Lower-case hex, as `verify` of the erasure library reads it. */
  proof: readonly string[];
}

/** The pieces of this device: written whole or not at all, and never given out other than as they were taken. */
export class Shelf {
  private readonly held = new Map<string, PieceFacts>();
  /** Read, and found to be something else. */
  private readonly damaged = new Set<string>();
  private readonly turns = new Turns();
  private math: Kernel | null = null;
  private reserved_bytes = 0;
  private disk_bytes = 0;
  bytes = 0;

  constructor(
    private readonly store: PieceStore,
    private readonly bounds: Pick<Bounds, 'disk_spare_bytes'>,
    readonly quota_bytes: number,
    private readonly wall_ms: () => number,
  ) {}

  async open(): Promise<void> {
    for (const facts of await this.store.list()) this.note(facts);
    this.disk_bytes = await this.store.free_bytes();
  }

  get size(): number {
    return this.held.size;
  }
  get damaged_count(): number {
    return this.damaged.size;
  }

  all(): IterableIterator<PieceFacts> {
    return this.held.values();
  }

  /** For further pieces: of what the owner allots, and of what the disk has. As it was when somebody last looked. */
  get free_bytes(): number {
    const allotted = this.quota_bytes - this.bytes - this.reserved_bytes;
    return Math.max(0, Math.floor(Math.min(allotted, this.disk_bytes - this.reserved_bytes - this.bounds.disk_spare_bytes)));
  }

  async look(): Promise<void> {
    this.disk_bytes = await this.store.free_bytes();
  }

  /** Keeps room for a piece that comes. @returns gives it back; null where there is none. */
  async reserve(bytes: number): Promise<(() => void) | null> {
    await this.look();
    if (bytes > this.free_bytes) return null;
    this.reserved_bytes += bytes;
    return () => {
      this.reserved_bytes -= bytes;
    };
  }

  /**
   * Whether it is here, whole, as the heap means it. One that is not may be put again.
   * @throws HeapError `root_differs` where another piece has this id, and is well.
   */
  async has(piece: Pick<PieceFacts, 'piece_id' | 'bytes' | 'root' | 'keep_ms'>): Promise<boolean> {
    const facts = this.held.get(piece.piece_id);
    if (!facts || !(await this.isWhole(facts))) return false;
    if (facts.bytes !== piece.bytes || facts.root !== piece.root)
      throw new HeapError('root_differs', `Another piece of ${facts.bytes} bytes is kept under the id ${piece.piece_id}.`, 'platform');
    await this.renewed({ ...facts, keep_ms: piece.keep_ms });
    return true;
  }

  /** Takes a piece as its bytes come. @throws HeapError `root_differs`, `no_room`, or whatever the bytes throw: then nothing is kept. */
  async receive(piece: Pick<PieceFacts, 'piece_id' | 'bytes' | 'root' | 'keep_ms'>, chunks: AsyncIterable<Uint8Array>): Promise<void> {
    const { piece_id, bytes, root, keep_ms } = piece;
    const facts = { piece_id, bytes, root, keep_ms, keep_until_ms: this.wall_ms() + keep_ms };
    await this.turns.take(piece_id, async () => {
      await this.written(facts, chunks);
      this.note(facts);
    });
  }

  private async written(facts: PieceFacts, chunks: AsyncIterable<Uint8Array>): Promise<void> {
    const tree = new MerkleTree(await this.kernel());
    const draft = await this.store.draft(facts.piece_id);
    try {
      for await (const chunk of chunks) {
        if (tree.piece_bytes + chunk.length > facts.bytes) throw differs(facts, `more than ${facts.bytes} bytes`);
        tree.add(chunk);
        await draft.write(chunk);
      }
      if (tree.piece_bytes < facts.bytes) throw differs(facts, `${tree.piece_bytes} bytes`);
      if (tree.root() !== facts.root) throw differs(facts, `the root ${tree.root()}`);
      await draft.keep(facts, tree.leaves());
    } catch (error) {
      await draft.discard();
      throw error;
    }
  }

  /** A part of a piece, chunk by chunk, each of them checked before it is given out. @throws HeapError `piece_missing`, `piece_corrupt` */
  async *read(piece_id: string, offset: number, bytes: number): AsyncIterable<Uint8Array> {
    const facts = this.known(piece_id);
    if (offset + bytes > facts.bytes)
      throw new HeapError('transfer_failed', `The piece has ${facts.bytes} bytes, none at ${offset + bytes}.`, 'platform');
    let leaves = await this.checkedLeaves(facts);
    const last = Math.ceil((offset + bytes) / LEAF_BYTES);
    for (let first = Math.floor(offset / LEAF_BYTES); first < last; first += CHUNK_LEAVES) {
      const range = { first, count: Math.min(CHUNK_LEAVES, last - first) };
      let chunk = await this.checked(facts, leaves, range);
      if (chunk === null) {
        leaves = await this.mended(facts);
        chunk = await this.checked(facts, leaves, range);
      }
      if (chunk === null) throw this.lost(facts);
      const from = first * LEAF_BYTES;
      yield chunk.subarray(Math.max(0, offset - from), Math.min(chunk.length, offset + bytes - from));
    }
  }

  /** One leaf with its proof. It renews how long the piece is kept. @throws HeapError `piece_missing`, `piece_corrupt` */
  async prove(piece_id: string, leaf: number): Promise<Leaf> {
    const facts = this.known(piece_id);
    const range = { first: leaf, count: 1 };
    leafSpan(facts.bytes, range);
    let leaves = await this.checkedLeaves(facts);
    let data = await this.checked(facts, leaves, range);
    if (data === null) {
      leaves = await this.mended(facts);
      data = await this.checked(facts, leaves, range);
    }
    if (data === null) throw this.lost(facts);
    await this.renewed(facts);
    return { data, proof: proveLeaves(await this.kernel(), leaves, range) };
  }

  /** @returns whether it was here. */
  remove(piece_id: string): Promise<boolean> {
    return this.turns.take(piece_id, async () => {
      await this.store.delete(piece_id);
      return this.forget(piece_id);
    });
  }

  private known(piece_id: string): PieceFacts {
    const facts = this.held.get(piece_id);
    if (!facts) throw missing(piece_id);
    return facts;
  }

  private note(facts: PieceFacts): void {
    this.forget(facts.piece_id);
    this.held.set(facts.piece_id, facts);
    this.bytes += facts.bytes;
  }

  private forget(piece_id: string): boolean {
    this.bytes -= this.held.get(piece_id)?.bytes ?? 0;
    this.damaged.delete(piece_id);
    return this.held.delete(piece_id);
  }

  private async renewed(facts: PieceFacts): Promise<void> {
    const keep_until_ms = this.wall_ms() + facts.keep_ms;
    const due = keep_until_ms - facts.keep_until_ms > facts.keep_ms * RENEW_STEP;
    if (!due || !this.held.has(facts.piece_id)) return;
    this.held.set(facts.piece_id, { ...facts, keep_until_ms });
    await this.store.renew(facts.piece_id, keep_until_ms);
  }

  private async kernel(): Promise<Kernel> {
    this.math ??= await kernel();
    return this.math;
  }

  private async isWhole(facts: PieceFacts): Promise<boolean> {
    try {
      for await (const _ of this.read(facts.piece_id, 0, facts.bytes));
      return true;
    } catch (error) {
      if (error instanceof HeapError && (error.code === 'piece_corrupt' || error.code === 'piece_missing')) return false;
      throw error;
    }
  }

  /** Bytes of those leaves; null where they are not what was taken. */
  private async checked(facts: PieceFacts, leaves: Uint8Array, range: { first: number; count: number }): Promise<Uint8Array | null> {
    const span = leafSpan(facts.bytes, range);
    const bytes = await this.store.read(facts.piece_id, span.offset, span.bytes);
    if (bytes.length !== span.bytes) return null;
    const digests = leafDigests(await this.kernel(), bytes);
    const from = range.first * DIGEST_BYTES;
    return digests.every((byte, i) => byte === leaves[from + i]) ? bytes : null;
  }

  private async checkedLeaves(facts: PieceFacts): Promise<Uint8Array> {
    if (this.damaged.has(facts.piece_id)) throw corrupt(facts.piece_id);
    const leaves = await this.store.leaves(facts.piece_id);
    const is_whole = leaves.length === leafCount(facts.bytes) * DIGEST_BYTES;
    return is_whole && rootOfLeaves(await this.kernel(), leaves) === facts.root ? leaves : this.mended(facts);
  }

  /** The digests may have been damaged and the piece not: it is read anew, and written anew where it is well. @throws `piece_corrupt` */
  private mended(facts: PieceFacts): Promise<Uint8Array> {
    return this.turns.take(facts.piece_id, async () => {
      try {
        await this.written(facts, this.raw(facts));
      } catch (error) {
        if (error instanceof HeapError && error.code === 'root_differs') throw this.lost(facts);
        throw error;
      }
      return this.store.leaves(facts.piece_id);
    });
  }

  private async *raw({ piece_id, bytes }: PieceFacts): AsyncIterable<Uint8Array> {
    const step = CHUNK_LEAVES * LEAF_BYTES;
    for (let offset = 0; offset < bytes; offset += step) yield await this.store.read(piece_id, offset, Math.min(step, bytes - offset));
  }

  private lost(facts: PieceFacts): HeapError {
    this.damaged.add(facts.piece_id);
    return corrupt(facts.piece_id);
  }
}

const differs = ({ piece_id, root }: PieceFacts, what: string) =>
  new HeapError('root_differs', `What came as piece ${piece_id} has ${what}; its root was to be ${root}.`, 'platform');

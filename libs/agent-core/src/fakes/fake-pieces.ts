import { HeapError } from '#units';
import { NO_NOTES, type PieceDraft, type PieceFacts, type PieceHttp, type PieceNotes, type PieceStore } from '../pieces/store.js';

interface Lying {
  facts: PieceFacts;
  data: Uint8Array;
  leaves: Uint8Array;
}

const copy = (...parts: readonly Uint8Array[]) => new Uint8Array(Buffer.concat(parts));

/** A disk for pieces in memory, that a test may damage, and the heap's HTTP side beside it. It outlives an agent. */
export class FakePieces implements PieceStore {
  readonly lying = new Map<string, Lying>();
  drafts = 0;
  disk_bytes = 1_000_000_000_000;
  kept_notes: PieceNotes = NO_NOTES;
  readonly http = new FakePieceHttp();

  async list() {
    this.drafts = 0;
    return [...this.lying.values()].map(({ facts }) => facts);
  }

  async draft(piece_id: string): Promise<PieceDraft> {
    const parts: Uint8Array[] = [];
    this.drafts += 1;
    return {
      write: async (bytes) => void parts.push(bytes.slice()),
      keep: async (facts, leaves) => {
        this.drafts -= 1;
        this.lying.set(piece_id, { facts, data: copy(...parts), leaves: copy(leaves) });
      },
      discard: async () => {
        this.drafts -= 1;
      },
    };
  }

  async read(piece_id: string, offset: number, bytes: number) {
    return copy(this.found(piece_id).data.subarray(offset, offset + bytes));
  }
  async leaves(piece_id: string) {
    return copy(this.found(piece_id).leaves);
  }
  async renew(piece_id: string, keep_until_ms: number) {
    const found = this.found(piece_id);
    found.facts = { ...found.facts, keep_until_ms };
  }
  async delete(piece_id: string) {
    this.lying.delete(piece_id);
  }
  free_bytes = async () => this.disk_bytes;
  notes = async () => this.kept_notes;
  async keepNotes(notes: PieceNotes) {
    this.kept_notes = notes;
  }

  found(piece_id: string): Lying {
    const found = this.lying.get(piece_id);
    if (!found) throw new HeapError('piece_missing', `There is no piece ${piece_id}.`, 'owner');
    return found;
  }
}

/** What the heap has for nodes to fetch, and what they brought. */
export class FakePieceHttp implements PieceHttp {
  readonly offered = new Map<string, Uint8Array>();
  readonly brought = new Map<string, Uint8Array>();
  /** Thrown by the next requests, one each. */
  readonly failures: HeapError[] = [];
  /** Each chunk waits for this. */
  gate: Promise<void> = Promise.resolve();
  chunk_bytes = 10_000;
  requests = 0;
  /** Transfers as they began. */
  readonly order: string[] = [];
  at_a_time = 0;
  most_at_a_time = 0;

  async *get(transfer_id: string, _: string, signal: AbortSignal): AsyncIterable<Uint8Array> {
    this.begin(transfer_id);
    try {
      const body = this.offered.get(transfer_id);
      if (!body) throw new HeapError('transfer_unknown', 'There is no such transfer.', 'platform');
      for (let from = 0; from < body.length; from += this.chunk_bytes) {
        await this.gate;
        signal.throwIfAborted();
        yield body.subarray(from, from + this.chunk_bytes);
      }
    } finally {
      this.at_a_time -= 1;
    }
  }

  async put(transfer_id: string, _: string, bytes: number, chunks: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<void> {
    this.begin(transfer_id);
    try {
      const parts: Uint8Array[] = [];
      for await (const chunk of chunks) {
        await this.gate;
        signal.throwIfAborted();
        parts.push(chunk.slice());
      }
      const body = copy(...parts);
      if (body.length !== bytes) throw new Error(`${body.length} bytes came of ${bytes}`);
      this.brought.set(transfer_id, body);
    } finally {
      this.at_a_time -= 1;
    }
  }

  private begin(transfer_id: string): void {
    this.requests += 1;
    this.order.push(transfer_id);
    this.at_a_time += 1;
    this.most_at_a_time = Math.max(this.most_at_a_time, this.at_a_time);
    const failure = this.failures.shift();
    if (!failure) return;
    this.at_a_time -= 1;
    throw failure;
  }
}

import { type Body, type Message, PIECE_LIMITS, type PieceFailure, type WireBody } from '#protocol';
import { HeapError } from '#units';
import type { Bounds } from '../bounds.js';
import type { ByteTools, Cancel, Clock, Log } from '../ports.js';
import { Budget } from './budget.js';
import { Shelf } from './shelf.js';
import type { PieceHttp, PieceStore } from './store.js';
import { type Ban, type Transfer, TransferQueue } from './transfer-queue.js';

export interface PiecesPorts {
  store: PieceStore;
  http: PieceHttp;
  clock: Clock;
  random(): number;
  bytes: Pick<ByteTools, 'toBase64'>;
  log: Log;
}

export interface PiecesOptions {
  /** All that the owner allots, of every class. */
  quota_bytes: number;
  /** At most so much is moved in a day; null sets no limit. */
  bytes_per_day: number | null;
  token(): string | null;
  /** Says it to the heap, or nothing while that is away or knows nothing of pieces: it asks again. */
  say<T extends PieceWord>(type: T, body: WireBody<T>): void;
}

export type PieceWord = 'pieces' | 'piece.stored' | 'piece.failed' | 'piece.gone' | 'audit.answer';

export interface PiecesStatus {
  held: number;
  bytes: number;
  quota_bytes: number;
  /** For further pieces, as it was when somebody last looked. */
  free_bytes: number;
  /** Found to be other than they were stored. */
  damaged: number;
  transfers: { running: number; waiting: number };
  /** Of this day, of UTC. */
  moved_today_bytes: number;
  bytes_per_day: number | null;
  /** Why nothing is moved now. */
  paused: Ban | null;
  /** Why no pieces can be kept at all. */
  broken: string | null;
}

/** So many words of the heap wait for the disk; what comes beyond them it says again. */
const WAITING_MAX = 64;
/** The heap hears of free room that has become another by so much. */
const FREE_CHANGE = 0.1;

const FAILURES: ReadonlySet<string> = new Set<PieceFailure>([
  'piece_missing',
  'piece_corrupt',
  'no_room',
  'root_differs',
  'transfer_failed',
  'rules',
]);
const failureOf = (error: unknown): PieceFailure =>
  error instanceof HeapError && FAILURES.has(error.code) ? (error.code as PieceFailure) : 'transfer_failed';
const sentenceOf = (error: unknown): string => (error instanceof Error ? error.message : String(error)).slice(0, 512);

/** A device's part in volumes: keeps pieces within what its owner allots, moves them when its owner allows it, and proves that they are there. */
export class Pieces {
  private readonly shelf: Shelf;
  private readonly queue: TransferQueue;
  private readonly budget: Budget;
  private is_open = false;
  private broken: string | null = null;
  private ban: Ban | null = null;
  /** Words of the heap are dealt with in their order. */
  private turn: Promise<unknown> = Promise.resolve();
  private waiting = 0;
  private said_free_bytes = -1;
  /** Of a connection that lasts; monotonic. */
  private online_since_ms: number | null = null;
  private cancelSweep: Cancel | null = null;
  private stopped = false;

  constructor(
    private readonly ports: PiecesPorts,
    private readonly bounds: Pick<
      Bounds,
      | 'disk_spare_bytes'
      | 'piece_transfers'
      | 'piece_transfers_waiting'
      | 'piece_sweep_ms'
      | 'piece_grace_ms'
      | 'quota_grace_ms'
      | 'piece_expiry_online_ms'
    >,
    private readonly options: PiecesOptions,
  ) {
    const { store, clock, random } = ports;
    this.shelf = new Shelf(store, bounds, options.quota_bytes, () => clock.wall_ms());
    this.queue = new TransferQueue(clock, random, bounds, options.token);
    this.budget = new Budget(store, options.bytes_per_day, () => clock.wall_ms());
  }

  /** Reads what an earlier run left; what the heap says meanwhile waits for that. */
  start(): void {
    this.turn = this.open();
  }

  get status(): PiecesStatus {
    const { shelf, queue, budget, options, broken } = this;
    return {
      held: shelf.size,
      bytes: shelf.bytes,
      quota_bytes: options.quota_bytes,
      free_bytes: this.is_open ? shelf.free_bytes : 0,
      damaged: shelf.damaged_count,
      transfers: queue.counts,
      moved_today_bytes: budget.moved_today_bytes,
      bytes_per_day: options.bytes_per_day,
      paused: this.ban,
      broken,
    };
  }

  /** A session is up, the same one as before or another. */
  online(): void {
    this.online_since_ms ??= this.ports.clock.now_ms();
    this.sayHeld();
    this.queue.online();
  }

  /** Its connection broke. What is being moved goes on as long as the heap takes its token. */
  offline(): void {
    this.online_since_ms = null;
  }

  /** What the owner's rules say of moving pieces now. Pieces that are here are kept, and proved, whatever they say. */
  permit(ban: Ban | null): void {
    if (this.ban?.code === ban?.code && (this.ban === null) === (ban === null)) return;
    this.ban = ban;
    this.queue.permit(ban);
  }

  take(message: Message): void {
    switch (message.t) {
      case 'piece.put':
        return this.later(async () => this.put(message.b));
      case 'piece.get':
        return this.later(async () => this.get(message.b));
      case 'piece.del':
        return this.later(() => this.remove(message.b.pieces));
      case 'audit':
        return this.later(() => this.audited(message.b));
    }
  }

  /** Nothing is moved any more, and nothing half written is left. */
  async stop(): Promise<void> {
    this.stopped = true;
    this.cancelSweep?.();
    await this.queue.stop();
    await this.turn;
    if (this.is_open) await this.keepNotes();
  }

  private async open(): Promise<void> {
    const { log } = this.ports;
    try {
      await this.shelf.open();
      await this.budget.open();
    } catch (error) {
      this.broken = sentenceOf(error);
      log.error(
        { error: String(error) },
        'Pieces of volumes cannot be read on this device: it keeps none until the agent is started again.',
      );
      return;
    }
    this.is_open = true;
    this.sweepLater();
    if (this.online_since_ms !== null) this.sayHeld();
  }

  private later(work: () => Promise<void>): void {
    if (this.waiting >= WAITING_MAX || this.stopped) return;
    this.waiting += 1;
    this.turn = this.turn
      .then(() => (this.is_open && !this.stopped ? work() : undefined))
      .catch((error: unknown) => this.ports.log.warn({ error: String(error) }, 'A piece of a volume could not be dealt with.'))
      .finally(() => {
        this.waiting -= 1;
      });
  }

  private sayHeld(): void {
    const { shelf } = this;
    // A device that has never kept anything, and is to keep nothing, is not asked to.
    if (!this.is_open || (shelf.quota_bytes === 0 && shelf.size === 0)) return;
    this.said_free_bytes = shelf.free_bytes;
    this.options.say('pieces', { held: shelf.size, bytes: shelf.bytes, free_bytes: shelf.free_bytes });
  }

  private fail(piece_id: string, transfer_id: string | null, code: PieceFailure, sentence: string): void {
    this.ports.log.warn({ piece_id, transfer_id, code }, sentence);
    this.options.say('piece.failed', { piece_id, transfer_id, code, sentence });
  }

  private put({ transfer_id, deadline_ms, ...piece }: Body<'piece.put'>): void {
    const { piece_id } = piece;
    this.enqueue({ piece_id, transfer_id, deadline_ms, urgent: false }, async (token, signal) => {
      if (!(await this.shelf.has(piece))) await this.fetch(piece, transfer_id, token, signal);
      this.options.say('piece.stored', { piece_id, transfer_id });
    });
  }

  private async fetch(
    piece: Omit<Body<'piece.put'>, 'transfer_id' | 'deadline_ms'>,
    transfer_id: string,
    token: string,
    signal: AbortSignal,
  ): Promise<void> {
    this.needBudget(piece.bytes);
    const free = await this.shelf.reserve(piece.bytes);
    if (free === null)
      throw new HeapError('no_room', `The device has room for ${this.shelf.free_bytes} bytes of pieces, not for ${piece.bytes}.`, 'owner');
    try {
      await this.shelf.receive(piece, this.counted(this.ports.http.get(transfer_id, token, signal)));
    } finally {
      free();
      await this.keepNotes();
    }
  }

  private get({ piece_id, transfer_id, offset, bytes, deadline_ms }: Body<'piece.get'>): void {
    this.enqueue({ piece_id, transfer_id, deadline_ms, urgent: true }, async (token, signal) => {
      this.needBudget(bytes);
      const chunks = this.counted(this.shelf.read(piece_id, offset, bytes));
      try {
        await this.ports.http.put(transfer_id, token, bytes, chunks, signal);
      } finally {
        await this.keepNotes();
      }
    });
  }

  /** Of what more waits than is kept in mind the heap speaks again. */
  private enqueue(transfer: Omit<Transfer, 'run' | 'failed'>, run: Transfer['run']): void {
    const { piece_id, transfer_id } = transfer;
    const failed: Transfer['failed'] = (error, banned) =>
      this.fail(piece_id, transfer_id, banned ? 'rules' : failureOf(error), banned ? banned.sentence.slice(0, 512) : sentenceOf(error));
    if (!this.queue.add({ ...transfer, run, failed }))
      this.ports.log.debug({ piece_id, transfer_id }, 'More pieces wait to be moved than this device keeps in mind.');
  }

  private needBudget(bytes: number): void {
    if (this.budget.allows(bytes)) return;
    const most = this.options.bytes_per_day;
    throw new HeapError(
      'rules',
      `Its owner lets ${most} bytes of pieces be moved in a day, and they are used up until midnight UTC.`,
      'owner',
    );
  }

  private async *counted(chunks: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
    for await (const chunk of chunks) {
      this.budget.moved(chunk.length);
      yield chunk;
    }
  }

  private async remove(pieces: readonly string[]): Promise<void> {
    for (const piece_id of pieces) {
      await this.queue.drop(piece_id);
      await this.shelf.remove(piece_id);
    }
    this.options.say('piece.gone', { pieces: [...pieces] });
    this.overQuota();
    await this.keepNotes();
  }

  private async audited({ audit_id, challenges }: Body<'audit'>): Promise<void> {
    const answers: WireBody<'audit.answer'>['answers'] = [];
    for (const { piece_id, leaf } of challenges) {
      try {
        const { data, proof } = await this.shelf.prove(piece_id, leaf);
        answers.push({ piece_id, data: this.ports.bytes.toBase64(data), proof: [...proof] });
      } catch (error) {
        answers.push({ piece_id, data: null, proof: [] });
        const code = failureOf(error);
        // A disk that cannot be read at the moment is no word that the piece is lost.
        if (code === 'piece_missing' || code === 'piece_corrupt') this.fail(piece_id, null, code, sentenceOf(error));
        else this.ports.log.warn({ piece_id, error: String(error) }, 'A piece could not be read to prove that it is here.');
      }
    }
    this.options.say('audit.answer', { audit_id, answers });
  }

  private sweepLater(): void {
    if (this.stopped) return;
    this.cancelSweep = this.ports.clock.after(this.bounds.piece_sweep_ms, () => {
      this.later(() => this.sweep());
      this.sweepLater();
    });
  }

  private async sweep(): Promise<void> {
    await this.shelf.look();
    const expired = this.expired();
    const given_up = this.beyondQuota();
    const pieces = [...new Set([...expired, ...given_up])];
    for (let from = 0; from < pieces.length; from += PIECE_LIMITS.pieces) await this.remove(pieces.slice(from, from + PIECE_LIMITS.pieces));
    if (pieces.length > 0) this.ports.log.info({ expired: expired.length, given_up: given_up.length }, 'Pieces were given up.');
    await this.keepNotes();
    const { free_bytes } = this.shelf;
    if (Math.abs(free_bytes - this.said_free_bytes) > FREE_CHANGE * Math.max(free_bytes, this.said_free_bytes)) this.sayHeld();
  }

  /**
   * Nobody has asked for these for as long as they were to be kept, and a while longer. A device that was away first gives the heap the time to say
   * that it still wants them.
   */
  private expired(): string[] {
    const { clock } = this.ports;
    const { piece_grace_ms, piece_expiry_online_ms } = this.bounds;
    if (this.online_since_ms === null || clock.now_ms() - this.online_since_ms < piece_expiry_online_ms) return [];
    const now_ms = clock.wall_ms();
    return [...this.shelf.all()].filter((facts) => facts.keep_until_ms + piece_grace_ms < now_ms).map(({ piece_id }) => piece_id);
  }

  private overQuota(): number | null {
    return this.budget.overSince(this.shelf.bytes > this.shelf.quota_bytes);
  }

  /** After a quota has shrunk, the heap has time to move what is too much; then those go that were to be kept for the shortest time. */
  private beyondQuota(): string[] {
    const since_ms = this.overQuota();
    if (since_ms === null || this.ports.clock.wall_ms() - since_ms < this.bounds.quota_grace_ms) return [];
    let excess_bytes = this.shelf.bytes - this.shelf.quota_bytes;
    const pieces: string[] = [];
    for (const facts of [...this.shelf.all()].sort((a, b) => a.keep_until_ms - b.keep_until_ms)) {
      if (excess_bytes <= 0) break;
      pieces.push(facts.piece_id);
      excess_bytes -= facts.bytes;
    }
    return pieces;
  }

  private async keepNotes(): Promise<void> {
    await this.budget
      .keep()
      .catch((error: unknown) => this.ports.log.warn({ error: String(error) }, 'What pieces have moved today could not be noted.'));
  }
}

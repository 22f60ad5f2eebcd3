import type { Readable } from 'node:stream';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { EventBus } from '../platform/bus/event-bus.js';
import { CONFIG, type Config } from '../platform/config/config.js';
import { newId } from '../platform/ids.js';
import { Deliveries } from './deliveries.service.js';
import { FilesStore, type PieceRow } from './files.store.js';
import { PiecesStore } from './pieces.store.js';
import { Relay } from './relay.js';
import { fileUnknown, pieceUnavailable, pieceUnknown, relayFull } from './volumes.errors.js';
import { TransferEnded } from './volumes.events.js';

/** A client that waits longer for a piece does better with another one. */
const PATIENCE_MS = 20_000;
/** So long a client may take to read a piece: 8 MiB over a line of a quarter of a megabit a second. */
const TAKE_MS = 270_000;
/** An event can be lost: so often the database is asked. */
const LOOK_MS = 500;

/** Brings pieces from devices to whoever asks for them. */
@Injectable()
export class Reading {
  private readonly log = new Logger(Reading.name);
  private readonly waiting = new Map<string, () => void>();
  /** Bytes that each person has brought into the spool through this process. */
  private readonly reading = new Map<string, number>();

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly files: FilesStore,
    private readonly store: PiecesStore,
    private readonly deliveries: Deliveries,
    private readonly relay: Relay,
    bus: EventBus,
  ) {
    bus.subscribe(TransferEnded, ({ transfer_id }) => this.waiting.get(transfer_id)?.());
  }

  /**
   * The bytes of a piece: out of the spool, from its device, or the heap's own copy. What one person has brought and does not take is bounded, in bytes and in time.
   * @throws HeapError `piece_unavailable` at once when its device is away, or in the end when it does not bring it; `relay_full`.
   */
  async read(person_id: string, file_id: string, ordinal: number, index: number): Promise<{ bytes: number; stream: Readable }> {
    const piece = await this.files.piece(file_id, ordinal, index);
    if (!piece) throw (await this.files.find(file_id)) ? pieceUnknown(index) : fileUnknown();
    const { bytes } = piece;
    if (piece.state === 'SPOOLED') return { bytes, stream: await opened(this.relay.open(piece.id)) };
    const held = await this.relay.isHeld(piece);
    if (held) return { bytes, stream: await opened(this.relay.openHeld(piece)) };
    const bring = () => this.fetch(piece, PATIENCE_MS);
    return { bytes, stream: await this.within(person_id, bytes, bring) };
  }

  /** Fetches a piece for somebody who has room for it in their share, until they have read it or their time is over. */
  private async within(person_id: string, bytes: number, bring: () => Promise<string>): Promise<Readable> {
    const reading = this.reading.get(person_id) ?? 0;
    if (reading > 0 && reading + bytes > this.relay.share) throw relayFull();
    this.reading.set(person_id, reading + bytes);
    try {
      const stream = await this.dropped(await bring());
      stream.once('close', () => this.leave(person_id, bytes));
      return stream;
    } catch (error) {
      this.leave(person_id, bytes);
      throw error;
    }
  }

  private leave(person_id: string, bytes: number): void {
    const left = (this.reading.get(person_id) ?? bytes) - bytes;
    if (left > 0) this.reading.set(person_id, left);
    else this.reading.delete(person_id);
  }

  /** What lies in the spool for one reader, and goes when it is read. */
  private async dropped(id: string): Promise<Readable> {
    const stream = await opened(this.relay.open(id));
    const late = setTimeout(() => stream.destroy(new Error('the client reads too slowly')), TAKE_MS).unref();
    stream.once('close', () => {
      clearTimeout(late);
      this.relay
        .drop([id])
        .catch((error: unknown) =>
          this.log.warn({ err: error, transfer_id: id }, 'a piece that was read stays in the spool until the sweep'),
        );
    });
    return stream;
  }

  /** Has a piece brought into the spool. @returns under which id it lies there; whoever asked drops it. @throws as `read` */
  async fetch(piece: Pick<PieceRow, 'id' | 'state' | 'bytes' | 'node_id' | 'connected'>, patience_ms: number): Promise<string> {
    const kept = piece.state === 'STORED' || piece.state === 'SUSPECT' || piece.state === 'LEAVING';
    if (!kept || !piece.connected || piece.node_id === null) throw pieceUnavailable();
    const transfer_id = newId();
    await this.relay.reserve(transfer_id, piece.bytes, this.config.relay_wait_ms);
    const deadline_ms = Math.min(patience_ms, this.config.piece_transfer_ms);
    const ended = this.ended(transfer_id, deadline_ms);
    await this.deliveries.fetch(transfer_id, { id: piece.id, node_id: piece.node_id, bytes: piece.bytes }, deadline_ms);
    if ((await ended) === 'DONE') return transfer_id;
    await this.relay.drop([transfer_id]);
    throw pieceUnavailable();
  }

  private async ended(transfer_id: string, deadline_ms: number): Promise<'DONE' | 'FAILED'> {
    const end = performance.now() + deadline_ms;
    for (;;) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, Math.min(LOOK_MS, Math.max(1, end - performance.now())));
        this.waiting.set(transfer_id, () => {
          clearTimeout(timer);
          resolve();
        });
      });
      this.waiting.delete(transfer_id);
      const outcome = await this.store.outcome(transfer_id);
      if (outcome !== null) return outcome;
      if (performance.now() >= end) return 'FAILED';
    }
  }
}

/** A file that is gone meanwhile is a piece that is not here, not a broken answer. */
const opened = <S extends Readable>(stream: S): Promise<S> =>
  new Promise((resolve, reject) => {
    stream.once('open', () => resolve(stream));
    stream.once('error', () => reject(pieceUnavailable()));
  });

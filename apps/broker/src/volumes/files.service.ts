import type { Readable } from 'node:stream';
import { Inject, Injectable } from '@nestjs/common';
import { checkDescriptor } from '#erasure';
import { type HappinessReason, happiness, independent, isAlwaysOn, policySentence, type Reach } from '#placement';
import type { BodyOf, ResponseOf, ROUTES } from '#protocol';
import { VOLUME_CODES, volumeSpace } from '#units';
import { EventBus } from '../platform/bus/event-bus.js';
import { CONFIG, type Config } from '../platform/config/config.js';
import { type Transaction, Transactions } from '../platform/database/transactions.js';
import { newId } from '../platform/ids.js';
import { Deliveries } from './deliveries.service.js';
import { DevicesStore } from './devices.store.js';
import { COUNTED_BYTES_MIN, type FileRow, FilesStore, type PieceRow, type SegmentRow } from './files.store.js';
import { PiecesStore } from './pieces.store.js';
import { Placing } from './placing.service.js';
import { Relay } from './relay.js';
import {
  fileNotOpen,
  fileUnknown,
  pieceLength,
  pieceUnknown,
  pieceUnplaced,
  rootDiffers,
  segmentDiffers,
  segmentsDiffer,
  segmentUnknown,
  volumeEnded,
  volumeFull,
  volumeInGrace,
  volumeUnknown,
} from './volumes.errors.js';
import { PieceStored, VolumeChanged } from './volumes.events.js';
import { VolumesStore } from './volumes.store.js';

type FileView = ResponseOf<typeof ROUTES.deleteFile>;
type WholeFile = ResponseOf<typeof ROUTES.getFile>;
type SegmentView = ResponseOf<typeof ROUTES.putSegment>;
type Descriptor = BodyOf<typeof ROUTES.putSegment>;

/** An event can be lost: so often a commit that waits looks. */
const LOOK_MS = 1_000;
/** Of files that one statement deletes. */
const BURIED_AT_ONCE = 50;

const REASONS = {
  uploading: { code: 'uploading', sentence: 'Its segments are being brought; a commit says that they are all there.' },
  deleted: { code: 'deleted', sentence: 'Deleted by its writer. Its devices delete its pieces.' },
  volume_over: { code: 'volume_over', sentence: 'Its volume is over. Its devices delete its pieces.' },
  abandoned: { code: 'abandoned', sentence: 'Nobody went on with it for a week. Its devices delete its pieces.' },
} as const;
const awaitsSegments = (there: number, wanted: number) => ({
  code: 'awaits_segments',
  sentence: `${there} of its ${wanted} segments were announced: bring the others.`,
});

/** Files of volumes: announced segment by segment, brought piece by piece, committed, read and deleted. */
@Injectable()
export class FilesService {
  private readonly waiting = new Map<string, Set<() => void>>();

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly transactions: Transactions,
    private readonly store: FilesStore,
    private readonly volumes: VolumesStore,
    private readonly pieces: PiecesStore,
    private readonly devices: DevicesStore,
    private readonly placing: Placing,
    private readonly deliveries: Deliveries,
    private readonly relay: Relay,
    private readonly bus: EventBus,
  ) {
    bus.subscribe(PieceStored, ({ file_id }) => {
      for (const wake of this.waiting.get(file_id) ?? []) wake();
    });
  }

  /** Begins a file. The same key returns the same one. @throws HeapError `not_found`, and `conflict` when the volume is over. */
  async create(person_id: string, volume_id: string, idempotency_key: string): Promise<string> {
    const volume = await this.volumes.find(volume_id, person_id);
    if (!volume) throw volumeUnknown();
    refuseWrites(volume.state);
    return this.store.insert({ id: newId(), volume_id, idempotency_key, ...REASONS.uploading });
  }

  async list(person_id: string, volume_id: string, before: string | undefined, limit: number): Promise<FileView[]> {
    if (!(await this.volumes.find(volume_id, person_id))) throw volumeUnknown();
    return (await this.store.list(volume_id, before, limit)).map(fileView);
  }

  /** A file, and from some ordinal on its segments. Who knows its id may: all in it is ciphertext. */
  async get(file_id: string, from: number, limit: number): Promise<WholeFile> {
    const file = await this.store.find(file_id);
    if (!file) throw fileUnknown();
    const { k, n } = VOLUME_CODES[file.class];
    return { ...fileView(file), class: file.class, k, n, page: file.state === 'DELETED' ? [] : await this.segmentViews(file, from, limit) };
  }

  /**
   * Announces a segment, and finds devices for its pieces. The same again changes nothing but finds devices for those that had none.
   * @throws HeapError `conflict` for another descriptor than before, `erasure.descriptor_invalid`, `volume_full.conflict`.
   */
  async putSegment(person_id: string, file_id: string, ordinal: number, descriptor: Descriptor): Promise<SegmentView> {
    const file = await this.own(person_id, file_id);
    checkDescriptor({ storage_class: file.class, ...descriptor });
    const known = await this.store.segment(file_id, ordinal);
    if (known && !isSame(known, descriptor)) throw segmentDiffers(ordinal);
    if (file.state !== 'UPLOADING') {
      if (known) return this.segmentView(file, ordinal);
      throw fileNotOpen(file.state);
    }
    refuseWrites(file.volume_state);
    await this.transactions.run(async (tx) => {
      if (!known) await this.claimRoom(tx, file, descriptor.piece_bytes);
      const segment = { file_id, ordinal, volume_id: file.volume_id, ...descriptor };
      const piece_ids = descriptor.roots.map(() => newId());
      const fresh = await this.store.insertSegment(tx, segment, piece_ids);
      if (!fresh) {
        const there = await this.store.segment(file_id, ordinal, tx);
        if (!there || !isSame(there, descriptor)) throw segmentDiffers(ordinal);
      }
      const pieces = await this.pieces.unplaced(tx, file_id, ordinal);
      if (pieces.length > 0)
        await this.placing.place(tx, {
          volume_id: file.volume_id,
          class: file.class,
          file_id,
          ordinal,
          bytes: descriptor.piece_bytes,
          pieces,
        });
    });
    return this.segmentView(file, ordinal);
  }

  /** Each device of a volume leases it so many GB, and gets a piece of every segment. One announces at a time. */
  private async claimRoom(tx: Transaction, file: FileRow, piece_bytes: number): Promise<void> {
    await this.volumes.lock(tx, file.volume_id);
    const most = volumeSpace(file.class, file.gigabytes).per_device * 1_000_000_000;
    const used = await this.store.bytesEach(tx, file.volume_id);
    if (used + Math.max(piece_bytes, COUNTED_BYTES_MIN) > most) throw volumeFull(file.gigabytes);
  }

  /**
   * Takes the bytes of a piece. Of one that is here or further already nothing is read.
   * @param said what the request says is its length, where it does
   * @throws HeapError `relay_full`, `piece_unplaced`, `root_differs`, `invalid_input` for a wrong length.
   */
  async putPiece(
    person_id: string,
    at: { file_id: string; ordinal: number; index: number },
    said: number | undefined,
    body: Readable,
  ): Promise<void> {
    const file = await this.own(person_id, at.file_id);
    const piece = await this.wanted(file, at);
    if (!piece) return;
    const { bytes } = piece;
    if (said !== undefined && said !== bytes) throw pieceLength(bytes, said);
    if (await this.relay.reserve(piece.id, bytes, this.config.relay_wait_ms, person_id)) {
      const received = await this.relay.receive(piece.id, piece, body);
      if (received === 'length') throw pieceLength(bytes, said ?? -1);
      if (received === 'differs') throw rootDiffers();
    }
    if (isHeld(file, at.index)) await this.relay.hold(piece.id, piece);
    if (await this.pieces.spooled(piece.id)) await this.deliveries.send({ ids: [piece.id] });
    // A copy that the heap keeps needs no device; one that was placed or deleted meanwhile nothing at all.
    else if ((await this.store.piece(at.file_id, at.ordinal, at.index))?.state !== 'SPOOLED') await this.relay.drop([piece.id]);
  }

  /** The piece whose bytes are wanted; null when they are here already. */
  private async wanted(
    file: FileRow,
    { file_id, ordinal, index }: { file_id: string; ordinal: number; index: number },
  ): Promise<PieceRow | null> {
    const piece = await this.store.piece(file_id, ordinal, index);
    if (!piece) throw (await this.store.segment(file_id, ordinal)) ? pieceUnknown(index) : segmentUnknown(ordinal);
    if (file.state === 'DELETED') throw fileNotOpen(file.state);
    const held_wanted = isHeld(file, index) && !(await this.relay.isHeld(piece));
    if (piece.state === 'PLANNED' || (held_wanted && piece.state !== 'UNPLACED')) return piece;
    if (piece.state !== 'UNPLACED') return null;
    // The heap's own copy is beside what devices are paid for, and not instead of it.
    if (held_wanted && (await this.store.placed(file_id, ordinal)) < VOLUME_CODES[file.class].k) throw pieceUnplaced();
    if (held_wanted) return piece;
    if (isHeld(file, index)) return null;
    const { volume_id, bytes } = piece;
    const { placed } = await this.transactions.run((tx) =>
      this.placing.place(tx, { volume_id, class: file.class, file_id, ordinal, bytes, pieces: [piece] }),
    );
    if (placed.size === 0) throw pieceUnplaced();
    return piece;
  }

  /** Says that these are all segments, and waits for enough pieces of each. Committed again it says the same. */
  async commit(person_id: string, file_id: string, segments: number, wait_ms: number): Promise<FileView> {
    const file = await this.own(person_id, file_id);
    if (file.state === 'DELETED' || (file.state === 'STORED' && file.segments !== segments)) throw fileNotOpen(file.state);
    for (const end = performance.now() + wait_ms; file.state === 'UPLOADING'; ) {
      const done = await this.tryCommit(file, segments);
      const left_ms = end - performance.now();
      if (done || left_ms <= 0) break;
      await this.pieceStored(file_id, Math.min(LOOK_MS, left_ms));
    }
    return this.view(file_id);
  }

  private async tryCommit(file: FileRow, segments: number): Promise<boolean> {
    const { count, highest } = await this.store.extent(file.id);
    if (highest >= segments) throw segmentsDiffer(segments, highest);
    if (count < segments) {
      await this.store.say(file.id, awaitsSegments(count, segments));
      return false;
    }
    const reason = await this.unhappy(file, segments);
    const said = { code: reason.code, sentence: policySentence(reason) };
    if (reason.code !== 'acknowledged') {
      await this.store.say(file.id, said);
      return false;
    }
    if (await this.store.store(file.id, segments, { code: 'stored', sentence: said.sentence }))
      this.bus.publish(VolumeChanged, { volume_id: file.volume_id, person_id: file.person_id });
    return true;
  }

  /** Why the first segment that is not safe enough yet is not, or that all are. */
  private async unhappy(file: FileRow, segments: number): Promise<HappinessReason> {
    const devices = await this.devices.storedOf(file.id);
    const reach = await this.reach(file.volume_id);
    const by_segment = new Map<number, typeof devices>();
    for (const device of devices) by_segment.set(device.ordinal, [...(by_segment.get(device.ordinal) ?? []), device]);
    let least: HappinessReason | undefined;
    for (let ordinal = 0; ordinal < segments; ordinal++) {
      const { acknowledged, reason } = happiness(file.class, by_segment.get(ordinal) ?? [], reach);
      if (!acknowledged) return reason;
      if (!least || reason.have < least.have) least = reason;
    }
    return least as HappinessReason;
  }

  /** What the volume's devices could hold. */
  async reach(volume_id: string): Promise<Reach> {
    const devices = await this.devices.ofVolume(volume_id);
    return { independent: independent(devices), always_on: independent(devices.filter(isAlwaysOn)) };
  }

  /** The devices that lease space to a volume, and how many of them stand for themselves. */
  async devicesOf(volume_id: string): Promise<{ leased: number; independent: number }> {
    const devices = await this.devices.ofVolume(volume_id);
    return { leased: devices.length, independent: independent(devices) };
  }

  private pieceStored(file_id: string, most_ms: number): Promise<void> {
    return new Promise((resolve) => {
      const wakes = this.waiting.get(file_id) ?? new Set();
      this.waiting.set(file_id, wakes);
      const done = () => {
        clearTimeout(timer);
        wakes.delete(done);
        if (wakes.size === 0) this.waiting.delete(file_id);
        resolve();
      };
      const timer = setTimeout(done, most_ms);
      wakes.add(done);
    });
  }

  async delete(person_id: string, file_id: string): Promise<FileView> {
    const file = await this.own(person_id, file_id);
    await this.bury([file_id], REASONS.deleted);
    this.bus.publish(VolumeChanged, { volume_id: file.volume_id, person_id });
    return this.view(file_id);
  }

  /** Deletes all files of a volume that is over. */
  async deleteAllOf(volume_id: string): Promise<void> {
    for (;;) {
      const ids = await this.store.ofVolume(volume_id, BURIED_AT_ONCE);
      if (ids.length === 0) return;
      await this.bury(ids, REASONS.volume_over);
    }
  }

  /** Deletes uploads that nobody goes on with, and forgets old tombstones. */
  async collect(abandoned_days: number, tombstone_days: number): Promise<void> {
    await this.bury(await this.store.abandoned(abandoned_days), REASONS.abandoned);
    while ((await this.store.forget(tombstone_days)) > 0);
  }

  private async bury(ids: readonly string[], reason: { code: string; sentence: string }): Promise<void> {
    if (ids.length === 0) return;
    const spooled = await this.transactions.run(async (tx) => {
      const buried = await this.store.bury(tx, ids, reason);
      return this.pieces.bury(tx, buried);
    });
    await this.relay.drop(spooled);
    await this.relay.dropHeld(ids);
    await this.deliveries.delete();
  }

  private async own(person_id: string, file_id: string): Promise<FileRow> {
    const file = await this.store.find(file_id);
    if (!file || file.person_id !== person_id) throw fileUnknown();
    return file;
  }

  private async view(file_id: string): Promise<FileView> {
    const file = await this.store.find(file_id);
    if (!file) throw fileUnknown();
    return fileView(file);
  }

  private async segmentView(file: FileRow, ordinal: number): Promise<SegmentView> {
    const [view] = await this.segmentViews(file, ordinal, 1);
    if (!view) throw segmentUnknown(ordinal);
    return view;
  }

  private async segmentViews(file: FileRow, from: number, limit: number): Promise<SegmentView[]> {
    const segments = await this.store.segments(file.id, from, limit);
    const to = segments.at(-1)?.ordinal ?? from;
    const pieces = await this.store.pieces(file.id, from, to);
    return segments.map(({ ordinal, data_bytes, piece_bytes, roots }) => ({
      ...{ ordinal, data_bytes, piece_bytes, roots },
      // One that is given up after it was lost has no row that counts.
      pieces: roots.map((_, index) => pieces.find((p) => p.ordinal === ordinal && p.index === index)?.state ?? 'MISSING'),
      held: roots.flatMap((_, index) => (isHeld(file, index) ? [index] : [])),
    }));
  }
}

/** @throws HeapError `conflict` for a volume that is over, or whose paid time is. */
export function refuseWrites(state: FileRow['volume_state']): void {
  if (state === 'ENDED') throw volumeEnded();
  if (state === 'GRACE') throw volumeInGrace();
}

/** Of volumes that are not durable the heap keeps k pieces itself. */
const isHeld = (file: Pick<FileRow, 'class'>, index: number): boolean => file.class === 'small' && index < VOLUME_CODES.small.k;

const isSame = (a: Pick<SegmentRow, 'data_bytes' | 'piece_bytes' | 'roots'>, b: Descriptor): boolean =>
  a.data_bytes === b.data_bytes &&
  a.piece_bytes === b.piece_bytes &&
  a.roots.length === b.roots.length &&
  a.roots.every((root, i) => root === b.roots[i]);

const fileView = (file: FileRow): FileView => ({
  id: file.id,
  volume_id: file.volume_id,
  state: file.state,
  reason: { code: file.reason_code, sentence: file.reason_sentence },
  segments: file.segments,
  bytes: Number(file.bytes),
  created_at: file.created_at.toISOString(),
  stored_at: file.stored_at?.toISOString() ?? null,
  deleted_at: file.deleted_at?.toISOString() ?? null,
});

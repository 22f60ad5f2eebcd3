import { Inject, Injectable, Logger } from '@nestjs/common';
import { kernel, recoverPieces } from '#erasure';
import { keptEnded } from '#lifecycle';
import { repairNeeded, withinBudget } from '#placement';
import { HeapError, isStorage, VOLUME_CODES } from '#units';
import { EventBus } from '../platform/bus/event-bus.js';
import { CONFIG, type Config } from '../platform/config/config.js';
import { type Transaction, Transactions } from '../platform/database/transactions.js';
import { newId } from '../platform/ids.js';
import { ReservationsCommands } from '../reservations/reservations.commands.js';
import { KeptLeaseGranted } from '../reservations/reservations.events.js';
import { Deliveries } from './deliveries.service.js';
import { PiecesStore } from './pieces.store.js';
import { Placing } from './placing.service.js';
import { Reading } from './reading.service.js';
import { Relay } from './relay.js';
import { RepairStore, type SegmentAtRisk } from './repair.store.js';
import { SegmentsAtRisk, VolumeChanged } from './volumes.events.js';
import { VolumesStore } from './volumes.store.js';

/** Segments looked at in one turn. */
const BATCH = 500;
/** Nobody has room for what must be made: devices come, recover or make room. */
const NO_ROOM_MS = 10_000;
/** Pieces fetched at the same time for one segment. */
const AT_ONCE = 8;

/** A segment's place in the queue. */
export interface RepairJob {
  file_id: string;
  ordinal: number;
}

/** A piece that is made or moved, and the device that gets it. */
interface Making {
  id: string;
  index: number;
}

/**
 * Makes lost pieces anew from any k others, and moves those that leave. All of it is ciphertext: the heap has no key. One segment at a time in a process, so
 * that it takes no more memory than a segment and what is made of it.
 */
@Injectable()
export class Repairs {
  private readonly log = new Logger(Repairs.name);

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly transactions: Transactions,
    private readonly store: RepairStore,
    private readonly volumes: VolumesStore,
    private readonly pieces: PiecesStore,
    private readonly placing: Placing,
    private readonly reading: Reading,
    private readonly deliveries: Deliveries,
    private readonly relay: Relay,
    private readonly reservations: ReservationsCommands,
    private readonly bus: EventBus,
  ) {
    // What nobody had room for has waited for this.
    bus.subscribe(KeptLeaseGranted, async ({ reservation_id, market }) => {
      if (isStorage(market) && (await this.store.wake(reservation_id))) this.bus.publish(SegmentsAtRisk, {});
    });
  }

  /** Looks at segments to which something happened. @returns those that are to be repaired now, the most urgent first, within what is left of the day's bytes */
  async plan(): Promise<RepairJob[]> {
    await this.release();
    const due = await this.store.due(BATCH);
    const plans = due.map((segment) => {
      const need = needOf(segment);
      const wanted = need.now ? need.make + segment.leaving.length : segment.leaving.length;
      return { segment, class: segment.class, urgency: need.urgency, wanted, bytes: bytesOf(segment, need.now, wanted) };
    });
    await this.store.later(
      plans.filter(({ wanted }) => wanted === 0).map(({ segment }) => segment),
      null,
    );
    const { repair_bytes_per_day } = this.config;
    const left = repair_bytes_per_day === 0 ? Number.MAX_SAFE_INTEGER : repair_bytes_per_day - (await this.store.today());
    const { take, beyond_budget, postponed } = withinBudget(
      plans.filter(({ wanted }) => wanted > 0),
      left,
    );
    if (beyond_budget > 0) this.log.warn({ beyond_budget }, 'segments near to loss are repaired beyond the bytes of the day');
    if (postponed.length > 0) this.log.warn({ waiting: postponed.length }, 'the bytes of the day for repair are used up: segments wait');
    return take.map(({ segment: { file_id, ordinal } }) => ({ file_id, ordinal }));
  }

  /** Repairs one segment. What another works on, or what needs nothing any more, is left alone. */
  async repair({ file_id, ordinal }: RepairJob): Promise<void> {
    if (!(await this.store.begin(file_id, ordinal))) return;
    let look_in_ms: number | null = this.config.piece_transfer_ms;
    try {
      look_in_ms = await this.work(file_id, ordinal);
    } finally {
      await this.store.end(file_id, ordinal, look_in_ms);
    }
  }

  /** @returns in how long it must be looked at again; null when nothing is left to do */
  private async work(file_id: string, ordinal: number): Promise<number | null> {
    const { segment, making } = await this.transactions.run(async (tx) => {
      const at_risk = await this.store.segment(tx, file_id, ordinal);
      return { segment: at_risk, making: at_risk ? await this.place(tx, at_risk) : [] };
    });
    if (!segment) return null;
    const wanted = wantedOf(segment).length;
    if (making.length === 0) return wanted > 0 ? NO_ROOM_MS : null;
    const moved = await this.move(segment, making);
    const rest = making.filter(({ id }) => !moved.has(id));
    const made = rest.length > 0 ? await this.make(segment, rest) : new Set<string>();
    await this.store.unplace(rest.filter(({ id }) => !made.has(id)).map(({ id }) => id));
    const bytes = moved.size * 2 + (made.size > 0 ? VOLUME_CODES[segment.class].k + made.size : 0);
    await this.store.count(bytes * segment.piece_bytes);
    const volume = await this.pieces.personOf([segment.volume_id]);
    await this.volumes.addRepaired(segment.volume_id, (moved.size + made.size) * segment.piece_bytes);
    for (const one of volume) this.bus.publish(VolumeChanged, one);
    return making.length < wanted ? NO_ROOM_MS : this.config.piece_transfer_ms;
  }

  private async place(tx: Transaction, segment: SegmentAtRisk): Promise<Making[]> {
    const wanted = wantedOf(segment);
    if (wanted.length === 0) return [];
    const { volume_id, file_id, ordinal, piece_bytes } = segment;
    const ids = wanted.map(() => newId());
    const places = await this.store.places(tx, segment, ids, wanted);
    const { placed } = await this.placing.place(tx, {
      ...{ volume_id, class: segment.class, file_id, ordinal, bytes: piece_bytes },
      pieces: places,
    });
    return places.filter(({ id }) => placed.has(id));
  }

  /** What leaves is read from its own device, which is cheaper than making it anew. @returns the pieces that are on their way */
  private async move(segment: SegmentAtRisk, making: readonly Making[]): Promise<Set<string>> {
    const leaving = making.filter(({ index }) => segment.leaving.includes(index));
    if (leaving.length === 0) return new Set();
    const sources = await this.store.sources(segment.file_id, segment.ordinal);
    const moved = new Set<string>();
    for (const { id, index } of leaving) {
      const source = sources.find((piece) => piece.index === index);
      if (!source) continue;
      const transfer_id = await this.reading.fetch(source, this.config.piece_transfer_ms).catch(() => null);
      if (transfer_id === null) continue;
      if (!(await this.relay.reserve(id, segment.piece_bytes, this.config.relay_wait_ms).catch(() => false))) {
        await this.relay.drop([transfer_id]);
        continue;
      }
      await this.relay.rename(transfer_id, id);
      if (await this.pieces.spooled(id)) moved.add(id);
      else await this.relay.drop([id]);
    }
    await this.deliveries.send({ ids: [...moved] });
    return moved;
  }

  /** Fetches k pieces and makes these of them. @returns those that are on their way; none when too few pieces can be read now */
  private async make(segment: SegmentAtRisk, making: readonly Making[]): Promise<Set<string>> {
    const { file_id, ordinal, data_bytes, piece_bytes, roots } = segment;
    const { k } = VOLUME_CODES[segment.class];
    const have = await this.gather(segment, k);
    if (have.size < k) return new Set();
    const descriptor = { storage_class: segment.class, data_bytes, piece_bytes, roots };
    let pieces: Uint8Array[];
    try {
      pieces = recoverPieces(
        await kernel(),
        descriptor,
        have,
        making.map(({ index }) => index),
      );
    } catch (error) {
      if (!(error instanceof HeapError)) throw error;
      this.log.warn({ err: error, file_id, ordinal }, 'a segment cannot be repaired: its writer made pieces that do not belong together');
      return new Set();
    }
    const made = new Set<string>();
    for (const [i, { id }] of making.entries()) {
      if (!(await this.relay.reserve(id, piece_bytes, this.config.relay_wait_ms).catch(() => false))) continue;
      await this.relay.put(id, pieces[i] as Uint8Array);
      if (await this.pieces.spooled(id)) made.add(id);
      else await this.relay.drop([id]);
    }
    await this.deliveries.send({ ids: [...made] });
    return made;
  }

  /** Any k pieces: the heap's own first, then from connected devices, others where some do not come. */
  private async gather(segment: SegmentAtRisk, k: number): Promise<Map<number, Uint8Array>> {
    const { file_id, ordinal } = segment;
    const have = new Map<number, Uint8Array>();
    if (segment.held)
      for (let index = 0; index < k; index++) {
        const piece = await this.relay.readHeld({ file_id, ordinal, index }).catch(() => null);
        if (piece) have.set(index, piece);
      }
    const sources = (await this.store.sources(file_id, ordinal)).filter(({ index }) => !have.has(index));
    while (have.size < k && sources.length > 0) {
      const some = sources.splice(0, Math.min(AT_ONCE, k - have.size));
      await Promise.all(
        some.map(async (source) => {
          const transfer_id = await this.reading.fetch(source, this.config.piece_transfer_ms).catch(() => null);
          if (transfer_id === null) return;
          have.set(source.index, await this.relay.read(transfer_id));
          await this.relay.drop([transfer_id]);
        }),
      );
    }
    return have;
  }

  /** Devices that leave, or are not trusted any more, are let go, so that the market finds others for their part. */
  private async release(): Promise<void> {
    const departing = await this.store.departing();
    await this.reservations.release(
      departing.map(({ lease_id, disqualified }) => ({ lease_id, reason: disqualified ? keptEnded('untrusted') : keptEnded('leaving') })),
    );
    if (departing.length > 0) await this.pieces.relink();
  }
}

const needOf = (segment: SegmentAtRisk) =>
  repairNeeded({
    class: segment.class,
    there: segment.there.length,
    coming: segment.coming.filter((index) => !segment.there.includes(index)).length,
    operator_copy: segment.held,
  });

/** The indexes that are to be made or moved now. */
function wantedOf(segment: SegmentAtRisk): number[] {
  if (!needOf(segment).now) return segment.leaving;
  const present = new Set([...segment.there, ...segment.coming]);
  return segment.roots.flatMap((_, index) => (!present.has(index) || segment.leaving.includes(index) ? [index] : []));
}

/** A repair fetches k pieces and sends what it made; a move fetches and sends each piece. */
const bytesOf = ({ class: volume_class, piece_bytes, leaving }: SegmentAtRisk, repairs: boolean, wanted: number): number =>
  (repairs ? VOLUME_CODES[volume_class].k + wanted : 2 * leaving.length) * piece_bytes;

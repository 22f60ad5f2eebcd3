import { Inject, Injectable, Logger } from '@nestjs/common';
import { kernel, recoverPieces } from '#erasure';
import { keptEnded } from '#lifecycle';
import { repairNeeded, URGENT, withinBudget } from '#placement';
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

/** Of those of one plan the least goes first. */
export interface PlannedJob extends RepairJob {
  priority: number;
}
/** As the queue has them: from 1 on. */
const PRIORITIES = 1_000;

/** Bytes of a day that a repair may move. */
interface Claim {
  day: string;
  bytes: number;
}

/** A piece that is made or moved, and the device that gets it. */
interface Making {
  id: string;
  index: number;
}

/**
 * Makes lost pieces anew from any k others, and moves those that leave. All of it is ciphertext: the heap has no key. A process
 * works on so many segments at a time as it is set to, and has k pieces of each and what is made of them in memory.
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
  async plan(): Promise<PlannedJob[]> {
    await this.release();
    await this.store.recover();
    const due = await this.store.due(BATCH);
    const plans = due.map((segment) => {
      const need = needOf(segment);
      const wanted = need.now ? need.make + segment.leaving.length : segment.leaving.length;
      return { segment, class: segment.class, urgency: need.urgency, wanted, bytes: bytesOf(segment, need.now, wanted) };
    });
    await this.store.rest(plans.filter(({ wanted }) => wanted === 0).map(({ segment }) => segment));
    const { repair_bytes_per_day } = this.config;
    const left = repair_bytes_per_day === 0 ? Number.MAX_SAFE_INTEGER : repair_bytes_per_day - (await this.store.today());
    const { take, beyond_budget, postponed } = withinBudget(
      plans.filter(({ wanted }) => wanted > 0),
      left,
    );
    if (beyond_budget > 0) this.log.warn({ beyond_budget }, 'segments near to loss are repaired beyond the bytes of the day');
    if (postponed.length > 0) this.log.warn({ waiting: postponed.length }, 'the bytes of the day for repair are used up: segments wait');
    return take.map(({ segment: { file_id, ordinal }, urgency }) => ({
      ...{ file_id, ordinal },
      priority: 1 + Math.round((1 - urgency) * PRIORITIES),
    }));
  }

  /** Repairs one segment. What another works on, or what needs nothing any more, is left alone. */
  async repair({ file_id, ordinal }: RepairJob): Promise<void> {
    const began_with = await this.store.begin(file_id, ordinal);
    if (began_with === undefined) return;
    let look_in_ms: number | null | 'postponed' = this.config.piece_transfer_ms;
    try {
      look_in_ms = await this.within(file_id, ordinal);
    } finally {
      if (look_in_ms === 'postponed') await this.store.postpone(file_id, ordinal);
      else await this.store.end(file_id, ordinal, began_with, look_in_ms);
    }
  }

  /** Claims the bytes of the day, and gives back what was not moved. What a process that dies had claimed stays counted. @returns as `work` */
  private async within(file_id: string, ordinal: number): Promise<number | null | 'postponed'> {
    const segment = await this.transactions.run((tx) => this.store.segment(tx, file_id, ordinal));
    if (!segment) return null;
    const wanted = wantedOf(segment).length;
    if (wanted === 0) return null;
    const { now, urgency } = needOf(segment);
    const urgent = now && urgency >= URGENT[segment.class];
    const claim = await this.claim(bytesOf(segment, now, wanted), urgent);
    if (!claim) {
      this.log.warn({ file_id, ordinal }, 'the bytes of the day for repair are used up: a segment waits');
      return 'postponed';
    }
    let moved = 0;
    try {
      return await this.work(file_id, ordinal, claim.bytes, (bytes) => {
        moved += bytes;
      });
    } finally {
      if (moved < claim.bytes) await this.store.giveBack(claim.day, claim.bytes - moved);
    }
  }

  private async claim(bytes: number, urgent: boolean): Promise<Claim | null> {
    const { repair_bytes_per_day } = this.config;
    const day = await this.store.claim(bytes, urgent || repair_bytes_per_day === 0 ? null : repair_bytes_per_day);
    return day === null ? null : { day, bytes };
  }

  /**
   * @param most bytes that it may move
   * @param spend is told what was moved
   * @returns in how long it must be looked at again; null when nothing is left to do
   */
  private async work(file_id: string, ordinal: number, most: number, spend: (bytes: number) => void): Promise<number | null> {
    const { segment, making } = await this.transactions.run(async (tx) => {
      const at_risk = await this.store.segment(tx, file_id, ordinal);
      return { segment: at_risk, making: at_risk ? await this.place(tx, at_risk) : [] };
    });
    if (!segment) return null;
    const { piece_bytes } = segment;
    const { k } = VOLUME_CODES[segment.class];
    const wanted = wantedOf(segment).length;
    if (making.length === 0) return wanted > 0 ? NO_ROOM_MS : null;
    const moved = await this.move(segment, making);
    const rest = making.filter(({ id }) => !moved.has(id));
    // What could not be moved is made, where what was claimed is enough to read k pieces for it.
    const fits = (2 * moved.size + k + rest.length) * piece_bytes <= most;
    const made = rest.length > 0 && fits ? await this.make(segment, rest) : new Set<string>();
    await this.store.unplace(rest.filter(({ id }) => !made.has(id)).map(({ id }) => id));
    spend((moved.size * 2 + (made.size > 0 ? k + made.size : 0)) * piece_bytes);
    const volume = await this.pieces.personOf([segment.volume_id]);
    await this.volumes.addRepaired(segment.volume_id, (moved.size + made.size) * piece_bytes);
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
      const room = await this.relay.reserve(id, piece_bytes, this.config.relay_wait_ms).catch(() => null);
      if (room === null) continue;
      // Without room taken it is there already: whoever made it died before saying so.
      if (room) await this.relay.put(id, pieces[i] as Uint8Array);
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

/** At most: a repair fetches k pieces and sends what it made, a move fetches and sends each piece; where one is not brought, it is made of k others. */
function bytesOf({ class: volume_class, piece_bytes, leaving }: SegmentAtRisk, repairs: boolean, wanted: number): number {
  const { k } = VOLUME_CODES[volume_class];
  return (repairs ? k + wanted + leaving.length : Math.max(k, leaving.length) + leaving.length) * piece_bytes;
}

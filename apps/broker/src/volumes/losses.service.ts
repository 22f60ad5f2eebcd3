import { Inject, Injectable } from '@nestjs/common';
import { PRESENCE_RULES, presenceRules } from '#placement';
import type { VolumeClass } from '#units';
import { EventBus } from '../platform/bus/event-bus.js';
import { CONFIG, type Config } from '../platform/config/config.js';
import { Transactions } from '../platform/database/transactions.js';
import { PiecesStore, type Touched } from './pieces.store.js';
import { Standings } from './standings.service.js';
import { NodeStorageChanged, SegmentsAtRisk, VolumeChanged } from './volumes.events.js';

/** After how long without its device a piece is missing: of small volumes, which few devices keep, sooner, and soonest without one that is always on. */
export const missingSeconds = (volume_class: VolumeClass, always_on: boolean, seconds: number): number =>
  (seconds * presenceRules(volume_class, always_on).missing_after_ms) / PRESENCE_RULES.missing_after_ms;

/** What follows when pieces are lost at a device: their segments are looked at, and the device is believed less. */
@Injectable()
export class Losses {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly transactions: Transactions,
    private readonly store: PiecesStore,
    private readonly standings: Standings,
    private readonly bus: EventBus,
  ) {}

  /** A device sent other bytes than it was given. */
  async proven(node_id: string, piece_ids: readonly string[]): Promise<void> {
    const lost = await this.transactions.run(async (tx) => {
      const pieces = await this.store.lost(tx, piece_ids, node_id, 'CORRUPT', 'wrong_bytes');
      if (pieces.length > 0) await this.standings.after(tx, node_id, 'corrupt', { passed: 0, failed: pieces.length, unanswered: 0 });
      return pieces;
    });
    await this.tell(node_id, lost);
  }

  /** A device says that it has these no more, or not as they were. It says so once: that is not an audit failed, and costs less than to be caught. */
  async admitted(node_id: string, piece_ids: readonly string[], code: string): Promise<void> {
    const lost = await this.transactions.run(async (tx) => {
      await this.store.deleted(tx, piece_ids, node_id);
      const pieces = await this.store.lost(tx, piece_ids, node_id, 'MISSING', code);
      if (pieces.length > 0) await this.standings.after(tx, node_id, 'lost', { passed: 0, failed: pieces.length, unanswered: 0 });
      return pieces;
    });
    await this.tell(node_id, lost);
  }

  /** A turn of the clock: devices that are away for too long, and those that came back. */
  async look(limit: number): Promise<void> {
    const { piece_missing_seconds, piece_return_seconds } = this.config;
    const { away, back } = await this.transactions.run(async (tx) => ({
      back: await this.store.returned(tx, piece_return_seconds, limit),
      away: await this.store.away(
        tx,
        {
          seconds: piece_missing_seconds,
          small: missingSeconds('small', false, piece_missing_seconds),
          small_always_on: missingSeconds('small', true, piece_missing_seconds),
        },
        limit,
      ),
    }));
    await this.store.giveUp(piece_return_seconds);
    for (const node_id of new Set([...away, ...back].map((piece) => piece.node_id)))
      await this.tell(
        node_id,
        [...away, ...back].filter((piece) => piece.node_id === node_id),
      );
  }

  async tell(node_id: string, pieces: readonly Touched[]): Promise<void> {
    if (pieces.length === 0) return;
    this.bus.publish(NodeStorageChanged, { node_id });
    this.bus.publish(SegmentsAtRisk, {});
    for (const volume of await this.store.personOf(pieces.map((piece) => piece.volume_id))) this.bus.publish(VolumeChanged, volume);
  }
}

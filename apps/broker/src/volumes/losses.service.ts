import { Injectable } from '@nestjs/common';
import { EventBus } from '../platform/bus/event-bus.js';
import { Transactions } from '../platform/database/transactions.js';
import { PiecesStore, type Touched } from './pieces.store.js';
import { Standings } from './standings.service.js';
import { NodeStorageChanged, VolumeChanged } from './volumes.events.js';

/** What follows when pieces are lost at a device: their segments are looked at, and the device is believed less. */
@Injectable()
export class Losses {
  constructor(
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
  async look(missing_seconds: number, return_seconds: number, limit: number): Promise<void> {
    const { away, back } = await this.transactions.run(async (tx) => ({
      back: await this.store.returned(tx, return_seconds, limit),
      away: await this.store.away(tx, missing_seconds, limit),
    }));
    await this.store.giveUp(return_seconds);
    for (const node_id of new Set([...away, ...back].map((piece) => piece.node_id)))
      await this.tell(
        node_id,
        [...away, ...back].filter((piece) => piece.node_id === node_id),
      );
  }

  async tell(node_id: string, pieces: readonly Touched[]): Promise<void> {
    if (pieces.length === 0) return;
    this.bus.publish(NodeStorageChanged, { node_id });
    for (const volume of await this.store.personOf(pieces.map((piece) => piece.volume_id))) this.bus.publish(VolumeChanged, volume);
  }
}

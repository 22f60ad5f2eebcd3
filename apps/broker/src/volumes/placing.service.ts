import { Injectable } from '@nestjs/common';
import { type PlacementReason, place } from '#placement';
import type { VolumeClass } from '#units';
import type { Transaction } from '../platform/database/transactions.js';
import { DevicesStore } from './devices.store.js';
import { PiecesStore } from './pieces.store.js';
import { VolumesStore } from './volumes.store.js';

/** Pieces of one segment that need a device. */
export interface ToPlace {
  volume_id: string;
  class: VolumeClass;
  file_id: string;
  ordinal: number;
  /** Of each piece. */
  bytes: number;
  pieces: readonly { id: string; index: number }[];
  /** Devices that did not take them. */
  not_nodes?: readonly string[];
}

/** Finds devices for pieces, among the volume's leases. */
@Injectable()
export class Placing {
  constructor(
    private readonly volumes: VolumesStore,
    private readonly devices: DevicesStore,
    private readonly store: PiecesStore,
  ) {}

  /** @returns the pieces that have a device now, by id, and why others have none. */
  async place(tx: Transaction, segment: ToPlace): Promise<{ placed: Map<string, string>; reason: PlacementReason | null }> {
    const { volume_id, file_id, ordinal, bytes, pieces, not_nodes = [] } = segment;
    await this.volumes.lock(tx, volume_id);
    const [candidates, kept] = [
      await this.devices.candidates(tx, volume_id, bytes, not_nodes),
      await this.devices.ofSegment(tx, file_id, ordinal),
    ];
    const moving = new Set(pieces.map(({ index }) => index));
    const ids = new Map(pieces.map(({ id, index }) => [index, id]));
    const { assignments, reason } = place(
      { class: segment.class, pieces: [...moving], random: Math.random },
      candidates,
      kept.filter(({ index }) => !moving.has(index)),
    );
    const rows = assignments.map(({ piece, device }) => ({ id: ids.get(piece) ?? '', ...device }));
    await this.store.assign(tx, rows);
    return { placed: new Map(rows.map(({ id, node_id }) => [id, node_id])), reason };
  }
}

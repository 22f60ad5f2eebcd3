import type { Readable } from 'node:stream';
import { Injectable } from '@nestjs/common';
import { Deliveries } from './deliveries.service.js';
import { Losses } from './losses.service.js';
import { PiecesStore } from './pieces.store.js';
import { Relay } from './relay.js';
import { pieceLength, rootDiffers, transferUnknown } from './volumes.errors.js';

/** The devices' side of the relay. A transfer belongs to one device, and any process serves it. */
@Injectable()
export class TransfersService {
  constructor(
    private readonly store: PiecesStore,
    private readonly deliveries: Deliveries,
    private readonly losses: Losses,
    private readonly relay: Relay,
  ) {}

  /** The bytes that a device was told to keep. @throws HeapError `not_found` for a transfer that is not open, or another's. */
  async take(node_id: string, transfer_id: string): Promise<{ bytes: number; stream: Readable }> {
    const transfer = await this.store.open(transfer_id, node_id, 'PUT');
    if (!transfer) throw transferUnknown();
    const stream = this.relay.open(transfer.piece_id);
    await new Promise<void>((resolve, reject) => {
      stream.once('open', () => resolve());
      stream.once('error', () => reject(transferUnknown()));
    });
    return { bytes: transfer.bytes, stream };
  }

  /** Takes the bytes that a device was asked for. Wrong bytes of the right length are proof that it does not keep what it was given. */
  async bring(node_id: string, transfer_id: string, said: number | undefined, body: Readable): Promise<void> {
    const transfer = await this.store.open(transfer_id, node_id, 'GET');
    if (!transfer) throw transferUnknown();
    const { bytes, piece_id } = transfer;
    if (said !== undefined && said !== bytes) throw pieceLength(bytes, said);
    const received = await this.relay.receive(transfer_id, transfer, body);
    if (received === 'length') {
      await this.deliveries.brought(node_id, transfer_id, 'FAILED', 'length');
      throw pieceLength(bytes, said ?? -1);
    }
    if (received === 'whole') return this.deliveries.brought(node_id, transfer_id, 'DONE', null);
    await this.deliveries.brought(node_id, transfer_id, 'FAILED', 'root_differs');
    await this.losses.proven(node_id, [piece_id]);
    throw rootDiffers();
  }
}

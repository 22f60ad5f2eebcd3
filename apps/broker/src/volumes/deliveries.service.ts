import { Inject, Injectable } from '@nestjs/common';
import { DispatchCommands } from '../dispatch/dispatch.commands.js';
import { EventBus } from '../platform/bus/event-bus.js';
import { CONFIG, type Config } from '../platform/config/config.js';
import { Transactions } from '../platform/database/transactions.js';
import { FilesStore } from './files.store.js';
import { PiecesStore, type Touched, type Transfer } from './pieces.store.js';
import { Placing } from './placing.service.js';
import { Relay } from './relay.js';
import { PieceStored, TransferEnded } from './volumes.events.js';

/** Of transfers and pieces, looked at in one turn. */
const BATCH = 1_000;
/** A device that did not begin is told again after this. */
const TELL_AGAIN_MS = 3_000;
/** And so long after it was told to delete. */
const DELETE_AGAIN_MS = 60_000;
const DELETED_MAX = 512;
/** storage.md: a device keeps what nobody renews for 31 days. */
export const KEEP_MS = 31 * 24 * 3_600_000;
/** What ended is known so long, for whoever asks late. */
const ENDED_MINUTES = 30;
const UNCLAIMED_MINUTES = 10;

/** Carries pieces from the spool to their devices and from devices to the spool, and has deleted what is not needed. */
@Injectable()
export class Deliveries {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly transactions: Transactions,
    private readonly store: PiecesStore,
    private readonly files: FilesStore,
    private readonly placing: Placing,
    private readonly relay: Relay,
    private readonly dispatch: DispatchCommands,
    private readonly bus: EventBus,
  ) {}

  /** Sends pieces that are in the spool on to their devices: these, or all of a device. */
  async send(of: { ids?: readonly string[]; node_id?: string }): Promise<void> {
    for (const transfer of await this.store.beginPuts(of, this.config.piece_transfer_ms, BATCH)) this.tellPut(transfer);
  }

  /** Asks a device for a piece; room for it was reserved under the transfer's id. */
  async fetch(transfer_id: string, piece: { id: string; node_id: string; bytes: number }, deadline_ms: number): Promise<void> {
    await this.store.beginGet(transfer_id, piece.id, piece.node_id, deadline_ms);
    this.tellGet({ transfer_id, piece_id: piece.id, node_id: piece.node_id, bytes: piece.bytes, deadline_ms });
  }

  /** The device has a piece that it was sent. */
  async stored(node_id: string, piece_id: string, transfer_id: string): Promise<void> {
    const piece = await this.transactions.run(async (tx) => {
      const stored = await this.store.stored(tx, piece_id, node_id);
      await this.store.endTransfer(transfer_id, node_id, 'DONE', null, tx);
      if (stored) await this.store.supersede(tx, stored);
      return stored;
    });
    if (!piece) return;
    await this.relay.drop([piece_id]);
    this.bus.publish(PieceStored, { file_id: piece.file_id });
  }

  /** A transfer failed at the device. */
  async failed(node_id: string, transfer_id: string, code: string): Promise<void> {
    const ended = await this.store.endTransfer(transfer_id, node_id, 'FAILED', code);
    if (ended) await this.afterFailure([{ id: transfer_id, ...ended }]);
  }

  /** What bytes that a device brought came to. */
  async brought(node_id: string, transfer_id: string, outcome: 'DONE' | 'FAILED', code: string | null): Promise<void> {
    await this.store.endTransfer(transfer_id, node_id, outcome, code);
    this.bus.publish(TransferEnded, { transfer_id });
  }

  /** A turn of the clock: tells again, gives up what is late, finds other devices, and has deleted what is to go. */
  async look(): Promise<void> {
    await this.afterFailure(await this.store.expire());
    await this.replant(await this.store.stranded(this.config.piece_transfer_ms, BATCH));
    await this.send({});
    for (const transfer of await this.store.untold(TELL_AGAIN_MS, BATCH))
      if (transfer.kind === 'PUT') this.tellPut(transfer);
      else this.tellGet(transfer);
    await this.store.unclaim(UNCLAIMED_MINUTES);
    await this.delete();
    await this.store.forgetTransfers(ENDED_MINUTES);
  }

  async delete(): Promise<void> {
    const by_node = new Map<string, string[]>();
    for (const { id, node_id } of await this.store.undeleted(DELETE_AGAIN_MS, 10 * BATCH))
      by_node.set(node_id, [...(by_node.get(node_id) ?? []), id]);
    for (const [node_id, ids] of by_node)
      for (let from = 0; from < ids.length; from += DELETED_MAX)
        this.dispatch.tell(node_id, 'piece.del', { pieces: ids.slice(from, from + DELETED_MAX) });
  }

  private async afterFailure(ended: readonly { id: string; piece_id: string; kind: 'PUT' | 'GET' }[]): Promise<void> {
    for (const { id, kind } of ended) if (kind === 'GET') this.bus.publish(TransferEnded, { transfer_id: id });
    const puts = ended.filter(({ kind }) => kind === 'PUT').map(({ piece_id }) => piece_id);
    if (puts.length === 0) return;
    await this.replant(await this.store.failed(puts));
  }

  /** Pieces in the spool whose device does not take them go to another, where there is one. */
  private async replant(pieces: readonly Touched[]): Promise<void> {
    for (const piece of pieces) {
      const file = await this.files.find(piece.file_id);
      if (!file) continue;
      const { volume_id, file_id, ordinal, bytes, node_id } = piece;
      const moved = await this.transactions.run(async (tx) => {
        const { placed } = await this.placing.place(tx, {
          ...{ volume_id, class: file.class, file_id, ordinal, bytes },
          pieces: [piece],
          not_nodes: [node_id],
        });
        return placed.size;
      });
      if (moved > 0) await this.send({ ids: [piece.id] });
    }
  }

  private tellPut({ piece_id, transfer_id, node_id, bytes, root, deadline_ms }: Transfer): void {
    this.dispatch.tell(node_id, 'piece.put', { piece_id, transfer_id, bytes, root, keep_ms: KEEP_MS, deadline_ms });
  }

  private tellGet({ piece_id, transfer_id, node_id, bytes, deadline_ms }: Omit<Transfer, 'root'>): void {
    this.dispatch.tell(node_id, 'piece.get', { piece_id, transfer_id, offset: 0, bytes, deadline_ms });
  }
}

import { Injectable } from '@nestjs/common';
import { NodeSaid } from '../dispatch/dispatch.events.js';
import { EventBus } from '../platform/bus/event-bus.js';
import { Audits } from './audits.service.js';
import { Deliveries } from './deliveries.service.js';
import { Losses } from './losses.service.js';
import { PiecesStore } from './pieces.store.js';
import { NodeStorageChanged } from './volumes.events.js';

/** What devices say of the pieces that they keep. */
@Injectable()
export class Words {
  constructor(
    private readonly store: PiecesStore,
    private readonly deliveries: Deliveries,
    private readonly losses: Losses,
    private readonly audits: Audits,
    private readonly bus: EventBus,
  ) {
    bus.subscribe(NodeSaid, (said) => this.take(said));
  }

  private async take(said: (typeof NodeSaid)['payload']): Promise<void> {
    const { node_id } = said;
    switch (said.type) {
      case 'pieces':
        await this.store.say(node_id, said.body);
        this.bus.publish(NodeStorageChanged, { node_id });
        return this.deliveries.send({ node_id });
      case 'piece.stored':
        return this.deliveries.stored(node_id, said.body.piece_id, said.body.transfer_id);
      case 'piece.failed': {
        const { piece_id, transfer_id, code } = said.body;
        if (code === 'piece_missing' || code === 'piece_corrupt') await this.losses.admitted(node_id, [piece_id], code);
        if (transfer_id !== null) await this.deliveries.failed(node_id, transfer_id, code);
        return;
      }
      case 'piece.gone':
        return this.losses.admitted(node_id, said.body.pieces, 'given_up');
      case 'audit.answer':
        return this.audits.answered(node_id, said.body);
    }
  }
}

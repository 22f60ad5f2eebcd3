import { Injectable } from '@nestjs/common';
import { EventBus } from '../platform/bus/event-bus.js';
import type { Transaction } from '../platform/database/transactions.js';
import { DisputesStore } from './disputes.store.js';
import { PayerBlocked } from './funding.events.js';

/** Keeps somebody's money where it is: nothing is held for new work, nothing goes back to a card or out to a bank. */
@Injectable()
export class BlocksCommands {
  constructor(
    private readonly store: DisputesStore,
    private readonly bus: EventBus,
  ) {}

  /** @param cause follows "No money can be held for new work:". */
  block(tx: Transaction, person_id: string, cause: string): Promise<void> {
    return this.store.block(tx, person_id, cause);
  }

  lift(tx: Transaction, person_id: string, cause: string): Promise<void> {
    return this.store.liftBlock(tx, person_id, cause);
  }

  /** After the commit: what runs on the money stops. */
  announce(person_id: string): void {
    this.bus.publish(PayerBlocked, { person_id });
  }
}

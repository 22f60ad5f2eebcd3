import type { Micro, SlotClass } from '#units';
import { EventType } from '../platform/bus/event-bus.js';
import type { Transaction } from '../platform/database/transactions.js';

/** Some slots of one node for one job, at the price of the round. */
export interface Award {
  job_id: string;
  node_id: string;
  owner_id: string;
  slots: number;
  price_micro: Micro;
  fuel_limit: bigint;
}

/**
 * A round traded. Published inside its transaction: whoever turns awards into leases does so there, and adds to
 * `after_commit` what must wait until the round is a fact.
 */
export const RoundCleared = new EventType<{
  tx: Transaction;
  round_id: string;
  slot_class: SlotClass;
  awards: readonly Award[];
  after_commit: (() => void)[];
}>('RoundCleared');

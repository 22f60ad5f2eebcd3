import type { MarketName, Micro, SlotClass } from '#units';
import { EventType } from '../platform/bus/event-bus.js';
import type { Transaction } from '../platform/database/transactions.js';
import type { Leaving } from './terms.js';

export type { Leaving } from './terms.js';

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
 * A round traded, or decided about leases whose term is over; without trade it has no id. Published inside its transaction: whoever turns awards into leases does so there, and adds to
 * `after_commit` what must wait until the round is a fact.
 */
export const RoundCleared = new EventType<{
  tx: Transaction;
  round_id: string | null;
  slot_class: SlotClass;
  /** Slots that are free. */
  awards: readonly Award[];
  /** Leases that go on at their price. */
  renewed: readonly string[];
  leaving: readonly Leaving[];
  after_commit: (() => void)[];
}>('RoundCleared');

/** A round of this market traded: its price, its depth and its charts have news. */
export const MarketTraded = new EventType<{ market: MarketName }>('MarketTraded', { between_processes: true });

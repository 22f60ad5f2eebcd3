import { clear, type Offer, type OfferColumns, type Order } from '#auction';
import { waiting } from '#lifecycle';
import type { MarketName } from '#units';
import { taskCostMax } from '../platform/task-price.js';
import type { WaitingJob } from './demand.store.js';
import type { Book, Waiting } from './goods.commands.js';
import { orderOf } from './order-of.js';
import type { Caps } from './own-priority.js';
import type { EndingTerm } from './terms.js';

/** A book of jobs: what they want are slots that they lack and have tasks for. */
export interface WorkBook extends Book {
  offers: OfferColumns;
  orders: readonly Order[];
  /** Leases whose term is over: their slots are for sale. */
  ending: readonly EndingTerm[];
  /** Of jobs that gave way to others of their developer. */
  caps: Caps;
  jobs: ReadonlyMap<string, WaitingJob>;
}

/** Too little is left of the day's cap for one more task at the order's maximum price. */
const isCapped = (job: WaitingJob): boolean =>
  job.day_left_micro !== null && job.day_left_micro < taskCostMax(job.fuel_limit, job.max_price_micro);

/** Which jobs may bid, and why the others may not. */
export function whoBids(jobs: readonly WaitingJob[]): { bidding: WaitingJob[]; resting: Waiting[] } {
  return {
    bidding: jobs.filter((job) => !isCapped(job)),
    resting: jobs.filter(isCapped).map((job) => ({ order_id: job.id, ...waiting('day_cap', { cap_micro: job.day_cap_micro ?? 0n }) })),
  };
}

/** A job that gives way asks for no more than that, and for nothing where that is less than the fewest it takes. */
export function cappedBy(caps: Caps, job: WaitingJob): WaitingJob[] {
  const most = caps.get(job.id);
  if (most === undefined) return [job];
  const least = Math.max(1, Math.min(job.wanted, job.order_terms.min_slots - job.held));
  return most < least ? [] : [{ ...job, wanted: Math.min(job.wanted, most) }];
}

/** Jobs that ask for nothing in this round for that reason. */
export const whoRests = (bidding: readonly WaitingJob[], caps: Caps): Waiting[] =>
  bidding.filter((job) => cappedBy(caps, job).length === 0).map((job) => ({ order_id: job.id, ...waiting('own_priority') }));

export const ordersOf = (bidding: readonly WaitingJob[], market: MarketName, free: number): Order[] =>
  bidding.map((job) => orderOf(job, market, free));

/**
 * Of an order that is said to exclude the nodes which would do: how many of these offers it is the heap that leaves out for it, as their nodes lately
 * metered its module into something else than the heap did.
 */
export function leftOutByMeter(order: Order, job: WaitingJob, offers: readonly Offer[]): number {
  if (job.differing.length === 0) return 0;
  const { not_nodes = [], ...rest } = order.constraints ?? {};
  const left_out = new Set(job.differing);
  const constraints = { ...rest, not_nodes: not_nodes.filter((node) => !left_out.has(node)) };
  return offers.filter((offer) => {
    if (!left_out.has(offer.id)) return false;
    const [alone] = clear({ offers: [offer], orders: [{ ...order, constraints }] }).unmatched_orders;
    return (
      alone === undefined || !['excluded_by_order', 'no_node_satisfies', 'denied_by_owner', 'buyer_blocked'].includes(alone.reason.code)
    );
  }).length;
}

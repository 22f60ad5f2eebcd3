import { HTTP_LIMITS, type RequestBody, type ResponseOf, ROUTES } from '#protocol';
import { HeapError, isStorage, type KeptMarketName, MONTH_HOURS } from '#units';
import { type Amount, type Money, microOf, withMoney } from './amount.js';
import type { HttpClient } from './http.js';
import { marketTermsOf, type OrderTerms, orderTermsOf } from './order.js';

/** A reservation with its leases, the reason for its state, and money; `*_micro` members are bigints of micro-units. */
export type ReservationInfo = Money<ResponseOf<typeof ROUTES.getReservation>>;
/** What a reservation may expect. */
export type ReservationEstimate = Money<ResponseOf<typeof ROUTES.estimateReservation>>;
/** Standing slots or storage that one of your devices offers. */
export type KeptOfferInfo = Money<ResponseOf<typeof ROUTES.listKeptOffers>['offers'][number]>;
/** Standing slots or storage of one of your devices that somebody leases. */
export type KeptLeaseInfo = Money<ResponseOf<typeof ROUTES.listKeptLeases>['leases'][number]>;

type Wishes = 'constraints' | 'preferences' | 'spread' | 'deadline' | 'disconnectWaitMs' | 'firm' | 'preemptionNoticeMs';

/** What may be said about a reservation; a weight is for a slot-hour or a GB-month. */
export interface ReservationTerms extends Pick<OrderTerms, Wishes> {
  /** `standing:micro` for slots kept for services, `storage:standard` or `storage:cold` for bytes; see `heap.markets()`. */
  market: KeptMarketName;
  /** Slots, or GB of 10⁹ bytes, at a time. Default 1. */
  quantity?: number;
  /** With fewer than this it takes none. Default 1. */
  minQuantity?: number;
  /** At most so many of one device, and of one device of each owner. Default: no bound. */
  maxPerNode?: number;
  /** The most it pays for a slot-hour, or for a GB-month of 30 days. Default: twice the present price. */
  maxPrice?: Amount;
  /** How long it wants them, from its first lease on. Default: as long as the budget lasts. */
  hours?: number;
  /** The same in months of 30 days. */
  months?: number;
  /** Held at once; it never costs more. Default: what its time costs at the maximum price. */
  budget?: Amount;
  /** A name for lists. */
  name?: string;
}

export interface Page {
  limit?: number;
  before?: string;
}
const pageOf = ({ limit = 20, before }: Page) => ({ limit: Math.min(limit, HTTP_LIMITS.page_items), before });

/** A reservation on the heap, by its id. Every method throws HeapError `not_found` when it is none of yours. */
export class Reservation {
  constructor(
    private readonly http: HttpClient,
    readonly id: string,
  ) {}

  async get(): Promise<ReservationInfo> {
    return withMoney(await this.http.call(ROUTES.getReservation, { params: { reservation_id: this.id } }));
  }

  /** Gives it up: what was kept is paid, the rest of the budget returns at once. Harmless for one that is over. */
  async cancel(): Promise<ReservationInfo> {
    const call = { params: { reservation_id: this.id }, body: undefined, repeatable: true };
    return withMoney(await this.http.call(ROUTES.cancelReservation, call));
  }
}

/** Places it; without a maximum price it asks the market for one first. */
export async function reserve(http: HttpClient, terms: ReservationTerms): Promise<ReservationInfo> {
  const max_price =
    terms.maxPrice === undefined ? (await estimateReservation(http, terms)).max_price_micro : microOf(terms.maxPrice, 'maxPrice');
  const { deadline, disconnect_wait_ms, interruptible, preemption_notice_ms } = orderTermsOf(terms);
  const body: RequestBody<typeof ROUTES.reserve> = {
    ...asked(terms),
    name: terms.name,
    max_price_micro: String(max_price),
    budget_micro: terms.budget === undefined ? null : String(microOf(terms.budget, 'budget')),
    ...{ deadline, disconnect_wait_ms, interruptible, preemption_notice_ms },
  };
  return withMoney(await http.call(ROUTES.reserve, { body }));
}

export async function estimateReservation(http: HttpClient, terms: ReservationTerms): Promise<ReservationEstimate> {
  const max_price_micro = terms.maxPrice === undefined ? null : String(microOf(terms.maxPrice, 'maxPrice'));
  return withMoney(await http.call(ROUTES.estimateReservation, { body: { ...asked(terms), max_price_micro }, repeatable: true }));
}

export async function listReservations(http: HttpClient, page: Page): Promise<ReservationInfo[]> {
  return withMoney((await http.call(ROUTES.listReservations, { query: pageOf(page) })).reservations);
}

export async function listKeptLeases(http: HttpClient, page: Page): Promise<KeptLeaseInfo[]> {
  return withMoney((await http.call(ROUTES.listKeptLeases, { query: pageOf(page) })).leases);
}

export async function listKeptOffers(http: HttpClient): Promise<KeptOfferInfo[]> {
  return withMoney((await http.call(ROUTES.listKeptOffers)).offers);
}

export async function setKeptPrice(http: HttpClient, node_id: string, market: KeptMarketName, price: Amount | null): Promise<void> {
  const body = { price_micro: price === null ? null : String(microOf(price, 'price')) };
  await http.call(ROUTES.putKeptPrice, { params: { node_id, market }, body, repeatable: true });
}

/** What both an estimate and an order say. */
function asked(terms: ReservationTerms) {
  const { constraints, preferences, spread } = marketTermsOf(terms);
  return {
    market: terms.market,
    quantity: terms.quantity,
    min_quantity: terms.minQuantity,
    max_per_node: terms.maxPerNode,
    hours: reservedHours(terms),
    ...{ constraints, preferences, spread },
  };
}

/** @throws HeapError `bad_terms` when both are said. */
export function reservedHours({ hours, months }: Pick<ReservationTerms, 'hours' | 'months'>): number | null {
  if (hours !== undefined && months !== undefined)
    throw new HeapError('bad_terms', 'Say how long it lasts in hours or in months, not in both.', 'developer');
  return hours ?? (months === undefined ? null : months * Number(MONTH_HOURS));
}

/** What a price of the market is for. */
export const priceUnit = (market: string): string =>
  isStorage(market) ? 'GB-month' : market.startsWith('standing:') ? 'slot-hour' : '10¹² fuel';

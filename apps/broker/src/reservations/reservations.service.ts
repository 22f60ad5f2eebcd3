import { createHash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { reserving } from '#lifecycle';
import { type BodyOf, canonicalJson, type ResponseOf, type ROUTES } from '#protocol';
import { AMOUNT_LIMIT, isStorage, KEPT_MARKETS, keptCost, type Micro, SERVICES, WORKLOAD_CLASSES_BY_DEFAULT } from '#units';
import { AuctionsQuery } from '../auctions/auctions.query.js';
import { MoneyService } from '../money/money.service.js';
import { KeptOffersQuery } from '../nodes/kept-offers.query.js';
import { OrdersQuery } from '../orders/orders.query.js';
import { EventBus } from '../platform/bus/event-bus.js';
import { CONFIG, type Config } from '../platform/config/config.js';
import { Transactions } from '../platform/database/transactions.js';
import { newId } from '../platform/ids.js';
import { KeptLeasesService } from './kept-leases.service.js';
import { keptLeaseView, type ReservationView, reservationView } from './reservation-view.js';
import { amountTooLarge, budgetTooSmall, capExceeded, deadlinePassed, keyUsed, reservationUnknown } from './reservations.errors.js';
import { ReservationChanged } from './reservations.events.js';
import { type NewReservation, type ReservationRow, ReservationsStore } from './reservations.store.js';

type Terms = BodyOf<typeof ROUTES.reserve>;
type KeptOfferView = ResponseOf<typeof ROUTES.listKeptOffers>['offers'][number];
type OwnerLeaseView = ResponseOf<typeof ROUTES.listKeptLeases>['leases'][number];

/** The same with money as decimal strings, as it came. */
const onWire = <T>(value: T): T => JSON.parse(JSON.stringify(value, (_, member) => (typeof member === 'bigint' ? String(member) : member)));
const hashOf = ({ max_per_node, ...terms }: Terms): string =>
  createHash('sha256')
    .update(canonicalJson(onWire(max_per_node === null ? terms : { ...terms, max_per_node }) as never))
    .digest('hex');

const HOUR_US = 3_600_000_000n;
/** A budget must pay for the shortest term, which is this part of a whole one. */
const LEAST_PART = 60;

/** What all hours of a reservation cost at its maximum price, with a micro-unit for each unit's rounding. */
export const fullCost = (market: Terms['market'], quantity: number, hours: number, max_price_micro: Micro): Micro =>
  keptCost(market, quantity, BigInt(hours) * HOUR_US, max_price_micro) + BigInt(quantity) + 1n;

@Injectable()
export class ReservationsService {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly transactions: Transactions,
    private readonly store: ReservationsStore,
    private readonly leases: KeptLeasesService,
    private readonly orders: OrdersQuery,
    private readonly auctions: AuctionsQuery,
    private readonly offers: KeptOffersQuery,
    private readonly money: MoneyService,
    private readonly bus: EventBus,
  ) {}

  /**
   * Places a reservation and holds its budget, or does neither. The same key with the same terms returns the same one.
   * @throws HeapError `insufficient_funds`, `budget_too_small`, `job_cap_exceeded`, `deadline_passed`, `idempotency_mismatch`.
   */
  async place(person_id: string, idempotency_key: string, terms: Terms): Promise<ReservationView> {
    const request_hash = hashOf(terms);
    const known = await this.store.findByKey(person_id, idempotency_key);
    if (known) return this.view(sameRequest(known, request_hash));
    const budget_micro = await this.budgetOf(person_id, terms);
    const reservation = newReservation(person_id, idempotency_key, request_hash, terms, budget_micro);
    const placed = await this.transactions.run(async (tx) => {
      if (!(await this.store.insert(tx, reservation))) return false;
      await this.money.takeHold(tx, { job_id: reservation.id, developer: person_id, amount: budget_micro });
      return true;
    });
    if (placed) this.bus.publish(ReservationChanged, { market: reservation.market });
    const row = await this.store.findByKey(person_id, idempotency_key);
    if (!row) throw reservationUnknown();
    return this.view(sameRequest(row, request_hash));
  }

  /** What is held: what was stated, and no more than all its hours cost. */
  private async budgetOf(person_id: string, terms: Terms): Promise<Micro> {
    const { market, quantity, min_quantity, hours, max_price_micro, budget_micro, deadline } = terms;
    const full = hours === null ? null : fullCost(market, quantity, hours, max_price_micro);
    const budget = full !== null && (budget_micro === null || full < budget_micro) ? full : (budget_micro ?? 0n);
    if (budget >= AMOUNT_LIMIT) throw amountTooLarge();
    if (deadline !== null && (await this.store.isPast(deadline))) throw deadlinePassed(deadline);
    const cap = await this.orders.jobCapOf(person_id);
    if (cap !== null && budget > cap) throw capExceeded(cap);
    const term_ms = isStorage(market) ? this.config.storage_term_ms : this.config.standing_term_ms;
    const least_us = (BigInt(term_ms) * 1_000n) / BigInt(LEAST_PART);
    const least = keptCost(market, min_quantity, least_us, max_price_micro) + BigInt(quantity) + BigInt(min_quantity);
    if (budget < least) throw budgetTooSmall(least);
    return budget;
  }

  /** What was kept stays paid; the rest of the budget returns. Cancelling one that is over changes nothing. */
  async cancel(person_id: string, id: string): Promise<ReservationView> {
    await this.row(person_id, id);
    await this.leases.finish(id, 'CANCELLED', reserving('cancelled_by_developer'));
    return this.get(person_id, id);
  }

  async get(person_id: string, id: string): Promise<ReservationView> {
    return this.view(await this.row(person_id, id));
  }

  async list(person_id: string, before: string | undefined, limit: number): Promise<ReservationView[]> {
    return this.views(await this.store.list(person_id, before, limit));
  }

  async ownerLeases(owner_id: string, before: string | undefined, limit: number): Promise<OwnerLeaseView[]> {
    const rows = await this.store.leasesFrom(owner_id, before, limit);
    return rows.map((row) => ({ ...keptLeaseView(row), buyer_id: row.buyer_id }));
  }

  /** What an owner's devices offer to keep, and why what is free finds nobody. */
  async ownerOffers(owner_id: string): Promise<KeptOfferView[]> {
    const [rows, idle] = await Promise.all([this.offers.listOf(owner_id), this.auctions.idleOf(owner_id, KEPT_MARKETS)]);
    return rows.map((row) => ({
      node_id: row.node_id,
      name: row.name,
      kind: row.kind,
      market: row.market,
      quantity: row.quantity,
      free: Math.max(0, row.quantity - row.leased),
      available: row.available,
      reserve_price_micro: String(row.reserve_price_micro),
      price_source: row.set_price_micro !== null ? 'owner' : row.asked_price_micro !== null ? 'agent' : 'automatic',
      default_price_micro: String(row.default_price_micro),
      consent: isStorage(row.market) || (row.workload_classes ?? WORKLOAD_CLASSES_BY_DEFAULT).includes(SERVICES),
      idle: idle.find((one) => one.node_id === row.node_id && one.market === row.market)?.reason ?? null,
    }));
  }

  private async row(person_id: string, id: string): Promise<ReservationRow> {
    const row = await this.store.find(id, person_id);
    if (!row) throw reservationUnknown();
    return row;
  }

  private async view(row: ReservationRow): Promise<ReservationView> {
    const [view] = await this.views([row]);
    if (!view) throw reservationUnknown();
    return view;
  }

  private async views(rows: readonly ReservationRow[]): Promise<ReservationView[]> {
    const leases = await this.store.leasesOf(rows.map((row) => row.id));
    return rows.map((row) =>
      reservationView(
        row,
        leases.filter((lease) => lease.reservation_id === row.id),
        this.config.standing_fuel_per_hour,
      ),
    );
  }
}

function sameRequest(row: ReservationRow, request_hash: string): ReservationRow {
  if (row.request_hash !== request_hash) throw keyUsed();
  return row;
}

function newReservation(
  person_id: string,
  idempotency_key: string,
  request_hash: string,
  terms: Terms,
  budget_micro: Micro,
): NewReservation {
  const { constraints, preferences, spread, min_quantity, budget_micro: _, ...rest } = terms;
  const reason = reserving('next_round');
  return {
    ...rest,
    id: newId(),
    person_id,
    idempotency_key,
    request_hash,
    budget_micro,
    order_terms: onWire({ constraints, preferences, spread, min_quantity }) as unknown as NewReservation['order_terms'],
    reason_code: reason.code,
    reason_sentence: reason.sentence,
  };
}

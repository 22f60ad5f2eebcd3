import { Inject, Injectable } from '@nestjs/common';
import { keptEnded, type Reason, reserving } from '#lifecycle';
import { isStorage, type KeptMarketName, keptCost, type Micro } from '#units';
import type { Waiting } from '../auctions/goods.commands.js';
import { MoneyService } from '../money/money.service.js';
import { EventBus } from '../platform/bus/event-bus.js';
import { CONFIG, type Config } from '../platform/config/config.js';
import { type Transaction, Transactions } from '../platform/database/transactions.js';
import { newId } from '../platform/ids.js';
import { BillingService } from './billing.service.js';
import { affordable } from './kept-bid.js';
import { KeptBookStore } from './kept-book.store.js';
import { type DueClaim, type EndedKept, KeptLeasesStore, type NewKeptLease } from './kept-leases.store.js';
import type { Ending, EndingLease, Grant, KeptTerms } from './kept-terms.js';
import { KeptLeaseEnded, KeptLeaseGranted, ReservationChanged } from './reservations.events.js';
import { ReservationsStore } from './reservations.store.js';

/** After these ends the device is not on the market as it was: what others had won there lapses. */
const DEVICE_GONE = ['owner_yield', 'node_lost', 'node_revoked'];

interface Over {
  ended: EndedKept[];
  followers: NewKeptLease[];
}

/** Begins, renews and ends leases of standing slots and storage, and reservations with them. */
@Injectable()
export class KeptLeasesService {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly store: KeptLeasesStore,
    private readonly books: KeptBookStore,
    private readonly reservations: ReservationsStore,
    private readonly billing: BillingService,
    private readonly money: MoneyService,
    private readonly transactions: Transactions,
    private readonly bus: EventBus,
  ) {}

  /** Turns what a round decided into leases, in its transaction. The leases whose term is over are locked and charged. */
  async apply(
    tx: Transaction,
    market: KeptMarketName,
    round_id: string | null,
    terms: KeptTerms,
    book: { ending: readonly EndingLease[]; offers: readonly { id: string; owner: string }[]; terms: ReadonlyMap<string, bigint> },
    after_commit: (() => void)[],
  ): Promise<void> {
    const { renewed, ended, leaving, grants } = terms;
    if (renewed.length + ended.length + leaving.length + grants.length === 0) return;
    const ending = new Map(book.ending.map((lease) => [lease.id, lease]));
    const termOf = (reservation_id: string) => book.terms.get(reservation_id) ?? 0n;
    await this.store.lockNodes(
      tx,
      [...book.ending, ...grants].map(({ node_id }) => node_id),
    );
    const over = await this.store.end(tx, ended);
    await this.store.renew(
      tx,
      renewed.flatMap((id) => {
        const lease = ending.get(id);
        if (!lease) return [];
        const term_us = termOf(lease.reservation_id);
        return [{ id, term_us, cost_micro: keptCost(market, lease.quantity, term_us, lease.price_micro) }];
      }),
    );
    for (const lease of leaving) {
      const { quantity = 0, price_micro = 0n } = ending.get(lease.lease_id) ?? {};
      const cost_micro = keptCost(market, quantity, BigInt(lease.notice_ms) * 1_000n, price_micro);
      if (round_id !== null) await this.store.leave(tx, { ...lease, cost_micro }, round_id);
    }
    const owners = new Map(book.offers.map((offer) => [offer.id, offer.owner]));
    const leases =
      round_id === null
        ? []
        : joined(grants).map((grant) => leaseOf(market, grant, round_id, owners.get(grant.node_id) ?? '', termOf(grant.reservation_id)));
    await this.store.insert(tx, leases);
    const touched = [...book.ending, ...grants].map(({ reservation_id }) => reservation_id);
    await this.describe(tx, touched);
    after_commit.push(() => this.announce({ ended: over, followers: leases }));
  }

  /** Ends leases that are not over yet: what was kept until now is charged, and who has won their units gets them. */
  async end(endings: readonly Ending[]): Promise<void> {
    if (endings.length === 0) return;
    const over = await this.transactions.run(async (tx) => {
      const open = new Set(
        await this.store.lockOpen(
          tx,
          endings.map((e) => e.lease_id),
        ),
      );
      return this.over(
        tx,
        endings.filter((e) => open.has(e.lease_id)),
      );
    });
    this.announce(over);
  }

  /** Ends a reservation and its leases, and gives back what it did not use. One that is over stays as it is. */
  async finish(reservation_id: string, state: 'DONE' | 'CANCELLED' | 'STOPPED', reason: Reason): Promise<void> {
    const over = await this.transactions.run(async (tx) => {
      await this.store.lockOf(tx, reservation_id);
      if (!(await this.reservations.finish(tx, reservation_id, state, reason))) return null;
      await this.store.dropClaims(tx, reservation_id);
      // Those that a round granted while this waited for the reservation are among them now.
      const leases = await this.store.lockOf(tx, reservation_id);
      const done = await this.over(
        tx,
        leases.map((lease_id) => ({ lease_id, reason: keptEnded('reservation_over') })),
      );
      await this.money.resolveHold(tx, reservation_id);
      return done;
    });
    if (over) this.announce(over);
  }

  private async over(tx: Transaction, endings: readonly Ending[]): Promise<Over> {
    const ids = endings.map((e) => e.lease_id);
    await this.billing.charge(tx, ids);
    await this.store.lockNodes(tx, await this.store.nodesOf(tx, ids));
    const ended = await this.store.end(tx, endings);
    const stays = new Set(ended.filter((lease) => !DEVICE_GONE.includes(lease.code)).map((lease) => `${lease.node_id} ${lease.market}`));
    const claims = await this.store.takeClaims(tx, ids);
    const followers = await this.follow(
      tx,
      claims.filter((claim) => stays.has(`${claim.node_id} ${claim.market}`)),
    );
    await this.describe(
      tx,
      [...ended, ...followers].map((lease) => lease.reservation_id),
    );
    return { ended, followers };
  }

  /** What others had won of ended leases becomes theirs, as far as they can still pay for it; the rest is free for the next round. */
  private async follow(tx: Transaction, claims: readonly DueClaim[]): Promise<NewKeptLease[]> {
    if (claims.length === 0) return [];
    const rows = await this.books.demand({ ids: claims.map((claim) => claim.reservation_id) }, [], tx);
    const left = new Map(rows.map((row) => [row.id, row.left_micro]));
    const leases: NewKeptLease[] = [];
    for (const claim of claims) {
      const row = rows.find(({ id }) => id === claim.reservation_id);
      if (!row) continue;
      const left_micro = left.get(row.id) ?? 0n;
      const day = row.day_left_micro === null ? null : { left_micro: row.day_left_micro, left_us: row.day_left_us };
      const bid = affordable(
        { ...row, max_price_micro: claim.price_micro, wanted: claim.quantity, min_quantity: 1, held: 0, left_micro, day },
        this.termUs(claim.market),
      );
      if (typeof bid === 'string' || bid.units < claim.quantity) continue;
      const lease = leaseOf(claim.market, claim, claim.round_id, claim.owner_id, bid.term_us);
      left.set(row.id, left_micro - lease.limit_micro);
      leases.push(lease);
    }
    for (const market of new Set(leases.map((lease) => lease.market)))
      await this.store.insert(
        tx,
        leases.filter((lease) => lease.market === market),
      );
    return leases;
  }

  /** Says of reservations whose leases changed what they have. */
  private async describe(tx: Transaction, reservation_ids: readonly string[]): Promise<void> {
    const rows = await this.reservations.standing([...new Set(reservation_ids)], tx);
    await this.reservations.explain(
      rows.map(({ id, leased, market }) => ({
        id,
        ...(leased > 0 ? reserving('holding', { leased, unit: isStorage(market) ? 'GB' : 'slot' }) : reserving('next_round')),
      })),
      tx,
    );
  }

  /** Tells reservations why they have less than they want. Those that have nothing and can never pay for more are over. */
  async explain(waiting: readonly Waiting[]): Promise<void> {
    if (waiting.length === 0) return;
    const rows = new Map((await this.reservations.standing(waiting.map((w) => w.order_id))).map((row) => [row.id, row]));
    const reasons: { id: string; code: string; sentence: string }[] = [];
    for (const { order_id, code, sentence } of waiting) {
      const row = rows.get(order_id);
      if (!row) continue;
      if (row.leased === 0 && row.claimed === 0 && code === 'budget_exhausted') await this.finish(order_id, 'STOPPED', { code, sentence });
      else if (row.leased === 0 && row.claimed === 0 && code === 'hours_over') await this.finish(order_id, 'DONE', { code, sentence });
      else if (row.leased > 0) {
        const unit = isStorage(row.market) ? ('GB' as const) : ('slot' as const);
        reasons.push({
          id: order_id,
          ...reserving('holding_some', { leased: row.leased, wanted: row.quantity, unit, why: sentence }),
          code,
        });
      } else reasons.push({ id: order_id, code, sentence });
    }
    await this.reservations.explain(reasons);
  }

  private announce({ ended, followers }: Over): void {
    for (const { lease_id, node_id, reservation_id, market, code } of ended)
      this.bus.publish(KeptLeaseEnded, { lease_id, node_id, reservation_id, market, code });
    for (const { id, node_id, reservation_id, market } of followers)
      this.bus.publish(KeptLeaseGranted, { lease_id: id, node_id, reservation_id, market });
    for (const market of new Set(ended.map((lease) => lease.market))) this.bus.publish(ReservationChanged, { market });
  }

  private termUs(market: KeptMarketName): bigint {
    return BigInt(isStorage(market) ? this.config.storage_term_ms : this.config.standing_term_ms) * 1_000n;
  }
}

/** What a reservation keeps of a node and what it won there besides is one lease, where the price is one. */
function joined(grants: readonly Grant[]): Grant[] {
  const by = new Map<string, Grant>();
  for (const grant of grants) {
    const place = `${grant.reservation_id} ${grant.node_id} ${grant.price_micro}`;
    by.set(place, { ...grant, quantity: grant.quantity + (by.get(place)?.quantity ?? 0) });
  }
  return [...by.values()];
}

const leaseOf = (
  market: KeptMarketName,
  { reservation_id, node_id, quantity, price_micro }: { reservation_id: string; node_id: string; quantity: number; price_micro: Micro },
  round_id: string,
  owner_id: string,
  term_us: bigint,
): NewKeptLease => ({
  id: newId(),
  market,
  node_id,
  owner_id,
  reservation_id,
  quantity,
  round_id,
  price_micro,
  term_us,
  limit_micro: keptCost(market, quantity, term_us, price_micro),
});

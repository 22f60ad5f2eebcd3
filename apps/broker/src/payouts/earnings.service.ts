import { Inject, Injectable } from '@nestjs/common';
import { reachedAt } from '#ledger';
import { waiting } from '#lifecycle';
import type { ResponseOf, ROUTES } from '#protocol';
import { fee, type Micro } from '#units';
import { BalancesQuery } from '../money/balances.query.js';
import { CONFIG, type Config } from '../platform/config/config.js';
import { Transactions } from '../platform/database/transactions.js';
import { type EarnedRow, EarningsStore, type HeldRow } from './earnings.store.js';
import { PayoutAccountsStore } from './payout-accounts.store.js';
import { PAYOUT_REASONS, type PayoutReason } from './payout-reasons.js';
import { PayoutScreen } from './payout-screen.service.js';
import { PayoutTermsStore } from './payout-terms.store.js';

type EarningsView = ResponseOf<typeof ROUTES.earnings>;

const HELD: Readonly<Record<HeldRow['code'], (facts: { remaining_ms: number }) => PayoutReason>> = {
  verification: (facts) => waiting('in_holdback', facts),
  new_payer: (facts) => waiting('in_holdback_new_payer', facts),
  new_owner: (facts) => waiting('in_holdback_new_owner', facts),
  own_use: (facts) => waiting('in_holdback_own_use', facts),
  in_final_check: () => waiting('in_final_check'),
  in_dispute: (facts) => waiting('in_dispute', facts),
  objection_decided: (facts) => waiting('objection_decided', facts),
  payment_disputed: () => waiting('payment_disputed'),
};

const HISTORY_DAYS = 30;

/** What becomes the owner's at a known time; the rest depends on a decision. */
const CERTAIN: ReadonlySet<HeldRow['code']> = new Set(['verification', 'new_payer', 'new_owner'] as const);

/** What an owner earned and where it is: every amount that is not payable says until when and why. */
@Injectable()
export class EarningsService {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly transactions: Transactions,
    private readonly store: EarningsStore,
    private readonly accounts: PayoutAccountsStore,
    private readonly terms: PayoutTermsStore,
    private readonly screen: PayoutScreen,
    private readonly balances: BalancesQuery,
  ) {}

  async history(person_id: string): Promise<ResponseOf<typeof ROUTES.earningsHistory>> {
    const { days, nodes } = await this.store.history(person_id, HISTORY_DAYS);
    return {
      currency: this.config.currency,
      simulated: this.config.simulated_payments,
      days: days.map(({ day, earned }) => ({ day, earned_micro: String(earned) })),
      nodes: nodes.map(({ earned, today, ...node }) => ({ ...node, earned_micro: String(earned), today_micro: String(today) })),
    };
  }

  async of(person_id: string): Promise<EarningsView> {
    const { owner } = await this.balances.ofPerson(person_id);
    const [held, earned, terms] = await Promise.all([
      this.store.held(person_id),
      this.store.earned(person_id, this.config.reserve_days),
      this.terms.get(person_id),
    ]);
    const minimum = terms?.minimum ?? BigInt(this.config.payout_minimum_micro);
    const now = await this.transactions.run(async (tx) => {
      const payable = await this.screen.payable(tx, person_id, 'owner');
      const [frozen, as_owner, as_developer] = [
        await this.balances.ofAccount(2140, person_id, tx),
        await this.balances.ofAccount(1100, person_id, tx),
        await this.balances.ofAccount(1110, person_id, tx),
      ];
      const account = await this.accounts.get(person_id, tx);
      // With simulated money the account opens by itself when a payout is asked for.
      const verdict = account ? await this.screen.verdict(tx, account, payable, minimum, 'owner') : null;
      return { payable, frozen, debt: as_owner + as_developer, verdict };
    });
    const missing = minimum > now.payable ? minimum - now.payable : 0n;
    const in_flight = earned.in_flight.reduce((sum, { amount }) => sum + amount, 0n);
    return {
      currency: this.config.currency,
      simulated: this.config.simulated_payments,
      earned_micro: String(owner.earned),
      // By its rows: 2100 also holds what somebody earns as a partner.
      held_micro: String(held.reduce((sum, { amount }) => sum + amount, 0n)),
      held: held.map((row) => ({
        day: row.day,
        until: row.until.toISOString(),
        amount_micro: String(row.amount),
        captures: row.captures,
        reason: HELD[row.code](row),
      })),
      reserve: this.reserve(owner.reserve, earned),
      payable_micro: String(now.payable),
      withheld: withheld(owner.available + now.frozen - now.payable, now.frozen, now.payable),
      in_flight_micro: String(in_flight),
      in_flight: earned.in_flight.map((p) => ({
        payout_id: p.id,
        amount_micro: String(p.amount),
        state: p.state,
        reason: { code: p.reason_code, sentence: p.reason },
      })),
      paid_micro: String(earned.paid),
      taken_back_micro: String(earned.taken_back),
      debt_micro: String(now.debt),
      threshold: {
        minimum_micro: String(minimum),
        missing_micro: String(missing),
        per_day_micro: String(earned.per_day),
        expected_at: this.expectedAt(minimum + now.debt, now.payable, held, earned),
      },
      payout: payoutReason(now.verdict, missing, this.config.simulated_payments),
    };
  }

  /** Of one device, in all and since a time: after the fee, without what went back. */
  ofDevice(node_id: string, since: Date): Promise<{ earned: Micro; since: Micro }> {
    return this.store.ofDevice(node_id, since);
  }

  /** Debts are paid first, and of a new owner's releases a part stays in reserve. */
  private expectedAt(need: Micro, payable: Micro, held: readonly HeldRow[], earned: EarnedRow): string | null {
    const reserve_bps = (earned.reserve_remaining_ms ?? 0) > 0 ? BigInt(this.config.reserve_basis_points) : 0n;
    const free = (amount: Micro) => amount - fee(amount, reserve_bps);
    const now_ms = Date.now();
    const at_ms = reachedAt(need, {
      now_ms,
      payable,
      releases: held.filter(({ code }) => CERTAIN.has(code)).map((row) => ({ at_ms: row.until.getTime(), amount: free(row.amount) })),
      per_day: free(earned.per_day),
      held_ms: this.holdback(held) * 1000,
    });
    const LAST_MS = 8.64e15;
    return at_ms === null || at_ms > LAST_MS ? null : new Date(at_ms).toISOString();
  }

  /** What is earned next is held as what is held now. */
  private holdback(held: readonly HeldRow[]): number {
    const is_new = held.some(({ code }) => code === 'new_payer' || code === 'new_owner');
    return is_new ? Math.max(this.config.holdback_seconds, this.config.holdback_new_seconds) : this.config.holdback_seconds;
  }

  private reserve(amount: Micro, { reserve_until, reserve_remaining_ms }: EarnedRow): EarningsView['reserve'] {
    if (amount === 0n || reserve_until === null) return null;
    return {
      amount_micro: String(amount),
      until: reserve_until.toISOString(),
      reason: waiting('in_reserve', { remaining_ms: reserve_remaining_ms ?? 0 }),
    };
  }
}

function withheld(amount: Micro, frozen: Micro, payable: Micro): EarningsView['withheld'] {
  if (amount <= 0n) return null;
  const cents = amount < 10_000n ? PAYOUT_REASONS.below_a_cent() : PAYOUT_REASONS.own_cluster(payable);
  return { amount_micro: String(amount), reason: frozen > 0n ? PAYOUT_REASONS.frozen() : cents };
}

function payoutReason(verdict: Awaited<ReturnType<PayoutScreen['verdict']>> | null, missing: Micro, simulated: boolean): PayoutReason {
  if (verdict && 'reason' in verdict) return verdict.reason;
  if (missing > 0n) return PAYOUT_REASONS.below_minimum(missing);
  return verdict === null && !simulated ? PAYOUT_REASONS.no_account() : PAYOUT_REASONS.ready();
}

import { Inject, Injectable } from '@nestjs/common';
import { payoutRequested } from '#ledger';
import type { ResponseOf, ROUTES } from '#protocol';
import type { Micro } from '#units';
import { StepUp } from '../accounts/accounts.commands.js';
import { MoneyService } from '../money/money.service.js';
import { CONFIG, type Config } from '../platform/config/config.js';
import { type Transaction, Transactions } from '../platform/database/transactions.js';
import type { PersonCaller } from '../platform/http/caller.js';
import { newId } from '../platform/ids.js';
import { MONEY_PROVIDER, type MoneyProvider } from '../platform/provider/money-provider.js';
import { PayoutAccountsService } from './payout-accounts.service.js';
import { PayoutAccountsStore } from './payout-accounts.store.js';
import { PAYOUT_REASONS } from './payout-reasons.js';
import { PayoutScreen } from './payout-screen.service.js';
import { PayoutSender } from './payout-sender.service.js';
import { PayoutTermsStore } from './payout-terms.store.js';
import { keyUsed, noPayoutAccount, nothingPayable, payoutNotFound, payoutRefused } from './payouts.errors.js';
import { type Payee, type PayoutRow, PayoutsStore } from './payouts.store.js';

export type PayoutView = ResponseOf<typeof ROUTES.requestPayout>;

interface Asked {
  readonly person_id: string;
  readonly idempotency_key: string;
  readonly amount: Micro | undefined;
  readonly purpose: PayoutRow['purpose'];
  readonly payee: Payee;
}

/** Payouts as owners ask for them. What is refused by the screen is never begun. */
@Injectable()
export class PayoutsService {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(MONEY_PROVIDER) private readonly provider: MoneyProvider,
    private readonly transactions: Transactions,
    private readonly store: PayoutsStore,
    private readonly terms: PayoutTermsStore,
    private readonly accounts: PayoutAccountsStore,
    private readonly opening: PayoutAccountsService,
    private readonly screen: PayoutScreen,
    private readonly money: MoneyService,
    private readonly sender: PayoutSender,
    private readonly step_up: StepUp,
  ) {}

  /**
   * The same key with the same amount returns the same payout.
   * @throws HeapError `payout.<reason>.conflict` with the screen's sentence, `step_up.forbidden`, `idempotency_mismatch`.
   */
  async request(
    caller: PersonCaller,
    idempotency_key: string,
    amount: Micro | undefined,
    password: string | undefined,
    payee: Payee = 'owner',
  ): Promise<PayoutView> {
    const { person_id } = caller;
    await this.step_up.assert(caller, password);
    // The provider asks nothing for simulated money, so its account opens by itself.
    if (this.provider.simulated) await this.opening.ensure(person_id);
    const id = await this.transactions.run((tx) => this.begin(tx, { person_id, idempotency_key, amount, purpose: 'request', payee }));
    await this.sender.advance(id);
    return this.get(person_id, id);
  }

  /** @returns the payout's id: the one that the key stands for, or a new one. */
  async begin(tx: Transaction, { person_id, idempotency_key, amount: asked, purpose, payee }: Asked): Promise<string> {
    const { minimum } = await this.terms.lock(tx, person_id);
    const request_hash = `${payee === 'partner' ? 'partner ' : ''}${asked ?? 'all'}`;
    const known = await this.store.findByKey(tx, person_id, idempotency_key);
    if (known && known.request_hash !== request_hash) throw keyUsed();
    if (known) return known.id;
    const account = await this.accounts.lock(tx, person_id);
    if (!account?.account_ref) throw noPayoutAccount();
    const amount = asked === undefined ? await this.screen.payable(tx, person_id, payee) : this.provider.wholeMinor(asked);
    if (amount <= 0n) throw nothingPayable();
    const verdict = await this.screen.verdict(tx, account, amount, minimum ?? BigInt(this.config.payout_minimum_micro), payee);
    if (verdict.verdict === 'refuse') throw payoutRefused(verdict.reason);
    const payout = { id: newId(), person_id, amount, provider: this.provider.name, purpose, payee, idempotency_key, request_hash };
    const reason = verdict.verdict === 'wait' ? verdict.reason : PAYOUT_REASONS.screening();
    await this.store.insert(tx, { ...payout, account_ref: account.account_ref }, reason);
    // The floor of 2110 or 2150 decides when two payouts race for the same money (I21).
    await this.money.record(tx, [payoutRequested({ payout_id: payout.id, person: person_id, amount, payee })]);
    return payout.id;
  }

  /** @throws HeapError `not_found`. */
  async get(person_id: string, payout_id: string): Promise<PayoutView> {
    const row = await this.store.findOwn(payout_id, person_id);
    if (!row) throw payoutNotFound();
    return viewOf(row);
  }

  async list(person_id: string, page: { before?: string | undefined; limit: number }): Promise<PayoutView[]> {
    return (await this.store.page(person_id, page)).map(viewOf);
  }
}

const viewOf = (row: PayoutRow): PayoutView => ({
  payout_id: row.id,
  state: row.state,
  reason: { code: row.reason_code, sentence: row.reason },
  amount_micro: String(row.amount),
  simulated: row.provider === 'simulated',
  purpose: row.purpose,
  of: row.payee,
  requested_at: row.requested_at.toISOString(),
  paid_at: row.paid_at?.toISOString() ?? null,
});

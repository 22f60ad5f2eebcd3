import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { freeze, thaw } from '#ledger';
import type { ResponseOf, ROUTES } from '#protocol';
import { HeapError } from '#units';
import { StepUp } from '../accounts/accounts.commands.js';
import { PeopleQuery } from '../accounts/accounts.query.js';
import { LinksCommands } from '../funding/links.commands.js';
import { BalancesQuery } from '../money/balances.query.js';
import { MoneyService } from '../money/money.service.js';
import { CONFIG, type Config, publicUrl } from '../platform/config/config.js';
import { type Transaction, Transactions } from '../platform/database/transactions.js';
import type { PersonCaller } from '../platform/http/caller.js';
import { newId } from '../platform/ids.js';
import { Inbox } from '../platform/inbox/inbox.service.js';
import { Outbox } from '../platform/outbox/outbox.service.js';
import { MONEY_PROVIDER, type MoneyProvider, type ProviderAccount } from '../platform/provider/money-provider.js';
import { type PayoutAccountRow, PayoutAccountsStore } from './payout-accounts.store.js';
import { PAYOUT_REASONS } from './payout-reasons.js';

const OPEN_ACCOUNT = 'payout-account';

export type PayoutAccountView = ResponseOf<typeof ROUTES.getPayoutAccount>;

/** Owners' accounts at the provider. Who they are and where their bank is, the provider asks and keeps; we keep what it concludes. */
@Injectable()
export class PayoutAccountsService implements OnModuleInit {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(MONEY_PROVIDER) private readonly provider: MoneyProvider,
    private readonly people: PeopleQuery,
    private readonly step_up: StepUp,
    private readonly transactions: Transactions,
    private readonly store: PayoutAccountsStore,
    private readonly balances: BalancesQuery,
    private readonly money: MoneyService,
    private readonly links: LinksCommands,
    private readonly outbox: Outbox,
    private readonly inbox: Inbox,
  ) {}

  onModuleInit(): void {
    this.outbox.handle<ProviderAccount>(OPEN_ACCOUNT, {
      send: async ({ idempotency_key, subject_id }) => {
        const person = await this.people.byId(subject_id);
        if (!person) throw new HeapError('internal', `nobody has the id ${subject_id}`, 'platform');
        return this.provider.openAccount(idempotency_key, { person_id: person.id, email: person.email });
      },
      find: ({ subject_id }) => this.provider.findAccount(subject_id),
      done: (tx, _, account) => this.apply(tx, account),
      // The row stays without an account: nobody can be paid to it, and opening it again says why.
      refused: async () => {},
    });
    this.inbox.handle<ProviderAccount>('account', {
      read: (id) => this.provider.readAccount(id),
      isOurs: ({ person_id }) => person_id !== null,
      apply: (tx, account) => this.apply(tx, account),
    });
    this.inbox.watchAccounts(() => this.store.watched());
  }

  async get(person_id: string): Promise<PayoutAccountView> {
    return this.viewOf(await this.store.get(person_id));
  }

  /**
   * Opens the person's account if there is none and asks for a link to the provider's form, where the bank account is changed as well.
   * @throws HeapError `provider_failed`, `step_up.forbidden`.
   */
  async open(
    caller: PersonCaller,
    password: string | undefined,
  ): Promise<{ account: PayoutAccountView; url: string | null; expires_at: string | null }> {
    await this.step_up.assert(caller, password);
    const { person_id } = caller;
    const account_ref = await this.ensure(person_id);
    if (account_ref === null)
      throw new HeapError('provider_failed', 'The payment provider did not open an account for you: try again in a minute.', 'provider');
    const link = await this.provider.onboardingLink(account_ref, `${publicUrl(this.config)}/`).catch((error: Error) => {
      throw new HeapError('provider_failed', `The payment provider gave no link to its form: ${error.message}`, 'provider');
    });
    return { account: await this.get(person_id), url: link?.url ?? null, expires_at: link?.expires_at.toISOString() ?? null };
  }

  /** @returns the account's reference; null while the provider has not answered. */
  async ensure(person_id: string): Promise<string | null> {
    const known = await this.store.get(person_id);
    if (known?.account_ref) return known.account_ref;
    await this.transactions.run(async (tx) => {
      await this.store.insert(tx, person_id, this.provider.name);
      await this.outbox.enqueue(tx, OPEN_ACCOUNT, person_id);
    });
    await this.outbox.sendNow(OPEN_ACCOUNT, person_id);
    return (await this.store.get(person_id))?.account_ref ?? null;
  }

  private async apply(tx: Transaction, account: ProviderAccount): Promise<void> {
    const row = account.person_id === null ? null : await this.store.lock(tx, account.person_id);
    if (!row || (row.account_ref !== null && row.account_ref !== account.ref)) return;
    await this.store.update(tx, row.person_id, account);
    for (const fingerprint of account.bank_fingerprint?.split(' ') ?? []) await this.links.see(tx, row.person_id, 'bank', fingerprint);
    if (account.identity === 'rejected' && row.freeze_id === null) await this.freeze(tx, row.person_id);
    if (account.identity === 'active' && row.freeze_id !== null) await this.thaw(tx, row, row.freeze_id);
  }

  private async freeze(tx: Transaction, person_id: string): Promise<void> {
    const amount = await this.balances.ofAccount(2110, person_id, tx);
    const freeze_id = newId();
    await this.store.setFrozen(tx, person_id, freeze_id, amount);
    if (amount > 0n) await this.money.record(tx, [freeze({ freeze_id, person: person_id, role: 'owner', amount })]);
  }

  private async thaw(tx: Transaction, { person_id, frozen }: PayoutAccountRow, freeze_id: string): Promise<void> {
    await this.store.setFrozen(tx, person_id, null, 0n);
    if (frozen > 0n) await this.money.record(tx, [thaw({ freeze_id, person: person_id, role: 'owner', amount: frozen })]);
  }

  private viewOf(row: PayoutAccountRow | null): PayoutAccountView {
    return {
      identity: row?.account_ref ? row.identity : 'none',
      payouts_enabled: row?.payouts_enabled ?? false,
      simulated: this.provider.simulated,
      bank_changed_at: row?.bank_changed_at?.toISOString() ?? null,
      reason: reasonOf(row, this.provider.simulated),
    };
  }
}

function reasonOf(row: PayoutAccountRow | null, simulated: boolean): PayoutAccountView['reason'] {
  if (simulated) return { code: 'simulated', sentence: 'Payments are simulated: payouts arrive at once and are not real.' };
  if (!row?.account_ref) return PAYOUT_REASONS.no_account();
  if (row.identity === 'rejected') return PAYOUT_REASONS.identity_rejected();
  if (row.identity !== 'active') return PAYOUT_REASONS.identity_missing();
  return row.payouts_enabled ? { code: 'ready', sentence: 'Earnings can be paid out to your bank.' } : PAYOUT_REASONS.payouts_disabled();
}

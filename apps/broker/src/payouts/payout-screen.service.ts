import { Inject, Injectable } from '@nestjs/common';
import type { Micro } from '#units';
import { PeopleQuery } from '../accounts/accounts.query.js';
import { LinksQuery } from '../funding/links.query.js';
import { BalancesQuery } from '../money/balances.query.js';
import { CONFIG, type Config } from '../platform/config/config.js';
import type { Transaction } from '../platform/database/transactions.js';
import { MONEY_PROVIDER, type MoneyProvider } from '../platform/provider/money-provider.js';
import type { PayoutAccountRow } from './payout-accounts.store.js';
import { type Payee, PayoutsStore } from './payouts.store.js';
import { screen, type Verdict } from './screening.js';

/** Gathers what the screen must know, inside the transaction that acts on its verdict. */
@Injectable()
export class PayoutScreen {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(MONEY_PROVIDER) private readonly provider: MoneyProvider,
    private readonly people: PeopleQuery,
    private readonly store: PayoutsStore,
    private readonly balances: BalancesQuery,
    private readonly links: LinksQuery,
  ) {}

  /** What a person can have paid out: earnings without those of the own linked cluster, in whole minor units. */
  async payable(tx: Transaction, person_id: string, payee: Payee, in_this_payout: Micro = 0n): Promise<Micro> {
    const available = (await this.balances.ofAccount(payee === 'partner' ? 2150 : 2110, person_id, tx)) + in_this_payout;
    // Simulated money is withdrawn by nobody; a person alone with one machine may see how a payout works.
    const own = this.provider.simulated ? 0n : await this.fromOwnCluster(tx, person_id, payee);
    return this.provider.wholeMinor(available > own ? available - own : 0n);
  }

  private async fromOwnCluster(tx: Transaction, person_id: string, payee: Payee): Promise<Micro> {
    const cluster = await this.links.clusterOf(person_id, tx);
    return payee === 'partner' ? this.store.sharedFrom(tx, person_id, cluster) : this.store.earnedFrom(tx, person_id, cluster);
  }

  /** `payout` is the one that is screened, once its amount has left the available balance. */
  async verdict(
    tx: Transaction,
    account: PayoutAccountRow,
    amount: Micro,
    minimum: Micro,
    payee: Payee,
    payout: { id: string } | null = null,
  ): Promise<Verdict> {
    const { person_id } = account;
    return screen({
      identity: account.identity,
      payouts_enabled: account.payouts_enabled,
      bank_age_s: account.bank_age_s,
      credentials_age_s: await this.people.credentialsAge(person_id, tx),
      cool_down_s: this.config.payout_cool_down_seconds,
      debt: (await this.balances.ofAccount(1100, person_id, tx)) + (await this.balances.ofAccount(1110, person_id, tx)),
      frozen:
        account.freeze_id !== null ||
        (await this.balances.ofAccount(2140, person_id, tx)) > 0n ||
        (await this.store.isBlocked(tx, person_id)),
      amount,
      minimum,
      payable: await this.payable(tx, person_id, payee, payout === null ? 0n : amount),
      recent: await this.store.recent(tx, await this.cluster(tx, person_id), payout?.id ?? null),
      limits: { count: this.config.payouts_per_day, amount: BigInt(this.config.payout_daily_limit_micro) },
    });
  }

  /** Simulated money has no cards and banks: nobody is linked. */
  private async cluster(tx: Transaction, person_id: string): Promise<string[]> {
    return this.provider.simulated ? [person_id] : this.links.clusterOf(person_id, tx);
  }

  /** Whether the provider has cleared enough of the heap's money to send this. */
  async isFunded(tx: Transaction, amount: Micro): Promise<boolean> {
    return (await this.balances.ofAccount(1000, null, tx)) >= amount;
  }
}

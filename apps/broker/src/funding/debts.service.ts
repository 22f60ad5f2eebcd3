import { Inject, Injectable } from '@nestjs/common';
import { developerDebtPaid } from '#ledger';
import { HeapError, type Micro } from '#units';
import { BalancesQuery } from '../money/balances.query.js';
import { MoneyService } from '../money/money.service.js';
import { OwnerDebts } from '../money/owner-debts.service.js';
import { CONFIG, type Config } from '../platform/config/config.js';
import { type Transaction, Transactions } from '../platform/database/transactions.js';
import { newId } from '../platform/ids.js';
import { DisputesStore } from './disputes.store.js';

/** Why somebody is blocked who owes the heap money. */
export const DEBT = 'a chargeback left a debt';

/** How often one sweep looks at a debtor whose money moves at the same time. */
const LOOKS_MAX = 5;

/** What developers owe after a chargeback, and their way out: new money pays it first. */
@Injectable()
export class DebtsService {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly transactions: Transactions,
    private readonly balances: BalancesQuery,
    private readonly money: MoneyService,
    private readonly owner_debts: OwnerDebts,
    private readonly store: DisputesStore,
  ) {}

  /**
   * Takes what debtors have otherwise, for instance from a job that ended later, a payout that came back, or what their devices earned:
   * for the sweep.
   */
  async collect(): Promise<void> {
    for (const person of await this.store.debtors(this.config.currency)) await this.collectFrom(person);
    await this.store.liftPaid(this.config.currency, DEBT);
  }

  /**
   * The floors of the ledger say who takes the same money, or pays the same debt, first: whoever is too late looks again at what is left.
   * Who never is in time leaves it to the next sweep.
   */
  private async collectFrom(person: string): Promise<void> {
    for (let look = 1; look <= LOOKS_MAX; look++)
      try {
        return await this.transactions.run(async (tx) => {
          await this.payFrom(tx, person, await this.balances.ofAccount(2000, person, tx), newId());
          await this.owner_debts.netFromEarnings(tx, [person]);
        });
      } catch (error) {
        if (!(error instanceof HeapError) || error.code !== 'insufficient_funds') throw error;
      }
  }

  /** Pays debts from money that is there, at most `arrived`; when nothing is owed any more, the block is lifted. */
  async payFrom(tx: Transaction, developer: string, arrived: Micro, payment_id: string): Promise<void> {
    const debt = await this.balances.ofAccount(1110, developer, tx);
    if (debt === 0n || arrived <= 0n) return;
    const amount = debt < arrived ? debt : arrived;
    await this.money.record(tx, [developerDebtPaid({ payment_id, developer, amount })]);
    if (amount === debt) await this.store.liftBlock(tx, developer, DEBT);
  }
}

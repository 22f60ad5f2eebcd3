import { Inject, Injectable } from '@nestjs/common';
import { developerDebtPaid } from '#ledger';
import type { Micro } from '#units';
import { BalancesQuery } from '../money/balances.query.js';
import { OwnerDebts } from '../money/owner-debts.service.js';
import { CONFIG, type Config } from '../platform/config/config.js';
import { type Transaction, Transactions } from '../platform/database/transactions.js';
import { newId } from '../platform/ids.js';
import { DisputesStore } from './disputes.store.js';

/** Why somebody is blocked who owes the heap money. */
export const DEBT = 'a chargeback left a debt';

/** What developers owe after a chargeback, and their way out: new money pays it first. */
@Injectable()
export class DebtsService {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly transactions: Transactions,
    private readonly balances: BalancesQuery,
    private readonly owner_debts: OwnerDebts,
    private readonly store: DisputesStore,
  ) {}

  /**
   * Takes what debtors have otherwise, for instance from a job that ended later, a payout that came back, or what their devices earned:
   * for the sweep.
   */
  async collect(): Promise<void> {
    for (const person of await this.store.debtors(this.config.currency))
      await this.transactions.run(async (tx) => {
        await this.payFrom(tx, person, await this.balances.ofAccount(2000, person, tx), newId());
        await this.owner_debts.netFromEarnings(tx, [person]);
      });
    await this.store.liftPaid(this.config.currency, DEBT);
  }

  /** Pays debts from money that is there, at most `arrived`; when nothing is owed any more, the block is lifted. */
  async payFrom(tx: Transaction, developer: string, arrived: Micro, payment_id: string): Promise<void> {
    let [debt, amount] = [0n, 0n];
    const paid = await this.owner_debts.pay(tx, async () => {
      debt = await this.balances.ofAccount(1110, developer, tx);
      const available = await this.balances.ofAccount(2000, developer, tx);
      amount = [debt, arrived, available].reduce((least, one) => (one < least ? one : least));
      return amount > 0n ? [developerDebtPaid({ payment_id, developer, amount })] : [];
    });
    if (paid && amount === debt) await this.store.liftBlock(tx, developer, DEBT);
  }
}

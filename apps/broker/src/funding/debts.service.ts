import { Injectable } from '@nestjs/common';
import { developerDebtPaid } from '#ledger';
import type { Micro } from '#units';
import { BalancesQuery } from '../money/balances.query.js';
import { MoneyService } from '../money/money.service.js';
import type { Transaction } from '../platform/database/transactions.js';
import { DisputesStore } from './disputes.store.js';

/** Why somebody is blocked who owes the heap money. */
export const DEBT = 'a chargeback left a debt';

/** What developers owe after a chargeback, and their way out: new money pays it first. */
@Injectable()
export class DebtsService {
  constructor(
    private readonly balances: BalancesQuery,
    private readonly money: MoneyService,
    private readonly store: DisputesStore,
  ) {}

  /** Pays debts from money that just came in, at most all of it; when nothing is owed any more, the block is lifted. */
  async payFrom(tx: Transaction, developer: string, arrived: Micro, payment_id: string): Promise<void> {
    const debt = await this.balances.ofAccount(1110, developer, tx);
    if (debt === 0n) return;
    const amount = debt < arrived ? debt : arrived;
    await this.money.record(tx, [developerDebtPaid({ payment_id, developer, amount })]);
    if (amount === debt) await this.store.liftBlock(tx, developer, DEBT);
  }
}

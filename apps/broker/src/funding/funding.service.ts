import { Injectable } from '@nestjs/common';
import type { ResponseOf, ROUTES } from '#protocol';
import { HeapError, type Micro } from '#units';
import { MoneyService } from '../money/money.service.js';
import { Transactions } from '../platform/database/transactions.js';
import { newId } from '../platform/ids.js';
import { type DepositRow, FundingStore } from './funding.store.js';

/** A million major units: beyond it a typing error is likelier than a wish. */
const DEPOSIT_MAX_MICRO: Micro = 1_000_000_000_000n;

/** Money in. With simulated payments a deposit is there at once and is not real. */
@Injectable()
export class FundingService {
  constructor(
    private readonly transactions: Transactions,
    private readonly store: FundingStore,
    private readonly money: MoneyService,
  ) {}

  /** The same key with the same amount returns the same deposit. @throws HeapError `amount_out_of_range`, `idempotency_mismatch`. */
  async deposit(person_id: string, idempotency_key: string, amount: Micro): Promise<ResponseOf<typeof ROUTES.deposit>> {
    if (amount <= 0n || amount > DEPOSIT_MAX_MICRO)
      throw new HeapError('amount_out_of_range', `A deposit is between 1 and ${DEPOSIT_MAX_MICRO} micro-units.`, 'developer');
    const fresh = { id: newId(), amount, provider: 'simulated', request_hash: String(amount) };
    const row = await this.transactions.run(async (tx): Promise<DepositRow> => {
      if (!(await this.store.insert(tx, { ...fresh, person_id, idempotency_key }))) {
        const known = await this.store.findByKey(tx, person_id, idempotency_key);
        if (known?.request_hash === fresh.request_hash) return known;
        throw new HeapError('idempotency_mismatch', 'This Idempotency-Key was used for another deposit: choose a new one.', 'developer');
      }
      await this.money.recordDeposit(tx, { deposit_id: fresh.id, developer: person_id, amount });
      return fresh;
    });
    return { deposit_id: row.id, amount_micro: String(row.amount), provider: row.provider, simulated: row.provider === 'simulated' };
  }
}

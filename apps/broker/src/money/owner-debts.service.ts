import { Inject, Injectable } from '@nestjs/common';
import { developerDebtPaid, ownerDebtPaid } from '#ledger';
import { CONFIG, type Config } from '../platform/config/config.js';
import type { Transaction } from '../platform/database/transactions.js';
import { newId } from '../platform/ids.js';
import { LedgerStore } from './ledger.store.js';
import { OwnerDebtsStore } from './owner-debts.store.js';

/** Earnings pay what the same person owes: first for wrong results (1100), then for disputed payments (1110). */
@Injectable()
export class OwnerDebts {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly store: OwnerDebtsStore,
    private readonly ledger: LedgerStore,
  ) {}

  /** The floors of 2110, 1100 and 1110 decide when something else takes the same money meanwhile. @returns who paid. */
  async netFromEarnings(tx: Transaction, people: readonly string[]): Promise<string[]> {
    const owing = await this.store.owing(tx, this.config.currency, people);
    const drafts = owing.flatMap(({ person_id, as_owner, as_developer, available }) => {
      const first = as_owner < available ? as_owner : available;
      const then = as_developer < available - first ? as_developer : available - first;
      return [
        ...(first > 0n ? [ownerDebtPaid({ payment_id: newId(), owner: person_id, amount: first })] : []),
        ...(then > 0n ? [developerDebtPaid({ payment_id: newId(), developer: person_id, amount: then, from: 'earnings' as const })] : []),
      ];
    });
    await this.ledger.post(tx, this.config.currency, drafts);
    return owing.map(({ person_id }) => person_id);
  }
}

import { Inject, Injectable } from '@nestjs/common';
import { developerDebtPaid, type JournalDraft, ownerDebtPaid } from '#ledger';
import { CONFIG, type Config } from '../platform/config/config.js';
import type { Transaction } from '../platform/database/transactions.js';
import { newId } from '../platform/ids.js';
import { LedgerStore } from './ledger.store.js';
import { type Owing, OwnerDebtsStore } from './owner-debts.store.js';

/** How often one payment of debts is planned while the money moves. */
const LOOKS_MAX = 5;

/** Earnings pay what the same person owes: first for wrong results (1100), then for disputed payments (1110). */
@Injectable()
export class OwnerDebts {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly store: OwnerDebtsStore,
    private readonly ledger: LedgerStore,
  ) {}

  /** @returns who paid. */
  async netFromEarnings(tx: Transaction, people: readonly string[]): Promise<string[]> {
    let owing: Owing[] = [];
    await this.pay(tx, async () => {
      owing = await this.store.owing(tx, this.config.currency, people);
      return owing.flatMap(paidBy);
    });
    return owing.map(({ person_id }) => person_id);
  }

  /**
   * Posts what `plan` says. The floors of the ledger decide when somebody else pays the same debt or takes the same money: it is then planned
   * again by what is left. Who never is in time leaves it to the next sweep. @returns whether something was paid.
   */
  async pay(tx: Transaction, plan: () => Promise<readonly JournalDraft[]>): Promise<boolean> {
    for (let look = 1; look <= LOOKS_MAX; look++) {
      const drafts = await plan();
      if (drafts.length === 0) return false;
      if (await this.store.attempt(tx, () => this.ledger.post(tx, this.config.currency, drafts))) return true;
    }
    return false;
  }
}

function paidBy({ person_id, as_owner, as_developer, available }: Owing): JournalDraft[] {
  const first = as_owner < available ? as_owner : available;
  const then = as_developer < available - first ? as_developer : available - first;
  return [
    ...(first > 0n ? [ownerDebtPaid({ payment_id: newId(), owner: person_id, amount: first })] : []),
    ...(then > 0n ? [developerDebtPaid({ payment_id: newId(), developer: person_id, amount: then, from: 'earnings' as const })] : []),
  ];
}

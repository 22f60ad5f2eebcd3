import { Inject, Injectable } from '@nestjs/common';
import { type AccountCode, naturalBalance } from '#ledger';
import type { Micro } from '#units';
import { CONFIG, type Config } from '../platform/config/config.js';
import type { Transaction } from '../platform/database/transactions.js';
import { HeldStore } from './held.store.js';
import { LedgerStore } from './ledger.store.js';

export interface PersonBalances {
  developer: { available: Micro; held: Micro; promo: Micro; spent: Micro };
  owner: { pending: Micro; available: Micro; reserve: Micro; earned: Micro };
}

@Injectable()
export class BalancesQuery {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly ledger: LedgerStore,
    private readonly held: HeldStore,
  ) {}

  /** One balance as people read it; of the heap's own account without a person. Inside a transaction it is as that sees it. */
  async ofAccount(code: AccountCode, person_id: string | null, tx?: Transaction): Promise<Micro> {
    const signed = await this.ledger.balances(this.config.currency, person_id, tx);
    return naturalBalance(code, signed.get(code) ?? 0n);
  }

  async ofPerson(person_id: string): Promise<PersonBalances> {
    const { spent, earned } = await this.held.totals(person_id);
    const signed = await this.ledger.balances(this.config.currency, person_id);
    const of = (code: AccountCode) => naturalBalance(code, signed.get(code) ?? 0n);
    return {
      developer: { available: of(2000), held: of(2010), promo: of(2020), spent },
      owner: { pending: of(2100), available: of(2110), reserve: of(2120), earned },
    };
  }
}

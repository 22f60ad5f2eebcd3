import { Inject, Injectable } from '@nestjs/common';
import { type AccountCode, naturalBalance } from '#ledger';
import type { ROUTES } from '#protocol';
import type { Micro } from '#units';
import { CONFIG, type Config } from '../platform/config/config.js';
import type { Transaction } from '../platform/database/transactions.js';
import type { Answer } from '../platform/http/endpoint.js';
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

  /** The same as it goes over the wire. */
  async view(person_id: string): Promise<Answer<typeof ROUTES.balance>> {
    const { developer, owner } = await this.ofPerson(person_id);
    return {
      currency: this.config.currency,
      simulated: this.config.simulated_payments,
      developer: {
        available_micro: String(developer.available),
        held_micro: String(developer.held),
        promo_micro: String(developer.promo),
        spent_micro: String(developer.spent),
      },
      owner: {
        pending_micro: String(owner.pending),
        available_micro: String(owner.available),
        reserve_micro: String(owner.reserve),
        earned_micro: String(owner.earned),
      },
    };
  }
}

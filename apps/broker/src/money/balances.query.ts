import { Inject, Injectable } from '@nestjs/common';
import { Database } from '#database';
import { type AccountCode, naturalBalance } from '#ledger';
import type { Micro } from '#units';
import { CONFIG, type Config } from '../platform/config/config.js';
import { LedgerStore } from './ledger.store.js';

export interface PersonBalances {
  developer: { available: Micro; held: Micro; promo: Micro };
  owner: { pending: Micro; available: Micro; reserve: Micro };
}

@Injectable()
export class BalancesQuery {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(Database) private readonly database: Database,
    private readonly ledger: LedgerStore,
  ) {}

  async ofPerson(person_id: string): Promise<PersonBalances> {
    const signed = await this.ledger.balances(this.database, this.config.currency, person_id);
    const of = (code: AccountCode) => naturalBalance(code, signed.get(code) ?? 0n);
    return {
      developer: { available: of(2000), held: of(2010), promo: of(2020) },
      owner: { pending: of(2100), available: of(2110), reserve: of(2120) },
    };
  }
}

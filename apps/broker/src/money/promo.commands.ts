import { Inject, Injectable } from '@nestjs/common';
import { promoExpires } from '#ledger';
import { CONFIG, type Config } from '../platform/config/config.js';
import { Transactions } from '../platform/database/transactions.js';
import { LedgerStore } from './ledger.store.js';
import { PromoStore } from './promo.store.js';

const BATCH = 200;

@Injectable()
export class PromoCommands {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly transactions: Transactions,
    private readonly store: PromoStore,
    private readonly ledger: LedgerStore,
  ) {}

  /** 2020 → 5050 for what is left of grants whose time is over. @returns how many. */
  async expireDue(): Promise<number> {
    for (let total = 0; ; ) {
      const ended = await this.transactions.run(async (tx) => {
        const grants = await this.store.expire(tx, BATCH);
        const drafts = grants.map(({ id, person_id, amount, part }) =>
          promoExpires({ grant_id: id, developer: person_id, amount, part: part - 1 }),
        );
        await this.ledger.post(tx, this.config.currency, drafts);
        return grants.length;
      });
      total += ended;
      if (ended < BATCH) return total;
    }
  }
}

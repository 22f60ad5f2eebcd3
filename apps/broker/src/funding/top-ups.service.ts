import { Inject, Injectable } from '@nestjs/common';
import type { ResponseOf, ROUTES } from '#protocol';
import type { Micro } from '#units';
import { CONFIG, type Config } from '../platform/config/config.js';
import { Transactions } from '../platform/database/transactions.js';
import { newId } from '../platform/ids.js';
import { Outbox } from '../platform/outbox/outbox.service.js';
import { MONEY_PROVIDER, type MoneyProvider } from '../platform/provider/money-provider.js';
import { DepositsStore } from './deposits.store.js';
import { noSavedCard, notWhole, topUpTooSmall } from './funding.errors.js';
import { CHARGE_CARD } from './payments.service.js';
import { type TopUpRow, TopUpsStore } from './top-ups.store.js';

export type TopUpView = ResponseOf<typeof ROUTES.getTopUp>;
export type TopUpTerms = Pick<TopUpRow, 'enabled' | 'below' | 'amount' | 'monthly_cap'>;

const BATCH = 100;
const NOTHING: TopUpTerms & { this_month: Micro } = { enabled: false, below: 0n, amount: 0n, monthly_cap: 0n, this_month: 0n };

/** Adds money from the saved card before a developer runs out, never more than the cap in a calendar month (UTC). */
@Injectable()
export class TopUpsService {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(MONEY_PROVIDER) private readonly provider: MoneyProvider,
    private readonly transactions: Transactions,
    private readonly store: TopUpsStore,
    private readonly deposits: DepositsStore,
    private readonly outbox: Outbox,
  ) {}

  async get(person_id: string): Promise<TopUpView> {
    return viewOf((await this.store.get(person_id)) ?? NOTHING);
  }

  /** @throws HeapError `top_up.conflict` without a saved card, `invalid_input`, `amount_not_whole`. */
  async set(person_id: string, terms: TopUpTerms): Promise<TopUpView> {
    if (terms.enabled) {
      if (terms.amount <= 0n || terms.monthly_cap < terms.amount) throw topUpTooSmall();
      const whole = this.provider.wholeMinor(terms.amount);
      if (whole !== terms.amount) throw notWhole(whole, this.config.currency);
      if (!this.provider.simulated && !(await this.store.get(person_id))?.method_ref) throw noSavedCard();
    }
    await this.transactions.run((tx) => this.store.set(tx, { person_id, ...terms }));
    return this.get(person_id);
  }

  /** @returns how many top-ups were begun. */
  async addDue(): Promise<number> {
    const begun = await this.transactions.run(async (tx) => {
      let count = 0;
      for (const { person_id, amount, month, number, customer_ref, method_ref } of await this.store.due(tx, this.config.currency, BATCH)) {
        const id = newId();
        const deposit = { id, person_id, amount, provider: this.provider.name, purpose: 'auto' as const, request_hash: String(amount) };
        if (!(await this.deposits.insert(tx, { ...deposit, idempotency_key: `top-up:${month}:${number}` }))) continue;
        await this.outbox.enqueue(tx, CHARGE_CARD, id, { customer_ref, method_ref });
        count += 1;
      }
      return count;
    });
    if (begun > 0) this.outbox.wake();
    return begun;
  }
}

function viewOf(row: TopUpTerms & { this_month: Micro; stopped_code?: string | null; stopped?: string | null }): TopUpView {
  return {
    enabled: row.enabled,
    below_micro: String(row.below),
    amount_micro: String(row.amount),
    monthly_cap_micro: String(row.monthly_cap),
    this_month_micro: String(row.this_month),
    reason: reasonOf(row),
  };
}

function reasonOf(row: Parameters<typeof viewOf>[0]): TopUpView['reason'] {
  if (row.stopped_code) return { code: row.stopped_code, sentence: row.stopped ?? 'It stopped.' };
  if (!row.enabled) return { code: 'off', sentence: 'It is off: you add money yourself.' };
  if (row.this_month + row.amount > row.monthly_cap)
    return { code: 'cap_reached', sentence: "This month's cap is reached: it goes on next month, or raise the cap." };
  return { code: 'watching', sentence: 'It adds money when little is left.' };
}

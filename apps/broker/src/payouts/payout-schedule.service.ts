import { Inject, Injectable, Logger } from '@nestjs/common';
import { HeapError } from '#units';
import { Transactions } from '../platform/database/transactions.js';
import { Inbox } from '../platform/inbox/inbox.service.js';
import { MONEY_PROVIDER, type MoneyProvider } from '../platform/provider/money-provider.js';
import { PayoutAccountsService } from './payout-accounts.service.js';
import { PayoutSender } from './payout-sender.service.js';
import { PayoutTermsStore } from './payout-terms.store.js';
import { PayoutsService } from './payouts.service.js';
import { PayoutsStore } from './payouts.store.js';

const BATCH = 200;

/** What happens to payouts without anybody asking: schedules that are due, and payouts that wait or went quiet. */
@Injectable()
export class PayoutSchedule {
  private readonly log = new Logger(PayoutSchedule.name);

  constructor(
    @Inject(MONEY_PROVIDER) private readonly provider: MoneyProvider,
    private readonly transactions: Transactions,
    private readonly store: PayoutsStore,
    private readonly terms: PayoutTermsStore,
    private readonly accounts: PayoutAccountsService,
    private readonly payouts: PayoutsService,
    private readonly sender: PayoutSender,
    private readonly inbox: Inbox,
  ) {}

  async tend(): Promise<void> {
    for (const person_id of await this.terms.due(BATCH)) await this.payDue(person_id);
    for (const id of await this.store.waiting(BATCH)) await this.logged(id, this.sender.advance(id));
    for (const { id, state, transfer_ref, bank_ref, account_ref } of await this.store.toLookAt(BATCH)) {
      if (state === 'BANK_PENDING' && bank_ref) await this.logged(id, this.inbox.refresh('bank_payout', bank_ref, account_ref));
      else if (transfer_ref) await this.logged(id, this.inbox.refresh('transfer', transfer_ref));
    }
  }

  /** The schedule moves on and the payout begins in one transaction. What the screen refuses today is tried at the next date. */
  private async payDue(person_id: string): Promise<void> {
    if (this.provider.simulated) await this.accounts.ensure(person_id);
    const begun = this.transactions.run(async (tx) => {
      const day = await this.terms.take(tx, person_id);
      if (day !== null)
        await this.payouts.begin(tx, {
          person_id,
          idempotency_key: `schedule:${day}`,
          amount: undefined,
          purpose: 'schedule',
          payee: 'owner',
        });
    });
    await begun.catch(async (error: unknown) => {
      if (!(error instanceof HeapError) || error.fault === 'platform') throw error;
      await this.transactions.run((tx) => this.terms.take(tx, person_id));
    });
  }

  private async logged(payout_id: string, work: Promise<void>): Promise<void> {
    await work.catch((error: Error) => this.log.warn({ err: error, payout_id }, 'a payout could not be looked at'));
  }
}

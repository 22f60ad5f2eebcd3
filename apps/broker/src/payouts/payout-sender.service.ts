import { Inject, Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { payoutConfirmed, payoutFailed, payoutRejected, payoutReturned, payoutSent } from '#ledger';
import { HeapError } from '#units';
import { MoneyService } from '../money/money.service.js';
import { type Transaction, Transactions } from '../platform/database/transactions.js';
import { Effects } from '../platform/inbox/effects.js';
import { Inbox } from '../platform/inbox/inbox.service.js';
import { Outbox } from '../platform/outbox/outbox.service.js';
import { MONEY_PROVIDER, type MoneyProvider, type ProviderBankPayout, type ProviderTransfer } from '../platform/provider/money-provider.js';
import { PayoutAccountsStore } from './payout-accounts.store.js';
import { PAYOUT_REASONS } from './payout-reasons.js';
import { PayoutScreen } from './payout-screen.service.js';
import { PayoutTermsStore } from './payout-terms.store.js';
import { type PayoutRow, PayoutsStore } from './payouts.store.js';

/** Calls in the outbox, in the order in which a payout makes them; the last only when a bank sends it back. */
const TRANSFER = 'transfer';
const PAY_TO_BANK = 'bank-payout';
const TAKE_BACK = 'transfer-reversal';

const stepOf = (row: PayoutRow) => ({ payout_id: row.id, person: row.person_id, amount: row.amount, payee: row.payee });

/** Moves payouts along their states. Each transition is one guarded UPDATE in the transaction of its postings. */
@Injectable()
export class PayoutSender implements OnModuleInit {
  private readonly log = new Logger(PayoutSender.name);

  constructor(
    @Inject(MONEY_PROVIDER) private readonly provider: MoneyProvider,
    private readonly transactions: Transactions,
    private readonly store: PayoutsStore,
    private readonly terms: PayoutTermsStore,
    private readonly accounts: PayoutAccountsStore,
    private readonly screen: PayoutScreen,
    private readonly money: MoneyService,
    private readonly effects: Effects,
    private readonly outbox: Outbox,
    private readonly inbox: Inbox,
  ) {}

  onModuleInit(): void {
    this.outbox.handle<ProviderTransfer>(TRANSFER, {
      send: async ({ idempotency_key, subject_id }) => this.provider.transfer(idempotency_key, targetOf(await this.known(subject_id))),
      find: async ({ subject_id }) => this.provider.findTransfer(subject_id, (await this.known(subject_id)).account_ref),
      done: (tx, _, transfer) => this.applyTransfer(tx, transfer),
      refused: (tx, { subject_id }, failure) => this.transferRefused(tx, subject_id, failure.message),
      unknown: async (tx, { subject_id }) => void (await this.store.move(tx, subject_id, 'UNKNOWN', PAYOUT_REASONS.unknown())),
    });
    this.outbox.handle<ProviderBankPayout>(PAY_TO_BANK, {
      send: async ({ idempotency_key, subject_id }) => this.provider.payToBank(idempotency_key, targetOf(await this.known(subject_id))),
      find: async ({ subject_id, created_at }) =>
        this.provider.findBankPayout(subject_id, (await this.known(subject_id)).account_ref, created_at),
      done: (tx, _, payout) => this.applyBankPayout(tx, payout),
      refused: (tx, { subject_id }, failure) => this.bankFailed(tx, subject_id, failure.message),
    });
    this.outbox.handle<ProviderTransfer>(TAKE_BACK, {
      send: async ({ idempotency_key, subject_id }) => {
        const { transfer_ref } = await this.known(subject_id);
        return this.provider.reverseTransfer(idempotency_key, transfer_ref ?? '');
      },
      find: async ({ subject_id }) => {
        const transfer = await this.provider.readTransfer((await this.known(subject_id)).transfer_ref ?? '');
        return transfer.reversed ? transfer : null;
      },
      done: (tx, _, transfer) => this.applyTransfer(tx, transfer),
      refused: async (_, { subject_id }, failure) =>
        this.log.fatal(
          { payout_id: subject_id },
          `the transfer of a failed payout could not be taken back, a person must look: ${failure.message}`,
        ),
    });
    this.inbox.handle<ProviderTransfer>('transfer', {
      read: (id) => this.provider.readTransfer(id),
      isOurs: ({ payout_id }) => payout_id !== null,
      apply: (tx, transfer) => this.applyTransfer(tx, transfer),
    });
    this.inbox.handle<ProviderBankPayout>('bank_payout', {
      read: (id, account) => this.provider.readBankPayout(id, account ?? ''),
      isOurs: ({ payout_id }) => payout_id !== null,
      apply: (tx, payout) => this.applyBankPayout(tx, payout),
    });
  }

  /** Screens a payout and sends it on as far as it goes now. */
  async advance(payout_id: string): Promise<void> {
    const sent = await this.transactions.run((tx) => this.tryToSend(tx, payout_id));
    if (!sent) return;
    await this.outbox.sendNow(TRANSFER, payout_id);
    await this.outbox.sendNow(PAY_TO_BANK, payout_id);
  }

  private async tryToSend(tx: Transaction, payout_id: string): Promise<boolean> {
    const found = await this.store.byId(payout_id, tx);
    if (!found) return false;
    // The same order of locks as in asking for a payout: terms, account, payout.
    const { minimum } = await this.terms.lock(tx, found.person_id);
    const account = await this.accounts.lock(tx, found.person_id);
    const row = await this.store.lock(tx, payout_id);
    if (!row || !account) return false;
    if (row.state !== 'REQUESTED' && row.state !== 'SCREENED') return false;
    // What was above the minimum when it was asked for stays so. A payout that waited for money is screened again: much can have happened.
    const least = minimum !== null && minimum < row.amount ? minimum : row.amount;
    const verdict = await this.screen.verdict(tx, account, row.amount, least, row.payee, row);
    if (verdict.verdict === 'refuse' && (await this.store.move(tx, row.id, 'REJECTED', PAYOUT_REASONS.rejected(verdict.reason.sentence))))
      await this.money.record(tx, [payoutRejected(stepOf(row))]);
    if (verdict.verdict === 'wait') await this.store.explain(tx, row.id, row.state, verdict.reason);
    if (verdict.verdict !== 'pass') return false;
    if (row.state === 'REQUESTED' && !(await this.store.move(tx, row.id, 'SCREENED', PAYOUT_REASONS.funds_clearing()))) return false;
    if (!(await this.screen.isFunded(tx, row.amount))) {
      await this.store.explain(tx, row.id, 'SCREENED', PAYOUT_REASONS.funds_clearing());
      return false;
    }
    if (!(await this.store.move(tx, row.id, 'TRANSFER_SENT', PAYOUT_REASONS.sending()))) return false;
    await this.money.record(tx, [payoutSent(stepOf(row))]);
    await this.outbox.enqueue(tx, TRANSFER, row.id);
    return true;
  }

  private async applyTransfer(tx: Transaction, transfer: ProviderTransfer): Promise<void> {
    await this.outbox.answered(tx, TRANSFER, transfer.payout_id);
    if (transfer.reversed) await this.outbox.answered(tx, TAKE_BACK, transfer.payout_id);
    const row = transfer.payout_id === null ? null : await this.store.lock(tx, transfer.payout_id);
    if (!row) return;
    if (await this.store.move(tx, row.id, 'TRANSFERRED', PAYOUT_REASONS.transferred(), { transfer_ref: transfer.ref })) {
      await this.effects.firstTime(tx, transfer.ref, 'transferred', transfer.movement);
      await this.money.record(tx, [payoutConfirmed(stepOf(row))]);
      if (!transfer.reversed) await this.outbox.enqueue(tx, PAY_TO_BANK, row.id);
    }
    if (!transfer.reversed) return;
    // Also when the operator took it back by hand at the provider.
    await this.store.move(tx, row.id, 'BANK_FAILED', PAYOUT_REASONS.bank_failed('the transfer was taken back.'));
    if (!(await this.effects.firstTime(tx, transfer.reversed.ref, 'returned', transfer.reversed.movement))) return;
    if (await this.store.returned(tx, row.id)) await this.money.record(tx, [payoutReturned(stepOf(row))]);
  }

  private async transferRefused(tx: Transaction, payout_id: string, why: string): Promise<void> {
    const row = await this.store.lock(tx, payout_id);
    if (!row || !(await this.store.move(tx, row.id, 'TRANSFER_FAILED', PAYOUT_REASONS.transfer_failed(why)))) return;
    await this.money.record(tx, [payoutFailed(stepOf(row))]);
  }

  private async applyBankPayout(tx: Transaction, payout: ProviderBankPayout): Promise<void> {
    await this.outbox.answered(tx, PAY_TO_BANK, payout.payout_id);
    const row = payout.payout_id === null ? null : await this.store.lock(tx, payout.payout_id);
    if (!row) return;
    const more = { bank_ref: payout.ref };
    if (payout.state === 'failed') return this.bankFailed(tx, row.id, payout.reason ?? 'it gave no reason.', more);
    await this.store.move(tx, row.id, 'BANK_PENDING', PAYOUT_REASONS.at_the_bank(), more);
    if (payout.state === 'paid') await this.store.move(tx, row.id, 'PAID', PAYOUT_REASONS.paid(), more);
  }

  /** The money is in the owner's account at the provider, with no bank to go to: it comes back to where it can be asked for again. */
  private async bankFailed(tx: Transaction, payout_id: string, why: string, more: { bank_ref?: string } = {}): Promise<void> {
    if (!(await this.store.move(tx, payout_id, 'BANK_FAILED', PAYOUT_REASONS.bank_failed(why), more))) return;
    await this.outbox.enqueue(tx, TAKE_BACK, payout_id);
  }

  private async known(payout_id: string): Promise<PayoutRow> {
    const row = await this.store.byId(payout_id);
    if (!row) throw new HeapError('internal', `payout ${payout_id} is in the outbox and nowhere else`, 'platform');
    return row;
  }
}

const targetOf = ({ id, account_ref, amount }: PayoutRow) => ({ payout_id: id, account_ref, amount });

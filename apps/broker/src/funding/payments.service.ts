import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { deposit, depositClears, depositFee } from '#ledger';
import { HeapError } from '#units';
import { PeopleQuery } from '../accounts/accounts.query.js';
import { MoneyService } from '../money/money.service.js';
import { CONFIG, type Config, publicUrl } from '../platform/config/config.js';
import type { Transaction } from '../platform/database/transactions.js';
import { Effects } from '../platform/inbox/effects.js';
import { Inbox } from '../platform/inbox/inbox.service.js';
import { Outbox } from '../platform/outbox/outbox.service.js';
import type { ClaimedMessage } from '../platform/outbox/outbox.store.js';
import { MONEY_PROVIDER, type MoneyProvider, type NewPayment, type ProviderPayment } from '../platform/provider/money-provider.js';
import { DebtsService } from './debts.service.js';
import { type DepositRow, DepositsStore } from './deposits.store.js';
import { LinksCommands } from './links.commands.js';
import { TopUpsStore } from './top-ups.store.js';

/** Calls in the outbox: a payer is asked to pay, or a saved card is charged. */
export const ASK_PAYMENT = 'deposit';
export const CHARGE_CARD = 'top-up';

/** Brings deposits to the state of their payments. The only place where money comes in. */
@Injectable()
export class PaymentsService implements OnModuleInit {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(MONEY_PROVIDER) private readonly provider: MoneyProvider,
    private readonly people: PeopleQuery,
    private readonly store: DepositsStore,
    private readonly top_ups: TopUpsStore,
    private readonly money: MoneyService,
    private readonly debts: DebtsService,
    private readonly links: LinksCommands,
    private readonly effects: Effects,
    private readonly outbox: Outbox,
    private readonly inbox: Inbox,
  ) {}

  onModuleInit(): void {
    const answer = {
      find: ({ subject_id, created_at }: ClaimedMessage) => this.provider.findPayment(subject_id, created_at),
      done: (tx: Transaction, _: ClaimedMessage, payment: ProviderPayment) => this.apply(tx, payment),
      refused: (tx: Transaction, { subject_id }: ClaimedMessage, failure: Error) => this.refused(tx, subject_id, failure.message),
    };
    this.outbox.handle<ProviderPayment>(ASK_PAYMENT, {
      ...answer,
      send: async ({ idempotency_key, subject_id }) => this.provider.requestPayment(idempotency_key, await this.payment(subject_id)),
    });
    this.outbox.handle<ProviderPayment>(CHARGE_CARD, {
      ...answer,
      send: async ({ idempotency_key, subject_id, request }) => {
        const card = { customer_ref: String(request.customer_ref), method_ref: String(request.method_ref) };
        return this.provider.chargeCard(idempotency_key, { ...(await this.payment(subject_id)), card });
      },
    });
    this.inbox.handle<ProviderPayment>('payment', {
      read: (id) => this.provider.readPayment(id),
      isOurs: ({ deposit_id }) => deposit_id !== null,
      apply: (tx, payment) => this.apply(tx, payment),
    });
  }

  /** Every step that the payment has taken and the deposit has not. */
  private async apply(tx: Transaction, payment: ProviderPayment): Promise<void> {
    await this.outbox.answered(tx, ASK_PAYMENT, payment.deposit_id);
    await this.outbox.answered(tx, CHARGE_CARD, payment.deposit_id);
    const row = payment.deposit_id === null ? null : await this.store.lock(tx, payment.deposit_id);
    if (!row) return;
    if (payment.state === 'open') await this.store.open(tx, row.id, payment);
    else if (payment.state === 'succeeded') await this.succeeded(tx, row, payment);
    else await this.ended(tx, row, payment);
  }

  private async succeeded(tx: Transaction, row: DepositRow, payment: ProviderPayment): Promise<void> {
    const { charge_ref, movement } = payment;
    if (charge_ref === null)
      throw new HeapError('payment_without_charge', `Payment ${payment.ref} succeeded without a charge.`, 'provider');
    if (payment.amount !== row.amount)
      throw new HeapError('amount_differs', `Payment ${payment.ref} is of ${payment.amount}, its deposit of ${row.amount}.`, 'provider');
    const step = { deposit_id: row.id, developer: row.person_id, amount: row.amount };
    await this.store.succeed(tx, row.id, payment);
    if (await this.effects.firstTime(tx, charge_ref, 'received')) {
      await this.money.record(tx, [deposit(step)]);
      await this.debts.payFrom(tx, row.person_id, row.amount, `deposit:${row.id}`);
      if (payment.card) await this.store.saveCard(tx, row.person_id, payment.card);
      if (payment.card_fingerprint) await this.links.see(tx, row.person_id, 'card', payment.card_fingerprint);
    }
    if (movement && (await this.effects.firstTime(tx, charge_ref, 'settled', movement)) && movement.fee > 0n) {
      await this.store.addFee(tx, row.id, movement.fee);
      await this.money.record(tx, [depositFee({ deposit_id: row.id, amount: movement.fee })]);
    }
    if (movement && payment.available && (await this.effects.firstTime(tx, charge_ref, 'cleared'))) {
      await this.store.cleared(tx, row.id);
      await this.money.record(tx, [depositClears({ deposit_id: row.id, amount: movement.net })]);
    }
  }

  private async ended(tx: Transaction, row: DepositRow, payment: ProviderPayment): Promise<void> {
    const reason = payment.reason === null ? null : { code: 'payment_failed', sentence: payment.reason };
    if (!(await this.store.fail(tx, row.id, payment.state === 'expired' ? 'EXPIRED' : 'FAILED', reason))) return;
    if (row.purpose === 'auto') await this.stopTopUp(tx, row.person_id, payment.reason);
  }

  private async refused(tx: Transaction, deposit_id: string, why: string): Promise<void> {
    const row = await this.store.lock(tx, deposit_id);
    if (
      !row ||
      !(await this.store.fail(tx, deposit_id, 'FAILED', { code: 'provider_refused', sentence: `The provider refused it: ${why}` }))
    )
      return;
    if (row.purpose === 'auto') await this.stopTopUp(tx, row.person_id, why);
  }

  /** Not tried again and again: the card or the payer must be looked at first. */
  private stopTopUp(tx: Transaction, person_id: string, why: string | null): Promise<void> {
    return this.top_ups.stop(tx, person_id, 'card_declined', `It stopped because the card was declined${why ? `: ${why}` : '.'}`);
  }

  private async payment(deposit_id: string): Promise<NewPayment> {
    const row = await this.store.byId(deposit_id);
    if (!row) throw new HeapError('internal', `deposit ${deposit_id} is in the outbox and nowhere else`, 'platform');
    const person = await this.people.byId(row.person_id);
    return {
      deposit_id,
      person_id: row.person_id,
      email: person?.email ?? null,
      amount: row.amount,
      return_url: `${publicUrl(this.config)}/`,
    };
  }
}

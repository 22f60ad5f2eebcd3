import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { depositRefund, freeze, reversal, thaw } from '#ledger';
import type { ResponseOf, ROUTES } from '#protocol';
import { HeapError, type Micro } from '#units';
import { BalancesQuery } from '../money/balances.query.js';
import { MoneyService } from '../money/money.service.js';
import { CONFIG, type Config } from '../platform/config/config.js';
import { type Transaction, Transactions } from '../platform/database/transactions.js';
import { newId } from '../platform/ids.js';
import { Effects } from '../platform/inbox/effects.js';
import { Inbox } from '../platform/inbox/inbox.service.js';
import { Outbox } from '../platform/outbox/outbox.service.js';
import { MONEY_PROVIDER, type MoneyProvider, type ProviderRefund } from '../platform/provider/money-provider.js';
import { DepositsStore } from './deposits.store.js';
import { DisputesStore } from './disputes.store.js';
import { depositNotFound, keyUsed, notRefundable, notWhole, refundBlocked } from './funding.errors.js';
import { refundReason } from './funding-reasons.js';
import { type RefundRow, RefundsStore } from './refunds.store.js';

const SEND_REFUND = 'refund';

export type RefundView = ResponseOf<typeof ROUTES.refundDeposit>;

/** Unspent money back to the card it came from. While the provider is asked, the amount is frozen: it cannot be spent as well. */
@Injectable()
export class RefundsService implements OnModuleInit {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(MONEY_PROVIDER) private readonly provider: MoneyProvider,
    private readonly transactions: Transactions,
    private readonly store: RefundsStore,
    private readonly deposits: DepositsStore,
    private readonly disputes: DisputesStore,
    private readonly balances: BalancesQuery,
    private readonly money: MoneyService,
    private readonly effects: Effects,
    private readonly outbox: Outbox,
    private readonly inbox: Inbox,
  ) {}

  onModuleInit(): void {
    this.outbox.handle<ProviderRefund>(SEND_REFUND, {
      send: async ({ idempotency_key, subject_id }) => {
        const { charge_ref, amount } = await this.known(subject_id);
        return this.provider.refund(idempotency_key, { refund_id: subject_id, charge_ref, amount });
      },
      find: async ({ subject_id }) => this.provider.findRefund(subject_id, (await this.known(subject_id)).charge_ref),
      done: (tx, _, refund) => this.apply(tx, refund),
      refused: (tx, { subject_id }, failure) => this.refused(tx, subject_id, failure.message),
      unknown: async (tx, { subject_id }) => void (await this.store.move(tx, subject_id, 'UNKNOWN')),
    });
    this.inbox.handle<ProviderRefund>('refund', {
      read: (id) => this.provider.readRefund(id),
      isOurs: ({ refund_id }) => refund_id !== null,
      apply: (tx, refund) => this.apply(tx, refund),
    });
  }

  /** @throws HeapError `not_found`, `refund.conflict` above what can go back (I27), `idempotency_mismatch`. */
  async refund(person_id: string, idempotency_key: string, deposit_id: string, asked: Micro | undefined): Promise<RefundView> {
    const request_hash = `${deposit_id} ${asked ?? 'all'}`;
    const id = await this.transactions.run(async (tx) => {
      const known = await this.store.findByKey(tx, person_id, idempotency_key);
      if (known) {
        if (known.request_hash !== request_hash) throw keyUsed();
        return known.id;
      }
      const deposit = await this.deposits.lock(tx, deposit_id);
      if (deposit?.person_id !== person_id) throw depositNotFound();
      // Another request with this key may have been in front of the lock.
      const raced = await this.store.findByKey(tx, person_id, idempotency_key);
      if (raced?.request_hash === request_hash) return raced.id;
      // What stopped jobs give back while a payment is disputed, or a debt is open, pays that first: it does not leave by another card.
      if (await this.disputes.isBlocked(tx, person_id)) throw refundBlocked();
      const refundable = deposit.state === 'SUCCEEDED' ? await this.refundable(tx, person_id, deposit) : 0n;
      const amount = asked ?? refundable;
      const whole = this.provider.wholeMinor(amount);
      if (amount !== whole) throw notWhole(whole, this.config.currency);
      if (amount <= 0n || amount > refundable) throw notRefundable(refundable, this.config.currency);
      const fresh = { id: newId(), deposit_id, person_id, amount, idempotency_key, request_hash };
      if (!(await this.store.insert(tx, fresh))) throw keyUsed();
      if (!(await this.deposits.reserveRefund(tx, deposit_id, person_id, amount))) throw notRefundable(refundable, this.config.currency);
      // The floor of 2000 decides when an order and a refund race for the same money.
      await this.money.record(tx, [freeze({ freeze_id: fresh.id, person: person_id, role: 'developer', amount })]);
      await this.outbox.enqueue(tx, SEND_REFUND, fresh.id);
      return fresh.id;
    });
    await this.outbox.sendNow(SEND_REFUND, id);
    return viewOf(await this.known(id));
  }

  async list(person_id: string, page: { before?: string | undefined; limit: number }): Promise<RefundView[]> {
    return (await this.store.page(person_id, page)).map(viewOf);
  }

  /** deposit − consumed − disputed: what the deposit has left, as far as it is still unspent. */
  private async refundable(
    tx: Transaction,
    person_id: string,
    deposit: { amount: Micro; refunded: Micro; disputed: Micro },
  ): Promise<Micro> {
    const left = deposit.amount - deposit.refunded - deposit.disputed;
    const unspent = await this.balances.ofAccount(2000, person_id, tx);
    const least = left < unspent ? left : unspent;
    return this.provider.wholeMinor(least > 0n ? least : 0n);
  }

  private async apply(tx: Transaction, refund: ProviderRefund): Promise<void> {
    await this.outbox.answered(tx, SEND_REFUND, refund.refund_id);
    const row = refund.refund_id === null ? null : await this.store.lock(tx, refund.refund_id);
    if (!row) return;
    const sent = depositRefund({ refund_id: row.id, deposit_id: row.deposit_id, developer: row.person_id, amount: row.amount });
    if (await this.effects.firstTime(tx, refund.ref, 'refunded', refund.movement))
      await this.money.record(tx, [thaw({ freeze_id: row.id, person: row.person_id, role: 'developer', amount: row.amount }), sent]);
    if (refund.state === 'failed') {
      if (await this.effects.firstTime(tx, refund.ref, 'failed', refund.failure_movement)) {
        await this.money.record(tx, [reversal({ ...sent, id: sent.key })]);
        await this.deposits.undoRefund(tx, row.deposit_id, row.amount);
      }
      await this.store.move(tx, row.id, 'FAILED', { refund_ref: refund.ref });
      return;
    }
    await this.store.move(tx, row.id, 'SENT', { refund_ref: refund.ref });
    if (refund.state === 'succeeded') await this.store.move(tx, row.id, 'SUCCEEDED', { refund_ref: refund.ref });
  }

  private async refused(tx: Transaction, refund_id: string, why: string): Promise<void> {
    const row = await this.store.lock(tx, refund_id);
    const reason = { code: 'provider_refused', sentence: `The provider refused it and the money is in your balance again: ${why}` };
    if (!row || !(await this.store.move(tx, refund_id, 'FAILED', { reason }))) return;
    await this.money.record(tx, [thaw({ freeze_id: row.id, person: row.person_id, role: 'developer', amount: row.amount })]);
    await this.deposits.undoRefund(tx, row.deposit_id, row.amount);
  }

  private async known(refund_id: string): Promise<RefundRow> {
    const row = await this.store.byId(refund_id);
    if (!row) throw new HeapError('internal', `refund ${refund_id} is in the outbox and nowhere else`, 'platform');
    return row;
  }
}

const viewOf = (row: RefundRow): RefundView => ({
  refund_id: row.id,
  deposit_id: row.deposit_id,
  state: row.state,
  reason: refundReason(row.state, { code: row.reason_code, sentence: row.reason }),
  amount_micro: String(row.amount),
  simulated: row.provider === 'simulated',
  created_at: row.created_at.toISOString(),
});

import { createHash, randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { Micro } from '#units';
import type {
  MoneyProvider,
  Movement,
  NewPayment,
  ProviderAccount,
  ProviderBankPayout,
  ProviderDispute,
  ProviderNotice,
  ProviderPayment,
  ProviderRefund,
  ProviderSweep,
  ProviderTransaction,
  ProviderTransfer,
} from './money-provider.js';
import { keyConflict, noSuchObject, ProviderFailure } from './provider-failure.js';
import { type SimulatedKind, type SimulatedRow, SimulatedStore } from './simulated.store.js';

const PREFIX: Readonly<Record<SimulatedKind, string>> = {
  payment: 'simpay',
  refund: 'simref',
  account: 'simacct',
  transfer: 'simtr',
  reversal: 'simrev',
  bank_payout: 'simpo',
};
/** How each kind moves the heap's balance. */
const SIGN: Readonly<Record<SimulatedKind, bigint>> = {
  payment: 1n,
  refund: -1n,
  account: 0n,
  transfer: -1n,
  reversal: 1n,
  bank_payout: 0n,
};
const PAGE = 500;

/** Pays and is paid at once, costs nothing and moves no real money. */
@Injectable()
export class SimulatedProvider implements MoneyProvider {
  readonly name = 'simulated';
  readonly simulated = true;

  constructor(private readonly store: SimulatedStore) {}

  wholeMinor(amount: Micro): Micro {
    return amount;
  }

  async requestPayment(key: string, { deposit_id, amount }: NewPayment): Promise<ProviderPayment> {
    return paymentOf(await this.keep(key, 'payment', deposit_id, amount));
  }

  chargeCard(key: string, payment: NewPayment): Promise<ProviderPayment> {
    return this.requestPayment(key, payment);
  }

  async readPayment(ref: string): Promise<ProviderPayment> {
    return paymentOf(await this.get('payment', ref));
  }

  async findPayment(deposit_id: string): Promise<ProviderPayment | null> {
    const row = await this.store.bySubject('payment', deposit_id);
    return row && paymentOf(row);
  }

  async refund(key: string, { refund_id, charge_ref, amount }: { refund_id: string; charge_ref: string; amount: Micro }) {
    const payment = await this.get('payment', charge_ref);
    const row = await this.keep(key, 'refund', refund_id, amount, charge_ref, payment.amount);
    return refundOf(row);
  }

  async readRefund(ref: string): Promise<ProviderRefund> {
    return refundOf(await this.get('refund', ref));
  }

  async findRefund(refund_id: string): Promise<ProviderRefund | null> {
    const row = await this.store.bySubject('refund', refund_id);
    return row && refundOf(row);
  }

  async readDispute(ref: string): Promise<ProviderDispute> {
    throw noSuchObject(ref);
  }

  async openAccount(key: string, { person_id }: { person_id: string }): Promise<ProviderAccount> {
    return accountOf(await this.keep(key, 'account', person_id, 0n));
  }

  async onboardingLink(account_ref: string): Promise<null> {
    await this.get('account', account_ref);
    return null;
  }

  async readAccount(ref: string): Promise<ProviderAccount> {
    return accountOf(await this.get('account', ref));
  }

  async findAccount(person_id: string): Promise<ProviderAccount | null> {
    const row = await this.store.bySubject('account', person_id);
    return row && accountOf(row);
  }

  async transfer(key: string, { payout_id, account_ref, amount }: { payout_id: string; account_ref: string; amount: Micro }) {
    await this.get('account', account_ref);
    return this.transferOf(await this.keep(key, 'transfer', payout_id, amount, account_ref));
  }

  async readTransfer(ref: string): Promise<ProviderTransfer> {
    return this.transferOf(await this.get('transfer', ref));
  }

  async findTransfer(payout_id: string): Promise<ProviderTransfer | null> {
    const row = await this.store.bySubject('transfer', payout_id);
    return row && this.transferOf(row);
  }

  async reverseTransfer(key: string, transfer_ref: string): Promise<ProviderTransfer> {
    const transfer = await this.get('transfer', transfer_ref);
    await this.keep(key, 'reversal', transfer.subject_id, transfer.amount, transfer_ref);
    return this.transferOf(transfer);
  }

  async payToBank(key: string, { payout_id, account_ref, amount }: { payout_id: string; account_ref: string; amount: Micro }) {
    await this.get('account', account_ref);
    return bankPayoutOf(await this.keep(key, 'bank_payout', payout_id, amount, account_ref));
  }

  async readBankPayout(ref: string): Promise<ProviderBankPayout> {
    return bankPayoutOf(await this.get('bank_payout', ref));
  }

  async findBankPayout(payout_id: string): Promise<ProviderBankPayout | null> {
    const row = await this.store.bySubject('bank_payout', payout_id);
    return row && bankPayoutOf(row);
  }

  async readSweep(ref: string): Promise<ProviderSweep> {
    throw noSuchObject(ref);
  }

  async *notices(since: Date, account_ref?: string): AsyncIterable<ProviderNotice> {
    for await (const row of this.all(since)) {
      const in_account = row.kind === 'bank_payout' ? row.of_ref : null;
      if (in_account !== (account_ref ?? null)) continue;
      const object = row.kind === 'reversal' ? { kind: 'transfer' as const, id: row.of_ref ?? '' } : { kind: row.kind, id: row.ref };
      yield { id: `evt_${row.ref}`, type: `${row.kind}.made`, object, account: in_account, happened_at: row.created_at };
    }
  }

  async *transactions(since: Date): AsyncIterable<ProviderTransaction> {
    for await (const row of this.all(since)) {
      if (SIGN[row.kind] === 0n) continue;
      const amount = SIGN[row.kind] * row.amount;
      yield { ...movementOf(row), type: row.kind, source_id: row.ref, amount, available: true, happened_at: row.created_at };
    }
  }

  balance(): Promise<Micro> {
    return this.store.balance();
  }

  openWebhook(): never {
    throw new ProviderFailure('forged', 'no_webhooks', 'Simulated payments send no webhooks.');
  }

  private async *all(since: Date): AsyncIterable<SimulatedRow> {
    for (let after: string | null = null; ; ) {
      const page: SimulatedRow[] = await this.store.since(since, after, PAGE);
      yield* page;
      if (page.length < PAGE) return;
      after = page.at(-1)?.ref ?? null;
    }
  }

  private async keep(
    key: string,
    kind: SimulatedKind,
    subject_id: string,
    amount: Micro,
    of_ref: string | null = null,
    at_most: Micro | null = null,
  ): Promise<SimulatedRow> {
    const request_hash = createHash('sha256').update([kind, subject_id, amount, of_ref].join('\n')).digest('hex');
    const ref = `${PREFIX[kind]}_${randomUUID().replaceAll('-', '')}`;
    const row = await this.store.keep({ ref, kind, key, request_hash, subject_id, of_ref, amount }, at_most);
    if (!row) throw new ProviderFailure('refused', 'charge_already_refunded', `${of_ref} has less left than ${amount}.`);
    if (row.request_hash !== request_hash) throw keyConflict(key);
    return row;
  }

  private async get(kind: SimulatedKind, ref: string): Promise<SimulatedRow> {
    const row = await this.store.byRef(ref);
    if (row?.kind !== kind) throw noSuchObject(ref);
    return row;
  }

  private async transferOf(row: SimulatedRow): Promise<ProviderTransfer> {
    const reversal = await this.store.bySubject('reversal', row.subject_id);
    return {
      ref: row.ref,
      payout_id: row.subject_id,
      amount: row.amount,
      movement: movementOf(row),
      reversed: reversal && { ref: reversal.ref, movement: movementOf(reversal) },
    };
  }
}

const movementOf = (row: SimulatedRow): Movement => ({ id: `txn_${row.ref}`, net: SIGN[row.kind] * row.amount, fee: 0n });

const paymentOf = (row: SimulatedRow): ProviderPayment => ({
  ref: row.ref,
  deposit_id: row.subject_id,
  state: 'succeeded',
  amount: row.amount,
  url: null,
  charge_ref: row.ref,
  movement: movementOf(row),
  available: true,
  card: null,
  card_fingerprint: null,
  reason: null,
});

const refundOf = (row: SimulatedRow): ProviderRefund => ({
  ref: row.ref,
  refund_id: row.subject_id,
  state: 'succeeded',
  amount: row.amount,
  movement: movementOf(row),
  failure_movement: null,
  reason: null,
});

const accountOf = (row: SimulatedRow): ProviderAccount => ({
  ref: row.ref,
  person_id: row.subject_id,
  identity: 'active',
  payouts_enabled: true,
  bank_fingerprint: null,
});

const bankPayoutOf = (row: SimulatedRow): ProviderBankPayout => ({
  ref: row.ref,
  payout_id: row.subject_id,
  state: 'paid',
  amount: row.amount,
  reason: null,
});

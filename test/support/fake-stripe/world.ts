import type { Stripe } from 'stripe';
import { FakeClock } from './clock.js';
import { missing } from './refusal.js';

const CLEARING_S = 2 * 86_400;

export type Transaction = Stripe.BalanceTransaction;
export type Account = Stripe.V2.Core.Account;

/** Everything the fake knows. Objects refer to each other by id and are expanded when they are sent. */
export class World {
  readonly sessions = new Map<string, Stripe.Checkout.Session>();
  readonly intents = new Map<string, Stripe.PaymentIntent>();
  readonly charges = new Map<string, Stripe.Charge>();
  readonly refunds = new Map<string, Stripe.Refund>();
  readonly disputes = new Map<string, Stripe.Dispute>();
  readonly transfers = new Map<string, Stripe.Transfer>();
  readonly accounts = new Map<string, Account>();
  readonly banks = new Map<string, Stripe.BankAccount>();
  /** Payouts and transactions belong to the platform (`''`) or to a connected account. */
  readonly payouts = new Map<string, { readonly account: string; readonly payout: Stripe.Payout }>();
  readonly transactions = new Map<string, { readonly account: string; readonly transaction: Transaction }>();
  readonly events: Stripe.Event[] = [];
  /** Where the holder of each payment method pays from. */
  readonly cards = new Map<string, { readonly fingerprint: string; readonly declines: boolean }>();
  /** Called with every new event. */
  onEvent: (event: Stripe.Event) => void = () => {};
  /** Charges are booked only when the test says so, as with asynchronous captures. */
  books_late = false;
  private last = 0;

  constructor(
    readonly currency: string,
    readonly clock: FakeClock = new FakeClock(),
  ) {}

  id(prefix: string): string {
    this.last += 1;
    return `${prefix}_${String(this.last).padStart(8, '0')}fake`;
  }

  /** Books a movement of a balance. It counts as available at once or after the clearing time. */
  book(account: string, type: Transaction['type'], source: string, amount: number, fee = 0, clears = false): Transaction {
    const created = this.clock.now_s();
    const transaction: Transaction = {
      id: this.id('txn'),
      object: 'balance_transaction',
      amount,
      available_on: clears ? created + CLEARING_S : created,
      balance_type: 'payments',
      created,
      currency: this.currency,
      description: null,
      exchange_rate: null,
      fee,
      fee_details:
        fee === 0 ? [] : [{ amount: fee, application: null, currency: this.currency, description: 'Processing fee', type: 'stripe_fee' }],
      net: amount - fee,
      reporting_category: String(type),
      source,
      status: 'pending',
      type,
    };
    this.transactions.set(transaction.id, { account, transaction });
    return this.seen(transaction);
  }

  /** A transaction as it stands now. */
  seen(transaction: Transaction): Transaction {
    transaction.status = transaction.available_on <= this.clock.now_s() ? 'available' : 'pending';
    return transaction;
  }

  balanceOf(account: string): { available: number; pending: number } {
    const sums = { available: 0, pending: 0 };
    for (const entry of this.transactions.values())
      if (entry.account === account)
        sums[this.seen(entry.transaction).status === 'available' ? 'available' : 'pending'] += entry.transaction.net;
    return sums;
  }

  emit(type: Stripe.Event.Type, about: unknown, account = ''): Stripe.Event {
    const event = {
      id: this.id('evt'),
      object: 'event',
      ...(account !== '' && { account }),
      api_version: '2026-10-28.endive',
      created: this.clock.now_s(),
      data: { object: structuredClone(about) },
      livemode: false,
      pending_webhooks: 1,
      request: null,
      type,
    } as unknown as Stripe.Event;
    this.events.push(event);
    this.onEvent(event);
    return event;
  }

  /** The object of an id, whatever it is: for expanding. */
  lookUp(id: string): unknown {
    const maps = [this.intents, this.charges, this.refunds, this.disputes, this.transfers, this.accounts, this.sessions];
    for (const map of maps) if (map.has(id)) return map.get(id);
    const transaction = this.transactions.get(id)?.transaction;
    return transaction ? this.seen(transaction) : this.payouts.get(id)?.payout;
  }
}

export function get<T>(map: ReadonlyMap<string, T>, id: string): T {
  const found = map.get(id);
  if (found === undefined) throw missing(id);
  return found;
}

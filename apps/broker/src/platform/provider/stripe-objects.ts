import type { Stripe } from 'stripe';
import type { Micro } from '#units';
import { toMicro } from './minor-units.js';
import type {
  Identity,
  Movement,
  ProviderAccount,
  ProviderBankPayout,
  ProviderDispute,
  ProviderPayment,
  ProviderRefund,
  ProviderSweep,
  ProviderTransaction,
  ProviderTransfer,
} from './money-provider.js';
import { ProviderFailure } from './provider-failure.js';
import { idOf } from './stripe-notices.js';

type Expandable<T> = string | T | null | undefined;

/** The object where it was expanded. */
const expanded = <T extends object>(ref: Expandable<T>): T | null => (typeof ref === 'object' ? (ref ?? null) : null);

/** Turns Stripe's objects into those of the port; one currency (ISO 4217, upper case), amounts in micro-units. */
export class StripeObjects {
  constructor(private readonly currency: string) {}

  micro(minor: number, currency: string): Micro {
    if (currency.toUpperCase() !== this.currency)
      throw new ProviderFailure('refused', 'currency_mismatch', `An amount in ${currency} came to a heap that counts in ${this.currency}.`);
    return toMicro(minor, this.currency);
  }

  movement(ref: Expandable<Stripe.BalanceTransaction>): Movement | null {
    const transaction = expanded(ref);
    if (!transaction) return null;
    const { id, net, fee, currency } = transaction;
    return { id, net: this.micro(net, currency), fee: this.micro(fee, currency) };
  }

  transaction(transaction: Stripe.BalanceTransaction): ProviderTransaction {
    const { id, type, source, amount, net, fee, currency, status, created } = transaction;
    return {
      id,
      type,
      source_id: idOf(source as string | { id: string } | null) ?? null,
      amount: this.micro(amount, currency),
      net: this.micro(net, currency),
      fee: this.micro(fee, currency),
      available: status === 'available',
      happened_at: new Date(created * 1000),
    };
  }

  session(session: Stripe.Checkout.Session): ProviderPayment {
    const intent = expanded(session.payment_intent);
    const paid = intent && session.status === 'complete' ? this.intent(intent) : null;
    return {
      ...(paid ?? NOTHING_PAID),
      ref: session.id,
      deposit_id: session.metadata?.heap_deposit ?? null,
      state: paid?.state ?? (session.status === 'expired' ? 'expired' : 'open'),
      amount: this.micro(session.amount_total ?? 0, session.currency ?? this.currency),
      url: session.url,
    };
  }

  intent(intent: Stripe.PaymentIntent): ProviderPayment {
    const charge = expanded(intent.latest_charge);
    const booked = expanded(charge?.balance_transaction);
    const [customer_ref, method_ref] = [idOf(intent.customer), idOf(intent.payment_method)];
    const declined = intent.last_payment_error?.message ?? null;
    return {
      ref: intent.id,
      deposit_id: intent.metadata.heap_deposit ?? null,
      state: stateOfIntent(intent),
      amount: this.micro(intent.amount, intent.currency),
      url: null,
      charge_ref: intent.status === 'succeeded' ? (idOf(intent.latest_charge) ?? null) : null,
      movement: this.movement(booked),
      available: booked?.status === 'available',
      card: customer_ref && method_ref && intent.setup_future_usage === 'off_session' ? { customer_ref, method_ref } : null,
      card_fingerprint: charge?.payment_method_details?.card?.fingerprint ?? null,
      reason: declined,
    };
  }

  refund(refund: Stripe.Refund): ProviderRefund {
    const failed = refund.status === 'failed' || refund.status === 'canceled';
    return {
      ref: refund.id,
      refund_id: refund.metadata?.heap_refund ?? null,
      state: failed ? 'failed' : refund.status === 'succeeded' ? 'succeeded' : 'pending',
      amount: this.micro(refund.amount, refund.currency),
      movement: this.movement(refund.balance_transaction),
      failure_movement: this.movement(refund.failure_balance_transaction),
      reason: refund.failure_reason ?? null,
    };
  }

  dispute(dispute: Stripe.Dispute): ProviderDispute {
    const movements = dispute.balance_transactions;
    return {
      ref: dispute.id,
      charge_ref: idOf(dispute.charge) ?? '',
      state: stateOfDispute(dispute.status),
      amount: this.micro(dispute.amount, dispute.currency),
      withdrawn: this.movement(movements.find(({ amount }) => amount < 0)),
      reinstated: this.movement(movements.find(({ amount }) => amount > 0)),
    };
  }

  account(account: Stripe.V2.Core.Account, bank_fingerprint: string | null): ProviderAccount {
    const balance = account.configuration?.recipient?.capabilities?.stripe_balance;
    const transfers = balance?.stripe_transfers;
    const reasons = (transfers?.status_details ?? []).map(({ code }) => String(code));
    return {
      ref: account.id,
      person_id: account.metadata?.heap_person ?? null,
      identity: account.closed ? 'rejected' : identityOf(transfers?.status, reasons),
      payouts_enabled: balance?.payouts?.status === 'active' && transfers?.status === 'active',
      bank_fingerprint,
    };
  }

  transfer(transfer: Stripe.Transfer): ProviderTransfer {
    const reversal = transfer.reversed ? transfer.reversals.data[0] : undefined;
    return {
      ref: transfer.id,
      payout_id: transfer.metadata.heap_payout ?? null,
      amount: this.micro(transfer.amount, transfer.currency),
      movement: this.movement(transfer.balance_transaction),
      reversed: reversal ? { ref: reversal.id, movement: this.movement(reversal.balance_transaction) } : null,
    };
  }

  bankPayout(payout: Stripe.Payout): ProviderBankPayout {
    return {
      ref: payout.id,
      payout_id: payout.metadata?.heap_payout ?? null,
      state: payout.status === 'paid' ? 'paid' : payout.status === 'failed' || payout.status === 'canceled' ? 'failed' : 'pending',
      amount: this.micro(payout.amount, payout.currency),
      reason: payout.failure_message,
    };
  }

  sweep(payout: Stripe.Payout): ProviderSweep {
    return {
      ref: payout.id,
      amount: this.micro(payout.amount, payout.currency),
      movement: this.movement(payout.balance_transaction),
      failure_movement: this.movement(payout.failure_balance_transaction),
    };
  }
}

const NOTHING_PAID = { charge_ref: null, movement: null, available: false, card: null, card_fingerprint: null, reason: null };

function stateOfIntent(intent: Stripe.PaymentIntent): ProviderPayment['state'] {
  if (intent.status === 'succeeded') return 'succeeded';
  if (intent.status === 'canceled') return 'expired';
  // On a page the payer may try another card; nobody is there when we charge a saved one.
  const alone = intent.metadata.heap_purpose === 'auto';
  return alone && (intent.status === 'requires_payment_method' || intent.status === 'requires_action') ? 'failed' : 'open';
}

function stateOfDispute(status: Stripe.Dispute.Status): ProviderDispute['state'] {
  if (status === 'won') return 'won';
  if (status === 'lost') return 'lost';
  return String(status).startsWith('warning_') || status === 'prevented' ? 'inquiry' : 'open';
}

function identityOf(status: string | undefined, reasons: readonly string[]): Identity {
  if (status === 'active') return 'active';
  if (status === 'rejected' || status === 'unsupported' || reasons.some((code) => /^(rejected|unsupported)/.test(code))) return 'rejected';
  if (reasons.includes('requirements_past_due')) return 'lapsed';
  return status === undefined ? 'new' : 'pending';
}

import type { Stripe } from 'stripe';
import { list, metadata, object, type Params, text, whole } from './form.js';
import { invalid, Refusal } from './refusal.js';
import { get, type World } from './world.js';

const FEE_BPS = 290;
const FEE_FIXED = 30;
const SESSION_S = 86_400;

/** 2.9 % and 30 minor units, as for cards in the United States; rounded up. */
export const feeOf = (amount: number): number => Math.ceil((amount * FEE_BPS) / 10_000) + FEE_FIXED;

/** Checkout sessions, payment intents and their charges. */
export class Payments {
  constructor(private readonly world: World) {}

  createSession(params: Params): Stripe.Checkout.Session {
    const data = object(params.payment_intent_data);
    const amount_total = list(params.line_items).reduce<number>((sum, line) => {
      const { quantity, price_data } = object(line);
      return sum + whole(quantity) * whole(object(price_data).unit_amount);
    }, 0);
    if (!(amount_total > 0)) throw invalid('parameter_missing', 'A session needs line items.');
    const id = this.world.id('cs_test');
    const created = this.world.clock.now_s();
    const session: Stripe.Checkout.Session = {
      ...SESSION,
      id,
      amount_subtotal: amount_total,
      amount_total,
      cancel_url: text(params.cancel_url),
      client_reference_id: text(params.client_reference_id),
      created,
      currency: this.world.currency,
      customer_creation: params.customer_creation === 'always' ? 'always' : 'if_required',
      customer_email: text(params.customer_email),
      expires_at: created + SESSION_S,
      metadata: metadata(params.metadata),
      success_url: text(params.success_url),
      url: `https://checkout.stripe.test/${id}`,
    };
    this.world.sessions.set(id, session);
    // Kept for the moment of payment: Stripe makes the intent only then.
    this.plans.set(id, { metadata: metadata(data.metadata), saves: data.setup_future_usage === 'off_session' });
    return session;
  }

  private readonly plans = new Map<string, { metadata: Record<string, string>; saves: boolean }>();

  /** The payer pays. A card that declines leaves the session open. */
  pay(session_id: string, card: { fingerprint?: string; declines?: boolean } = {}): Stripe.PaymentIntent {
    const session = get(this.world.sessions, session_id);
    if (session.status !== 'open') throw new Error(`${session_id} is ${session.status}`);
    const plan = this.plans.get(session_id);
    const customer = this.world.id('cus');
    const method = this.world.id('pm');
    this.world.cards.set(method, { fingerprint: card.fingerprint ?? this.world.id('fp'), declines: card.declines ?? false });
    const intent = this.intent(session.amount_total ?? 0, plan?.metadata ?? {}, customer, method, plan?.saves ?? false);
    this.confirm(intent);
    if (intent.status !== 'succeeded') return intent;
    session.status = 'complete';
    session.payment_status = 'paid';
    session.payment_intent = intent.id;
    session.customer = customer;
    session.url = null;
    this.world.emit('checkout.session.completed', session);
    return intent;
  }

  expire(session_id: string): void {
    const session = get(this.world.sessions, session_id);
    session.status = 'expired';
    session.url = null;
    this.world.emit('checkout.session.expired', session);
  }

  createIntent(params: Params): Stripe.PaymentIntent {
    const method = text(params.payment_method);
    if (method === null || !this.world.cards.has(method)) throw invalid('resource_missing', 'No such payment method.');
    const intent = this.intent(whole(params.amount), metadata(params.metadata), text(params.customer), method, false);
    if (params.confirm === 'true') this.confirm(intent);
    if (intent.status === 'requires_payment_method')
      throw new Refusal(402, 'card_error', 'card_declined', 'Your card was declined.', {
        payment_intent: intent,
        decline_code: 'generic_decline',
      });
    return intent;
  }

  /** From now on the card of this payment method declines. */
  declineFromNowOn(method: string): void {
    this.world.cards.set(method, { ...get(this.world.cards, method), declines: true });
  }

  /** Books a charge that was paid while `books_late` was on. */
  bookLate(charge_id: string): void {
    const charge = get(this.world.charges, charge_id);
    charge.balance_transaction = this.bookCharge(charge);
    this.world.emit('charge.updated', charge);
  }

  private bookCharge(charge: Stripe.Charge): string {
    return this.world.book('', 'charge', charge.id, charge.amount, feeOf(charge.amount), true).id;
  }

  private intent(amount: number, meta: Record<string, string>, customer: string | null, method: string, saves: boolean) {
    const id = this.world.id('pi');
    const intent: Stripe.PaymentIntent = {
      ...INTENT,
      id,
      amount,
      created: this.world.clock.now_s(),
      currency: this.world.currency,
      customer,
      metadata: meta,
      payment_method: method,
      setup_future_usage: saves ? 'off_session' : null,
    };
    this.world.intents.set(id, intent);
    this.world.emit('payment_intent.created', intent);
    return intent;
  }

  private confirm(intent: Stripe.PaymentIntent): void {
    const card = get(this.world.cards, intent.payment_method as string);
    if (card.declines) {
      intent.status = 'requires_payment_method';
      intent.last_payment_error = { type: 'card_error', code: 'card_declined', message: 'Your card was declined.' };
      this.world.emit('payment_intent.payment_failed', intent);
      return;
    }
    const id = this.world.id('ch');
    const charge: Stripe.Charge = {
      ...CHARGE,
      id,
      amount: intent.amount,
      amount_captured: intent.amount,
      created: this.world.clock.now_s(),
      currency: intent.currency,
      customer: intent.customer,
      metadata: intent.metadata,
      payment_intent: intent.id,
      payment_method: intent.payment_method as string,
      payment_method_details: { type: 'card', card: { fingerprint: card.fingerprint } } as Stripe.Charge.PaymentMethodDetails,
    };
    this.world.charges.set(id, charge);
    if (!this.world.books_late) charge.balance_transaction = this.bookCharge(charge);
    intent.status = 'succeeded';
    intent.amount_received = intent.amount;
    intent.latest_charge = id;
    this.world.emit('charge.succeeded', charge);
    this.world.emit('payment_intent.succeeded', intent);
  }
}

const SESSION: Stripe.Checkout.Session = {
  id: '',
  object: 'checkout.session',
  adaptive_pricing: null,
  after_expiration: null,
  allow_promotion_codes: null,
  allowed_payment_method_types: null,
  amount_subtotal: null,
  amount_total: null,
  automatic_tax: { enabled: false, liability: null, provider: null, status: null },
  billing_address_collection: null,
  cancel_url: null,
  client_reference_id: null,
  client_secret: null,
  collected_information: null,
  consent: null,
  consent_collection: null,
  created: 0,
  currency: null,
  currency_conversion: null,
  custom_fields: [],
  custom_text: { after_submit: null, shipping_address: null, submit: null, terms_of_service_acceptance: null },
  customer: null,
  customer_account: null,
  customer_creation: null,
  customer_details: null,
  customer_email: null,
  discounts: null,
  expires_at: 0,
  integration_identifier: null,
  invoice: null,
  invoice_creation: null,
  livemode: false,
  locale: null,
  managed_payments: null,
  metadata: null,
  mode: 'payment',
  origin_context: null,
  payment_intent: null,
  payment_link: null,
  payment_method_collection: null,
  payment_method_configuration_details: null,
  payment_method_options: null,
  payment_method_types: ['card'],
  payment_status: 'unpaid',
  permissions: null,
  recovered_from: null,
  saved_payment_method_options: null,
  setup_intent: null,
  shipping_address_collection: null,
  shipping_cost: null,
  shipping_options: [],
  status: 'open',
  submit_type: null,
  subscription: null,
  success_url: null,
  total_details: null,
  ui_mode: null,
  url: null,
  wallet_options: null,
};

const INTENT: Stripe.PaymentIntent = {
  id: '',
  object: 'payment_intent',
  allowed_payment_method_types: null,
  amount: 0,
  amount_capturable: 0,
  amount_received: 0,
  application: null,
  application_fee_amount: null,
  automatic_payment_methods: null,
  canceled_at: null,
  cancellation_reason: null,
  capture_method: 'automatic',
  client_secret: null,
  confirmation_method: 'automatic',
  created: 0,
  currency: '',
  customer: null,
  customer_account: null,
  description: null,
  excluded_payment_method_types: null,
  last_payment_error: null,
  latest_charge: null,
  livemode: false,
  managed_payments: null,
  metadata: {},
  next_action: null,
  on_behalf_of: null,
  payment_method: null,
  payment_method_configuration_details: null,
  payment_method_options: null,
  payment_method_types: ['card'],
  payment_record: null,
  processing: null,
  receipt_email: null,
  review: null,
  setup_future_usage: null,
  shipping: null,
  source: null,
  statement_descriptor: null,
  statement_descriptor_suffix: null,
  status: 'requires_confirmation',
  transfer_group: null,
};

const CHARGE: Stripe.Charge = {
  id: '',
  object: 'charge',
  amount: 0,
  amount_captured: 0,
  amount_refunded: 0,
  application: null,
  application_fee: null,
  application_fee_amount: null,
  balance_transaction: null,
  billing_details: { address: null, email: null, name: null, phone: null, tax_id: null },
  calculated_statement_descriptor: null,
  captured: true,
  created: 0,
  currency: '',
  customer: null,
  description: null,
  disputed: false,
  failure_balance_transaction: null,
  failure_code: null,
  failure_message: null,
  fraud_details: null,
  livemode: false,
  metadata: {},
  on_behalf_of: null,
  outcome: null,
  paid: true,
  payment_intent: null,
  payment_method: null,
  payment_method_details: null,
  receipt_email: null,
  receipt_number: null,
  receipt_url: null,
  refunded: false,
  review: null,
  shipping: null,
  source: null,
  source_transfer: null,
  statement_descriptor: null,
  statement_descriptor_suffix: null,
  status: 'succeeded',
  transfer_data: null,
  transfer_group: null,
};

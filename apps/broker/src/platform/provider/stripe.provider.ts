import { Stripe } from 'stripe';
import type { Micro } from '#units';
import type { Config } from '../config/config.js';
import { minorUnit, toMinor } from './minor-units.js';
import type {
  MoneyProvider,
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
  SavedCard,
  WebhookEndpoint,
} from './money-provider.js';
import { ProviderFailure } from './provider-failure.js';
import { toFailure } from './stripe-failures.js';
import { noticeOf } from './stripe-notices.js';
import { StripeObjects } from './stripe-objects.js';

/** Never 0, which would accept a recorded webhook for ever (money.md). */
const WEBHOOK_TOLERANCE_S = 300;
const PAGE = 100;
const INTENT = ['latest_charge.balance_transaction'];
const SESSION = ['payment_intent.latest_charge.balance_transaction'];
const REFUND = ['balance_transaction', 'failure_balance_transaction'];
const TRANSFER = ['balance_transaction', 'reversals.data.balance_transaction'];
const ACCOUNT: ('configuration.recipient' | 'requirements')[] = ['configuration.recipient', 'requirements'];

type StripeSettings = Pick<
  Config,
  'stripe_secret_key' | 'stripe_api_url' | 'stripe_timeout_ms' | 'stripe_webhook_secrets' | 'stripe_connect_webhook_secrets' | 'currency'
>;

/** The one door to Stripe: separate charges and transfers, Accounts v2 with the recipient configuration, manual payouts. */
export class StripeProvider implements MoneyProvider {
  readonly name = 'stripe';
  readonly simulated = false;
  private readonly stripe: Stripe;
  private readonly objects: StripeObjects;
  private readonly currency: string;

  constructor(private readonly config: StripeSettings) {
    const { protocol, hostname, port } = new URL(config.stripe_api_url ?? 'https://api.stripe.com');
    this.stripe = new Stripe(config.stripe_secret_key ?? '', {
      host: hostname,
      port: port || (protocol === 'http:' ? 80 : 443),
      protocol: protocol === 'http:' ? 'http' : 'https',
      timeout: config.stripe_timeout_ms,
      // The outbox tries again, and knows when to stop.
      maxNetworkRetries: 0,
      telemetry: false,
    });
    this.objects = new StripeObjects(config.currency);
    this.currency = config.currency.toLowerCase();
  }

  wholeMinor(amount: Micro): Micro {
    return amount - (amount % minorUnit(this.config.currency));
  }

  requestPayment(idempotencyKey: string, payment: NewPayment): Promise<ProviderPayment> {
    const metadata = { heap_deposit: payment.deposit_id, heap_person: payment.person_id };
    const price_data = { currency: this.currency, unit_amount: this.minor(payment.amount), product_data: { name: 'Deposit' } };
    return this.asking(async () => {
      const session = await this.stripe.checkout.sessions.create(
        {
          mode: 'payment',
          client_reference_id: payment.deposit_id,
          customer_creation: 'always',
          ...(payment.email !== null && { customer_email: payment.email }),
          line_items: [{ quantity: 1, price_data }],
          payment_intent_data: { metadata, setup_future_usage: 'off_session', transfer_group: payment.deposit_id },
          metadata,
          success_url: payment.return_url,
          cancel_url: payment.return_url,
          expand: SESSION,
        },
        { idempotencyKey },
      );
      return this.objects.session(session);
    });
  }

  chargeCard(idempotencyKey: string, payment: NewPayment & { readonly card: SavedCard }): Promise<ProviderPayment> {
    return this.asking(async () => {
      try {
        const intent = await this.stripe.paymentIntents.create(
          {
            amount: this.minor(payment.amount),
            currency: this.currency,
            customer: payment.card.customer_ref,
            payment_method: payment.card.method_ref,
            off_session: true,
            confirm: true,
            metadata: { heap_deposit: payment.deposit_id, heap_person: payment.person_id, heap_purpose: 'auto' },
            expand: INTENT,
          },
          { idempotencyKey },
        );
        return this.objects.intent(intent);
      } catch (error) {
        // A declined card is an answer; the error carries the payment it is about.
        if (error instanceof Stripe.errors.StripeCardError && error.payment_intent) return this.objects.intent(error.payment_intent);
        throw error;
      }
    });
  }

  readPayment(ref: string): Promise<ProviderPayment> {
    return this.asking(async () =>
      ref.startsWith('cs_')
        ? this.objects.session(await this.stripe.checkout.sessions.retrieve(ref, { expand: SESSION }))
        : this.objects.intent(await this.stripe.paymentIntents.retrieve(ref, { expand: INTENT })),
    );
  }

  findPayment(deposit_id: string, since: Date): Promise<ProviderPayment | null> {
    const created = { gte: unixSeconds(since) };
    return this.asking(async () => {
      for await (const session of this.stripe.checkout.sessions.list({ created, limit: PAGE }))
        if (session.metadata?.heap_deposit === deposit_id) return this.readPayment(session.id);
      for await (const intent of this.stripe.paymentIntents.list({ created, limit: PAGE }))
        if (intent.metadata.heap_deposit === deposit_id) return this.readPayment(intent.id);
      return null;
    });
  }

  refund(idempotencyKey: string, refund: { refund_id: string; charge_ref: string; amount: Micro }): Promise<ProviderRefund> {
    return this.asking(async () => {
      const { refund_id, charge_ref, amount } = refund;
      const params = { charge: charge_ref, amount: this.minor(amount), metadata: { heap_refund: refund_id }, expand: REFUND };
      return this.objects.refund(await this.stripe.refunds.create(params, { idempotencyKey }));
    });
  }

  readRefund(ref: string): Promise<ProviderRefund> {
    return this.asking(async () => this.objects.refund(await this.stripe.refunds.retrieve(ref, { expand: REFUND })));
  }

  findRefund(refund_id: string, charge_ref: string): Promise<ProviderRefund | null> {
    return this.asking(async () => {
      for await (const refund of this.stripe.refunds.list({ charge: charge_ref, limit: PAGE }))
        if (refund.metadata?.heap_refund === refund_id) return this.readRefund(refund.id);
      return null;
    });
  }

  readDispute(ref: string): Promise<ProviderDispute> {
    return this.asking(async () => this.objects.dispute(await this.stripe.disputes.retrieve(ref)));
  }

  openAccount(idempotencyKey: string, { person_id, email }: { person_id: string; email: string }): Promise<ProviderAccount> {
    return this.asking(async () => {
      const account = await this.stripe.v2.core.accounts.create(
        {
          contact_email: email,
          dashboard: 'express',
          // The heap pays Stripe's fees and carries losses; Stripe asks the owner for what the law wants to know.
          defaults: { currency: this.currency, responsibilities: { fees_collector: 'application', losses_collector: 'application' } },
          configuration: { recipient: { capabilities: { stripe_balance: { stripe_transfers: { requested: true } } } } },
          metadata: { heap_person: person_id },
          include: ACCOUNT,
        },
        { idempotencyKey },
      );
      // Paid out when the heap says so: every payout at the bank is then one of ours.
      const manual = { payments: { payouts: { schedule: { interval: 'manual' as const } } } };
      const once = { idempotencyKey: `${idempotencyKey}:schedule`, stripeAccount: account.id };
      await this.stripe.balanceSettings.update(manual, once);
      return this.objects.account(account, null);
    });
  }

  onboardingLink(account_ref: string, return_url: string): Promise<{ url: string; expires_at: Date }> {
    return this.asking(async () => {
      const link = await this.stripe.v2.core.accountLinks.create({
        account: account_ref,
        use_case: { type: 'account_onboarding', account_onboarding: { refresh_url: return_url, return_url } },
      });
      return { url: link.url, expires_at: new Date(link.expires_at) };
    });
  }

  readAccount(ref: string): Promise<ProviderAccount> {
    return this.asking(async () => {
      const account = await this.stripe.v2.core.accounts.retrieve(ref, { include: ACCOUNT });
      const banks = await this.stripe.accounts.listExternalAccounts(ref, { object: 'bank_account', limit: PAGE });
      // Every bank account counts: whichever one is changed, the cool-down begins.
      const fingerprints = banks.data.flatMap((bank) => (bank.object === 'bank_account' ? [bank.fingerprint ?? bank.id] : [bank.id]));
      return this.objects.account(account, fingerprints.length > 0 ? fingerprints.sort().join(' ') : null);
    });
  }

  findAccount(person_id: string): Promise<ProviderAccount | null> {
    return this.asking(async () => {
      for await (const account of this.stripe.v2.core.accounts.list({ limit: PAGE }))
        if (account.metadata?.heap_person === person_id) return this.readAccount(account.id);
      return null;
    });
  }

  transfer(idempotencyKey: string, transfer: { payout_id: string; account_ref: string; amount: Micro }): Promise<ProviderTransfer> {
    return this.asking(async () => {
      const made = await this.stripe.transfers.create(
        {
          amount: this.minor(transfer.amount),
          currency: this.currency,
          destination: transfer.account_ref,
          transfer_group: transfer.payout_id,
          metadata: { heap_payout: transfer.payout_id },
          expand: TRANSFER,
        },
        { idempotencyKey },
      );
      return this.objects.transfer(made);
    });
  }

  readTransfer(ref: string): Promise<ProviderTransfer> {
    return this.asking(async () => this.objects.transfer(await this.stripe.transfers.retrieve(ref, { expand: TRANSFER })));
  }

  findTransfer(payout_id: string, account_ref: string): Promise<ProviderTransfer | null> {
    return this.asking(async () => {
      for await (const transfer of this.stripe.transfers.list({ destination: account_ref, transfer_group: payout_id, limit: PAGE }))
        if (transfer.metadata.heap_payout === payout_id) return this.readTransfer(transfer.id);
      return null;
    });
  }

  reverseTransfer(idempotencyKey: string, transfer_ref: string): Promise<ProviderTransfer> {
    return this.asking(async () => {
      await this.stripe.transfers.createReversal(transfer_ref, {}, { idempotencyKey });
      return this.readTransfer(transfer_ref);
    });
  }

  payToBank(idempotencyKey: string, payout: { payout_id: string; account_ref: string; amount: Micro }): Promise<ProviderBankPayout> {
    return this.asking(async () => {
      const params = { amount: this.minor(payout.amount), currency: this.currency, metadata: { heap_payout: payout.payout_id } };
      return this.objects.bankPayout(await this.stripe.payouts.create(params, { idempotencyKey, stripeAccount: payout.account_ref }));
    });
  }

  readBankPayout(ref: string, account_ref: string): Promise<ProviderBankPayout> {
    return this.asking(async () => this.objects.bankPayout(await this.stripe.payouts.retrieve(ref, {}, { stripeAccount: account_ref })));
  }

  findBankPayout(payout_id: string, account_ref: string, since: Date): Promise<ProviderBankPayout | null> {
    return this.asking(async () => {
      const params = { created: { gte: unixSeconds(since) }, limit: PAGE };
      for await (const payout of this.stripe.payouts.list(params, { stripeAccount: account_ref }))
        if (payout.metadata?.heap_payout === payout_id) return this.objects.bankPayout(payout);
      return null;
    });
  }

  readSweep(ref: string): Promise<ProviderSweep> {
    return this.asking(async () => this.objects.sweep(await this.stripe.payouts.retrieve(ref, { expand: REFUND })));
  }

  async *notices(since: Date, account_ref?: string): AsyncIterable<ProviderNotice> {
    const params = { created: { gte: unixSeconds(since) }, limit: PAGE };
    const list = this.stripe.events.list(params, account_ref === undefined ? {} : { stripeAccount: account_ref });
    // A list in a connected account does not always repeat whose it is.
    for await (const event of translated(list)) yield noticeOf(account_ref === undefined ? event : { ...event, account: account_ref });
  }

  async *transactions(since: Date): AsyncIterable<ProviderTransaction> {
    const list = this.stripe.balanceTransactions.list({ created: { gte: unixSeconds(since) }, limit: PAGE });
    for await (const transaction of translated(list)) yield this.objects.transaction(transaction);
  }

  balance(): Promise<Micro> {
    return this.asking(async () => {
      const { available, pending } = await this.stripe.balance.retrieve();
      const ours = [...available, ...pending].filter(({ currency }) => currency === this.currency);
      return ours.reduce((sum, { amount, currency }) => sum + this.objects.micro(amount, currency), 0n);
    });
  }

  openWebhook(endpoint: WebhookEndpoint, body: string, signature: string | undefined): ProviderNotice {
    const secrets = endpoint === 'platform' ? this.config.stripe_webhook_secrets : this.config.stripe_connect_webhook_secrets;
    let why = 'it has no signature';
    for (const secret of secrets) {
      try {
        return noticeOf(this.stripe.webhooks.constructEvent(body, signature ?? '', secret, WEBHOOK_TOLERANCE_S));
      } catch (error) {
        if (signature !== undefined) why = (error as Error).message.split('\n')[0]?.trim() ?? why;
      }
    }
    throw new ProviderFailure('forged', 'forged', why);
  }

  private minor(amount: Micro): number {
    return toMinor(amount, this.config.currency);
  }

  private async asking<T>(call: () => Promise<T>): Promise<T> {
    try {
      return await call();
    } catch (error) {
      throw toFailure(error);
    }
  }
}

const unixSeconds = (at: Date): number => Math.floor(at.getTime() / 1000);

async function* translated<T>(list: AsyncIterable<T>): AsyncIterable<T> {
  try {
    yield* list;
  } catch (error) {
    throw toFailure(error);
  }
}

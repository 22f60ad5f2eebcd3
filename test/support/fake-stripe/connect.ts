import type { Stripe } from 'stripe';
import { metadata, object, type Params, text, whole } from './form.js';
import { invalid } from './refusal.js';
import { type Account, get, type World } from './world.js';

const LINK_S = 300;

/** Connected accounts, transfers to them, and payouts to banks. */
export class Connect {
  constructor(private readonly world: World) {}

  createAccount(params: Params): Account {
    const id = this.world.id('acct');
    const account: Account = {
      id,
      object: 'v2.core.account',
      applied_configurations: ['recipient'],
      configuration: { recipient: { applied: true, capabilities: { stripe_balance: capabilities('pending') } } },
      contact_email: text(params.contact_email) ?? '',
      created: new Date(this.world.clock.now_s() * 1000).toISOString(),
      dashboard: 'express',
      livemode: false,
      metadata: metadata(params.metadata),
    };
    this.world.accounts.set(id, account);
    return account;
  }

  createLink(params: Params): Stripe.V2.Core.AccountLink {
    const account = get(this.world.accounts, text(params.account) ?? '');
    const now_s = this.world.clock.now_s();
    const onboarding = object(object(params.use_case).account_onboarding);
    if (text(onboarding.refresh_url) === null) throw invalid('parameter_missing', 'account_onboarding needs a refresh_url.');
    return {
      object: 'v2.core.account_link',
      account: account.id,
      created: new Date(now_s * 1000).toISOString(),
      expires_at: new Date((now_s + LINK_S) * 1000).toISOString(),
      livemode: false,
      url: `https://connect.stripe.test/${account.id}/${this.world.id('link')}`,
      use_case: { type: 'account_onboarding', account_onboarding: { refresh_url: String(onboarding.refresh_url) } },
    };
  }

  /** The owner proves who they are and names a bank account. */
  onboard(account_id: string, bank_fingerprint = this.world.id('fp')): void {
    this.setBank(account_id, bank_fingerprint);
    this.setIdentity(account_id, 'active');
  }

  setIdentity(account_id: string, identity: 'active' | 'lapsed' | 'rejected'): void {
    const account = get(this.world.accounts, account_id);
    const balance =
      identity === 'active'
        ? capabilities('active')
        : identity === 'lapsed'
          ? capabilities('restricted', 'requirements_past_due')
          : capabilities('restricted', 'rejected_fraud');
    account.configuration = { recipient: { applied: true, capabilities: { stripe_balance: balance } } };
    this.world.emit('account.updated', { id: account_id, object: 'account' }, account_id);
  }

  setBank(account_id: string, fingerprint: string): void {
    for (const [id, bank] of this.world.banks) if (bank.account === account_id) this.world.banks.delete(id);
    const id = this.world.id('ba');
    this.world.banks.set(id, {
      id,
      object: 'bank_account',
      account: account_id,
      account_holder_name: null,
      account_holder_type: null,
      account_type: null,
      bank_name: 'TEST BANK',
      country: 'US',
      currency: this.world.currency,
      fingerprint,
      last4: '6789',
      routing_number: null,
      status: 'new',
    });
    this.world.emit('account.external_account.created', this.world.banks.get(id), account_id);
  }

  createTransfer(params: Params): Stripe.Transfer {
    const destination = get(this.world.accounts, text(params.destination) ?? '');
    const amount = whole(params.amount);
    if (destination.configuration?.recipient?.capabilities?.stripe_balance?.stripe_transfers?.status !== 'active')
      throw invalid('insufficient_capabilities_for_transfer', 'Your destination account needs the transfers capability.');
    if (this.world.balanceOf('').available < amount)
      throw invalid('balance_insufficient', 'You have insufficient available funds in your Stripe account.');
    const id = this.world.id('tr');
    const transfer: Stripe.Transfer = {
      id,
      object: 'transfer',
      amount,
      amount_reversed: 0,
      balance_transaction: this.world.book('', 'transfer', id, -amount).id,
      created: this.world.clock.now_s(),
      currency: this.world.currency,
      description: null,
      destination: destination.id,
      livemode: false,
      metadata: metadata(params.metadata),
      reversals: { object: 'list', data: [], has_more: false, url: `/v1/transfers/${id}/reversals` },
      reversed: false,
      source_transaction: text(params.source_transaction),
      transfer_group: text(params.transfer_group),
    };
    this.world.book(destination.id, 'payment', id, amount);
    this.world.transfers.set(id, transfer);
    this.world.emit('transfer.created', transfer);
    return transfer;
  }

  reverse(transfer_id: string, params: Params): Stripe.TransferReversal {
    const transfer = get(this.world.transfers, transfer_id);
    const amount = params.amount === undefined ? transfer.amount - transfer.amount_reversed : whole(params.amount);
    const account = transfer.destination as string;
    if (amount <= 0 || amount > transfer.amount - transfer.amount_reversed)
      throw invalid('transfer_already_reversed', `Transfer ${transfer_id} is already fully reversed.`);
    if (this.world.balanceOf(account).available < amount)
      throw invalid('balance_insufficient', 'The connected account does not have sufficient available balance.');
    const id = this.world.id('trr');
    const reversal: Stripe.TransferReversal = {
      id,
      object: 'transfer_reversal',
      amount,
      balance_transaction: this.world.book('', 'transfer_refund', id, amount).id,
      created: this.world.clock.now_s(),
      currency: transfer.currency,
      destination_payment_refund: null,
      metadata: {},
      source_refund: null,
      transfer: transfer_id,
    };
    this.world.book(account, 'payment_refund', id, -amount);
    transfer.amount_reversed += amount;
    transfer.reversed = transfer.amount_reversed === transfer.amount;
    transfer.reversals.data.push(reversal);
    this.world.emit('transfer.reversed', transfer);
    return reversal;
  }

  /** To the bank of the platform (`''`) or of a connected account. */
  createPayout(account: string, params: Params): Stripe.Payout {
    const amount = whole(params.amount);
    if (this.world.balanceOf(account).available < amount)
      throw invalid('balance_insufficient', 'You have insufficient funds in your Stripe account for this transfer.');
    const id = this.world.id('po');
    const created = this.world.clock.now_s();
    const payout: Stripe.Payout = {
      id,
      object: 'payout',
      amount,
      application_fee: null,
      application_fee_amount: null,
      arrival_date: created + 2 * 86_400,
      automatic: false,
      balance_transaction: this.world.book(account, 'payout', id, -amount).id,
      created,
      currency: this.world.currency,
      description: null,
      destination: null,
      failure_balance_transaction: null,
      failure_code: null,
      failure_message: null,
      livemode: false,
      metadata: metadata(params.metadata),
      method: 'standard',
      original_payout: null,
      payout_method: null,
      reconciliation_status: 'not_applicable',
      reversed_by: null,
      source_type: 'card',
      statement_descriptor: null,
      status: 'pending',
      trace_id: null,
      type: 'bank_account',
    };
    this.world.payouts.set(id, { account, payout });
    this.world.emit('payout.created', payout, account);
    return payout;
  }

  bankPaid(payout_id: string): void {
    const { account, payout } = get(this.world.payouts, payout_id);
    payout.status = 'paid';
    this.world.emit('payout.paid', payout, account);
  }

  /** The bank sends a payout back: before or after it was called paid. */
  bankFailed(payout_id: string): void {
    const { account, payout } = get(this.world.payouts, payout_id);
    payout.status = 'failed';
    payout.failure_code = 'account_closed';
    payout.failure_message = 'The bank account has been closed.';
    payout.failure_balance_transaction = this.world.book(account, 'payout_failure', payout_id, payout.amount).id;
    this.world.emit('payout.failed', payout, account);
  }
}

type StripeBalance = Stripe.V2.Core.Account.Configuration.Recipient.Capabilities.StripeBalance;
type Status = Stripe.V2.Core.Account.Configuration.Recipient.Capabilities.StripeBalance.StripeTransfers.Status;
type Code = Stripe.V2.Core.Account.Configuration.Recipient.Capabilities.StripeBalance.StripeTransfers.StatusDetail.Code;

function capabilities(status: Status, code?: Code): StripeBalance {
  const capability = { status, status_details: code ? [{ code, resolution: 'provide_info' as const }] : [] };
  return { payouts: capability, stripe_transfers: capability };
}

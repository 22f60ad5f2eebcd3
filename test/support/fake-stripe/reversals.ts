import type { Stripe } from 'stripe';
import { metadata, type Params, text, whole } from './form.js';
import { invalid } from './refusal.js';
import { get, type World } from './world.js';

const DISPUTE_FEE = 1500;

/** What takes money back from the platform: refunds and disputes. */
export class Reversals {
  constructor(private readonly world: World) {}

  createRefund(params: Params): Stripe.Refund {
    const charge = get(this.world.charges, text(params.charge) ?? '');
    const amount = params.amount === undefined ? charge.amount - charge.amount_refunded : whole(params.amount);
    if (charge.disputed) throw invalid('charge_disputed', `Charge ${charge.id} has been charged back; cannot issue a refund.`);
    if (amount > charge.amount - charge.amount_refunded)
      throw invalid('charge_already_refunded', `Refund amount (${amount}) is greater than unrefunded amount on charge.`);
    const id = this.world.id('re');
    const refund: Stripe.Refund = {
      id,
      object: 'refund',
      amount,
      balance_transaction: this.world.book('', 'refund', id, -amount).id,
      charge: charge.id,
      created: this.world.clock.now_s(),
      currency: charge.currency,
      customer: charge.customer,
      customer_account: null,
      metadata: metadata(params.metadata),
      payment_intent: charge.payment_intent,
      payment_method: charge.payment_method,
      reason: null,
      receipt_number: null,
      source_transfer_reversal: null,
      status: 'pending',
      transfer_reversal: null,
    };
    charge.amount_refunded += amount;
    charge.refunded = charge.amount_refunded === charge.amount;
    this.world.refunds.set(id, refund);
    this.world.emit('refund.created', refund);
    this.world.emit('charge.refunded', charge);
    return refund;
  }

  finishRefund(id: string): void {
    const refund = get(this.world.refunds, id);
    refund.status = 'succeeded';
    this.world.emit('refund.updated', refund);
  }

  /** The bank sends the money of a refund back, which can happen after it has succeeded. */
  failRefund(id: string): void {
    const refund = get(this.world.refunds, id);
    refund.status = 'failed';
    refund.failure_reason = 'lost_or_stolen_card';
    refund.failure_balance_transaction = this.world.book('', 'refund_failure', id, refund.amount).id;
    this.world.emit('refund.failed', refund);
  }

  dispute(charge_id: string, amount?: number): Stripe.Dispute {
    const charge = get(this.world.charges, charge_id);
    const id = this.world.id('dp');
    const disputed = amount ?? charge.amount;
    charge.disputed = true;
    const dispute: Stripe.Dispute = {
      id,
      object: 'dispute',
      amount: disputed,
      balance_transactions: [this.world.book('', 'adjustment', id, -disputed, DISPUTE_FEE)],
      charge: charge_id,
      created: this.world.clock.now_s(),
      currency: charge.currency,
      enhanced_eligibility_types: [],
      evidence: {} as Stripe.Dispute.Evidence,
      evidence_details: {
        due_by: null,
        enhanced_eligibility: {},
        has_evidence: false,
        past_due: false,
        submission_count: 0,
        submission_method: 'not_submitted',
      },
      intended_submission_method: null,
      is_charge_refundable: false,
      livemode: false,
      metadata: {},
      payment_intent: charge.payment_intent,
      reason: 'fraudulent',
      status: 'needs_response',
    };
    this.world.disputes.set(id, dispute);
    this.world.emit('charge.dispute.created', dispute);
    this.world.emit('charge.dispute.funds_withdrawn', dispute);
    return dispute;
  }

  closeDispute(id: string, outcome: 'won' | 'lost'): void {
    const dispute = get(this.world.disputes, id);
    dispute.status = outcome;
    if (outcome === 'won') {
      dispute.balance_transactions.push(this.world.book('', 'adjustment', id, dispute.amount));
      this.world.emit('charge.dispute.funds_reinstated', dispute);
    }
    this.world.emit('charge.dispute.closed', dispute);
  }
}

import * as z from 'zod';
import { HTTP_LIMITS } from '../limits.js';
import { code, id, instant, microText } from '../scalars.js';
import { route } from './route.js';

export const DEPOSIT_STATES = ['PENDING', 'OPEN', 'SUCCEEDED', 'FAILED', 'EXPIRED'] as const;
export const REFUND_STATES = ['REQUESTED', 'UNKNOWN', 'SENT', 'SUCCEEDED', 'FAILED'] as const;
export const PAYOUT_STATES = [
  'REQUESTED',
  'SCREENED',
  'TRANSFER_SENT',
  'UNKNOWN',
  'TRANSFERRED',
  'BANK_PENDING',
  'PAID',
  'REJECTED',
  'TRANSFER_FAILED',
  'BANK_FAILED',
] as const;
/** Earnings of an owner, or a partner's shares. */
export const PAYEES = ['owner', 'partner'] as const;
export const PAYOUT_SCHEDULES = ['manual', 'daily', 'weekly', 'monthly'] as const;

const reason = z.object({ code, sentence: z.string() });
const amount = z.string().regex(/^\d{1,15}$/, 'write the amount as a string of digits: micro-units');
const page = z.strictObject({ before: id.optional(), limit: z.coerce.number().int().min(1).max(HTTP_LIMITS.page_items).default(20) });
/** Proof that it is you; not needed moments after a sign-in, nor by somebody without a password while payments are simulated. */
const password = z.string().min(1).max(1024).optional();

export const deposit = z.object({
  deposit_id: id,
  state: z.enum(DEPOSIT_STATES),
  reason,
  amount_micro: microText,
  /** What went back or was asked to go back to the card. */
  refunded_micro: microText,
  /** What the payer's bank has taken back. */
  disputed_micro: microText,
  provider: z.string(),
  /** True while no real money moves. */
  simulated: z.boolean(),
  purpose: z.enum(['request', 'auto']),
  /** Where to pay, while it is open. */
  url: z.string().nullable(),
  created_at: instant,
});

export const refund = z.object({
  refund_id: id,
  deposit_id: id,
  state: z.enum(REFUND_STATES),
  reason,
  amount_micro: microText,
  simulated: z.boolean(),
  created_at: instant,
});

export const topUp = z.object({
  enabled: z.boolean(),
  below_micro: microText,
  amount_micro: microText,
  monthly_cap_micro: microText,
  /** What was added by itself since the month began. */
  this_month_micro: microText,
  /** Why it does what it does. */
  reason,
});

export const payoutAccount = z.object({
  /** What the provider says of your identity. */
  identity: z.enum(['none', 'new', 'pending', 'active', 'lapsed', 'rejected']),
  payouts_enabled: z.boolean(),
  simulated: z.boolean(),
  bank_changed_at: instant.nullable(),
  reason,
});

export const payout = z.object({
  payout_id: id,
  state: z.enum(PAYOUT_STATES),
  reason,
  amount_micro: microText,
  simulated: z.boolean(),
  purpose: z.enum(['request', 'schedule']),
  of: z.enum(PAYEES),
  requested_at: instant,
  paid_at: instant.nullable(),
});

export const payoutTerms = z.object({
  schedule: z.enum(PAYOUT_SCHEDULES),
  minimum_micro: microText,
  next_at: instant.nullable(),
});

const webhook = {
  method: 'POST',
  access: 'public',
  status: 200,
  body: 'signed',
  response: z.object({ received: z.literal(true) }),
} as const;

export const moneyRoutes = {
  deposit: route({
    method: 'POST',
    path: '/v1/deposits',
    summary: 'Add money: pay at `url`; with simulated payments it arrives at once and is not real',
    access: 'developer',
    status: 201,
    idempotent: true,
    body: z.strictObject({ amount_micro: amount }),
    response: deposit,
  }),
  listDeposits: route({
    method: 'GET',
    path: '/v1/deposits',
    summary: "The caller's deposits, newest first",
    access: 'developer',
    status: 200,
    query: page,
    response: z.object({ deposits: z.array(deposit) }),
  }),
  getDeposit: route({
    method: 'GET',
    path: '/v1/deposits/:deposit_id',
    summary: 'One deposit',
    access: 'developer',
    status: 200,
    params: z.strictObject({ deposit_id: id }),
    response: deposit,
  }),
  refundDeposit: route({
    method: 'POST',
    path: '/v1/deposits/:deposit_id/refunds',
    summary: 'Send unspent money back to the card it came from; without an amount, all that can go back',
    access: 'developer',
    status: 201,
    idempotent: true,
    params: z.strictObject({ deposit_id: id }),
    body: z.strictObject({ amount_micro: amount.optional() }),
    response: refund,
  }),
  listRefunds: route({
    method: 'GET',
    path: '/v1/refunds',
    summary: "The caller's refunds, newest first",
    access: 'developer',
    status: 200,
    query: page,
    response: z.object({ refunds: z.array(refund) }),
  }),
  getTopUp: route({
    method: 'GET',
    path: '/v1/top-up',
    summary: 'When money is added by itself, and up to how much a month',
    access: 'developer',
    status: 200,
    response: topUp,
  }),
  setTopUp: route({
    method: 'PUT',
    path: '/v1/top-up',
    summary: 'Add `amount_micro` from the saved card whenever less than `below_micro` is left, never more than the cap in a month',
    access: 'developer',
    status: 200,
    body: z.strictObject({ enabled: z.boolean(), below_micro: amount, amount_micro: amount, monthly_cap_micro: amount }),
    response: topUp,
  }),
  getPayoutAccount: route({
    method: 'GET',
    path: '/v1/payout-account',
    summary: 'Whether and why earnings can be paid out',
    access: 'owner',
    status: 200,
    response: payoutAccount,
  }),
  openPayoutAccount: route({
    method: 'POST',
    path: '/v1/payout-account',
    summary:
      "A link to the provider's page where an owner proves who they are and names a bank account; null where nothing is to be proved. Takes your password again",
    access: 'owner',
    status: 200,
    body: z.strictObject({ password }),
    response: z.object({ account: payoutAccount, url: z.string().nullable(), expires_at: instant.nullable() }),
  }),
  requestPayout: route({
    method: 'POST',
    path: '/v1/payouts',
    summary: "Pay earnings out, or a partner's shares; without an amount, all that is payable. Takes your password again",
    access: 'owner',
    status: 201,
    idempotent: true,
    body: z.strictObject({ amount_micro: amount.optional(), of: z.enum(PAYEES).default('owner'), password }),
    response: payout,
  }),
  listPayouts: route({
    method: 'GET',
    path: '/v1/payouts',
    summary: "The caller's payouts, newest first",
    access: 'owner',
    status: 200,
    query: page,
    response: z.object({ payouts: z.array(payout) }),
  }),
  getPayout: route({
    method: 'GET',
    path: '/v1/payouts/:payout_id',
    summary: 'One payout with its state and reason',
    access: 'owner',
    status: 200,
    params: z.strictObject({ payout_id: id }),
    response: payout,
  }),
  getPayoutTerms: route({
    method: 'GET',
    path: '/v1/payout-terms',
    summary: 'When earnings are paid out by themselves, and from how much on',
    access: 'owner',
    status: 200,
    response: payoutTerms,
  }),
  setPayoutTerms: route({
    method: 'PUT',
    path: '/v1/payout-terms',
    summary: 'Set the schedule and the minimum of payouts. Takes your password again',
    access: 'owner',
    status: 200,
    body: z.strictObject({ schedule: z.enum(PAYOUT_SCHEDULES), minimum_micro: amount.optional(), password }),
    response: payoutTerms,
  }),
  stripePlatformWebhook: route({
    ...webhook,
    path: '/v1/webhooks/stripe/platform',
    summary: "Stripe tells what happened in the heap's account",
  }),
  stripeConnectWebhook: route({
    ...webhook,
    path: '/v1/webhooks/stripe/connect',
    summary: "Stripe tells what happened in owners' accounts",
  }),
} as const;

import type { Micro } from '#units';

/** Injection token of the provider: `@Inject(MONEY_PROVIDER) provider: MoneyProvider`. */
export const MONEY_PROVIDER = Symbol('MONEY_PROVIDER');

/** A movement of the heap's balance at the provider. `net` is signed (what comes in is positive) and after the fee. */
export interface Movement {
  readonly id: string;
  readonly net: Micro;
  readonly fee: Micro;
}

/** A card that may be charged again without its holder. */
export interface SavedCard {
  readonly customer_ref: string;
  readonly method_ref: string;
}

export interface ProviderPayment {
  readonly ref: string;
  /** Our id, as we gave it when we made the payment; null for one that is not ours. */
  readonly deposit_id: string | null;
  readonly state: 'open' | 'succeeded' | 'failed' | 'expired';
  readonly amount: Micro;
  /** Where the payer pays while it is open. */
  readonly url: string | null;
  readonly charge_ref: string | null;
  /** Null until the provider has booked it. */
  readonly movement: Movement | null;
  readonly available: boolean;
  readonly card: SavedCard | null;
  /** Equal for equal cards, whoever pays with them. */
  readonly card_fingerprint: string | null;
  readonly reason: string | null;
}

export interface ProviderRefund {
  readonly ref: string;
  readonly refund_id: string | null;
  readonly state: 'pending' | 'succeeded' | 'failed';
  readonly amount: Micro;
  readonly movement: Movement | null;
  /** The money coming back after the bank refused it. */
  readonly failure_movement: Movement | null;
  readonly reason: string | null;
}

export interface ProviderDispute {
  readonly ref: string;
  readonly charge_ref: string;
  /** `inquiry`: the bank only asks; no money has moved. */
  readonly state: 'inquiry' | 'open' | 'won' | 'lost';
  readonly amount: Micro;
  readonly withdrawn: Movement | null;
  readonly reinstated: Movement | null;
}

export type Identity = 'new' | 'pending' | 'active' | 'lapsed' | 'rejected';

export interface ProviderAccount {
  readonly ref: string;
  readonly person_id: string | null;
  readonly identity: Identity;
  readonly payouts_enabled: boolean;
  readonly bank_fingerprint: string | null;
}

export interface ProviderTransfer {
  readonly ref: string;
  readonly payout_id: string | null;
  readonly amount: Micro;
  readonly movement: Movement | null;
  /** Taken back as a whole. */
  readonly reversed: { readonly ref: string; readonly movement: Movement | null } | null;
}

/** From the owner's balance at the provider to the owner's bank. */
export interface ProviderBankPayout {
  readonly ref: string;
  readonly payout_id: string | null;
  readonly state: 'pending' | 'paid' | 'failed';
  readonly amount: Micro;
  readonly reason: string | null;
}

/** From the heap's balance to the operator's bank, made by the operator at the provider. */
export interface ProviderSweep {
  readonly ref: string;
  readonly amount: Micro;
  readonly movement: Movement | null;
  readonly failure_movement: Movement | null;
}

export interface ProviderTransaction extends Movement {
  readonly type: string;
  readonly source_id: string | null;
  readonly amount: Micro;
  readonly available: boolean;
  readonly happened_at: Date;
}

export const OBJECT_KINDS = ['payment', 'refund', 'dispute', 'account', 'transfer', 'bank_payout', 'sweep'] as const;
export type ObjectKind = (typeof OBJECT_KINDS)[number];

/** That something happened to an object; what happened is read from the object itself. */
export interface ProviderNotice {
  readonly id: string;
  readonly type: string;
  /** Null for an event that concerns nothing we keep. */
  readonly object: { readonly kind: ObjectKind; readonly id: string } | null;
  readonly account: string | null;
  readonly happened_at: Date;
}

export type WebhookEndpoint = 'platform' | 'connect';

export interface NewPayment {
  readonly deposit_id: string;
  readonly person_id: string;
  readonly email: string | null;
  readonly amount: Micro;
  readonly return_url: string;
}

/**
 * What the heap needs of a company that moves money. Every call that changes something takes an idempotency key: the same key
 * with the same request returns the same object, with another request it is refused. Calls that are not certain to have had no
 * effect throw `ProviderFailure` with `outcome: 'unknown'`; `find…` then tells what became of them, by our own id.
 * Amounts are micro-units and must be whole minor units of the currency: see `wholeMinor`.
 */
export interface MoneyProvider {
  readonly name: 'simulated' | 'stripe';
  /** No real money moves. */
  readonly simulated: boolean;
  /** The largest amount not above this one that the provider can move. */
  wholeMinor(amount: Micro): Micro;

  /** Asks a payer to pay, on a page of the provider's or at once. */
  requestPayment(key: string, payment: NewPayment): Promise<ProviderPayment>;
  /** Charges a saved card. A declined card is an answer (`failed`), no failure. */
  chargeCard(key: string, payment: NewPayment & { readonly card: SavedCard }): Promise<ProviderPayment>;
  readPayment(ref: string): Promise<ProviderPayment>;
  findPayment(deposit_id: string, since: Date): Promise<ProviderPayment | null>;

  refund(key: string, refund: { refund_id: string; charge_ref: string; amount: Micro }): Promise<ProviderRefund>;
  readRefund(ref: string): Promise<ProviderRefund>;
  findRefund(refund_id: string, charge_ref: string): Promise<ProviderRefund | null>;
  readDispute(ref: string): Promise<ProviderDispute>;

  openAccount(key: string, account: { person_id: string; email: string }): Promise<ProviderAccount>;
  /** A page of the provider's where the owner proves who they are and names a bank account; null where there is nothing to prove. */
  onboardingLink(account_ref: string, return_url: string): Promise<{ url: string; expires_at: Date } | null>;
  readAccount(ref: string): Promise<ProviderAccount>;
  findAccount(person_id: string): Promise<ProviderAccount | null>;

  transfer(key: string, transfer: { payout_id: string; account_ref: string; amount: Micro }): Promise<ProviderTransfer>;
  readTransfer(ref: string): Promise<ProviderTransfer>;
  findTransfer(payout_id: string, account_ref: string): Promise<ProviderTransfer | null>;
  /** Takes a whole transfer back. */
  reverseTransfer(key: string, transfer_ref: string): Promise<ProviderTransfer>;
  payToBank(key: string, payout: { payout_id: string; account_ref: string; amount: Micro }): Promise<ProviderBankPayout>;
  readBankPayout(ref: string, account_ref: string): Promise<ProviderBankPayout>;
  findBankPayout(payout_id: string, account_ref: string, since: Date): Promise<ProviderBankPayout | null>;
  readSweep(ref: string): Promise<ProviderSweep>;

  /** What happened since, in the heap's account or in a connected one, in no particular order. */
  notices(since: Date, account_ref?: string): AsyncIterable<ProviderNotice>;
  transactions(since: Date): AsyncIterable<ProviderTransaction>;
  /** Pending and available together. */
  balance(): Promise<Micro>;
  /** The notice of a webhook's body whose signature is right. @throws ProviderFailure `forged`. */
  openWebhook(endpoint: WebhookEndpoint, body: string, signature: string | undefined): ProviderNotice;
}

/** Assets and expenses grow by debits; liabilities, equity and income by credits. */
export type Side = 'debit' | 'credit';
export type AccountClass = 'asset' | 'liability' | 'equity' | 'income' | 'expense';
/** `zero`: the database refuses a natural balance below 0. `alarm`: it is allowed and somebody is told. */
export type Floor = 'zero' | 'alarm' | 'none';

export interface Account {
  readonly code: number;
  readonly name: string;
  readonly class: AccountClass;
  readonly side: Side;
  readonly floor: Floor;
  /** One balance for the whole heap, or one for each person. */
  readonly per: 'heap' | 'person';
}

/** The chart of accounts (money.md), one balance per currency. */
export const ACCOUNTS = {
  stripeAvailable: { code: 1000, name: 'stripe:available', class: 'asset', side: 'debit', floor: 'alarm', per: 'heap' },
  stripePending: { code: 1010, name: 'stripe:pending', class: 'asset', side: 'debit', floor: 'alarm', per: 'heap' },
  stripeInTransit: { code: 1020, name: 'stripe:in_transit', class: 'asset', side: 'debit', floor: 'zero', per: 'heap' },
  bankOperating: { code: 1030, name: 'bank:operating', class: 'asset', side: 'debit', floor: 'none', per: 'heap' },
  disputeReceivable: { code: 1040, name: 'stripe:dispute_receivable', class: 'asset', side: 'debit', floor: 'zero', per: 'heap' },
  ownerDebt: { code: 1100, name: 'receivable:owner', class: 'asset', side: 'debit', floor: 'zero', per: 'person' },
  developerDebt: { code: 1110, name: 'receivable:developer', class: 'asset', side: 'debit', floor: 'zero', per: 'person' },
  developerAvailable: { code: 2000, name: 'developer:available', class: 'liability', side: 'credit', floor: 'zero', per: 'person' },
  developerHeld: { code: 2010, name: 'developer:held', class: 'liability', side: 'credit', floor: 'zero', per: 'person' },
  developerPromo: { code: 2020, name: 'developer:promo', class: 'liability', side: 'credit', floor: 'zero', per: 'person' },
  developerFrozen: { code: 2030, name: 'developer:frozen', class: 'liability', side: 'credit', floor: 'zero', per: 'person' },
  ownerPending: { code: 2100, name: 'owner:pending', class: 'liability', side: 'credit', floor: 'zero', per: 'person' },
  ownerAvailable: { code: 2110, name: 'owner:available', class: 'liability', side: 'credit', floor: 'zero', per: 'person' },
  ownerReserve: { code: 2120, name: 'owner:reserve', class: 'liability', side: 'credit', floor: 'zero', per: 'person' },
  ownerPayoutInFlight: { code: 2130, name: 'owner:payout_in_flight', class: 'liability', side: 'credit', floor: 'zero', per: 'person' },
  ownerFrozen: { code: 2140, name: 'owner:frozen', class: 'liability', side: 'credit', floor: 'zero', per: 'person' },
  partnerPayable: { code: 2150, name: 'partner:payable', class: 'liability', side: 'credit', floor: 'zero', per: 'person' },
  suspense: { code: 2300, name: 'suspense:stripe', class: 'liability', side: 'credit', floor: 'none', per: 'heap' },
  feesDeferred: { code: 2400, name: 'fees:deferred', class: 'liability', side: 'credit', floor: 'zero', per: 'heap' },
  operatorEquity: { code: 3000, name: 'equity:operator', class: 'equity', side: 'credit', floor: 'none', per: 'heap' },
  computeFee: { code: 4000, name: 'income:compute_fee', class: 'income', side: 'credit', floor: 'none', per: 'heap' },
  storageFee: { code: 4010, name: 'income:storage_fee', class: 'income', side: 'credit', floor: 'none', per: 'heap' },
  forfeitedReserve: { code: 4020, name: 'income:forfeited_reserve', class: 'income', side: 'credit', floor: 'none', per: 'heap' },
  verifierRuns: { code: 4030, name: 'income:verifier_runs', class: 'income', side: 'credit', floor: 'none', per: 'heap' },
  stripeFees: { code: 5000, name: 'expense:stripe_fees', class: 'expense', side: 'debit', floor: 'none', per: 'heap' },
  disputeFees: { code: 5010, name: 'expense:dispute_fees', class: 'expense', side: 'debit', floor: 'none', per: 'heap' },
  chargebackLoss: { code: 5020, name: 'expense:chargeback_loss', class: 'expense', side: 'debit', floor: 'none', per: 'heap' },
  badDebt: { code: 5030, name: 'expense:bad_debt', class: 'expense', side: 'debit', floor: 'none', per: 'heap' },
  verification: { code: 5040, name: 'expense:verification', class: 'expense', side: 'debit', floor: 'none', per: 'heap' },
  promotions: { code: 5050, name: 'expense:promotions', class: 'expense', side: 'debit', floor: 'none', per: 'heap' },
} as const satisfies Record<string, Account>;

export type AccountName = keyof typeof ACCOUNTS;
export type AccountCode = (typeof ACCOUNTS)[AccountName]['code'];

const BY_CODE: ReadonlyMap<number, Account> = new Map(Object.values(ACCOUNTS).map((account) => [account.code, account]));

/** The account of a code; undefined when the chart has no such code. */
export function accountOf(code: number): Account | undefined {
  return BY_CODE.get(code);
}

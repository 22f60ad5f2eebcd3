/** How an invariant is watched in production: by the database itself, by a sweep over rows, or only by a test under load. */
export type Watch = 'database' | 'sweep' | 'test';

export interface Invariant {
  readonly name: string;
  readonly sentence: string;
  readonly watch: Watch;
}

/** Each has a check that runs in production and a test that breaks it on purpose (money.md). */
export const INVARIANTS = {
  I1: { name: 'journal-balances', watch: 'database', sentence: 'The entries of a journal sum to 0 per currency.' },
  I2: { name: 'journal-append-only', watch: 'database', sentence: 'The journal is only ever appended to.' },
  I3: { name: 'hard-floors', watch: 'database', sentence: 'No balance with a floor is below it.' },
  I4: { name: 'idempotency', watch: 'database', sentence: 'A used key returns its stored outcome, and with other content it is an error.' },
  I5: { name: 'hold-resolves-once', watch: 'database', sentence: 'A hold resolves at most once.' },
  I6: {
    name: 'hold-arithmetic',
    watch: 'sweep',
    sentence: 'Captured + returned + voided equal what was held, and released + refunded equal what was captured.',
  },
  I7: {
    name: 'paid-once',
    watch: 'database',
    sentence: 'An owner is paid only for the accepted epoch, and a replica of a task at most once.',
  },
  I8: { name: 'one-currency', watch: 'database', sentence: 'No journal mixes currencies.' },
  I9: { name: 'no-own-cluster', watch: 'sweep', sentence: 'Nobody earns withdrawable money from their own linked cluster.' },
  I10: { name: 'amounts-in-range', watch: 'database', sentence: 'Amounts are positive integers below 2^62.' },
  I11: { name: 'balance-is-sum', watch: 'sweep', sentence: 'Every balance equals the sum of its entries.' },
  I12: { name: 'rebuild', watch: 'sweep', sentence: 'A rebuild from the journal gives the same balances and states.' },
  I13: { name: 'hash-chain', watch: 'sweep', sentence: 'The hash chain of the journal is intact.' },
  I14: { name: 'trial-balance', watch: 'sweep', sentence: 'Assets − liabilities − equity − income + expenses are 0.' },
  I15: {
    name: 'provider-agrees',
    watch: 'sweep',
    sentence: "Our provider accounts equal the provider's balance, and each of its transactions has one journal.",
  },
  I16: { name: 'suspense-empty', watch: 'sweep', sentence: 'The suspense account is empty within 24 hours.' },
  I17: {
    name: 'control-totals',
    watch: 'sweep',
    sentence: 'The held, pending, in-flight and deferred accounts equal the sums of their open holds, captures, payouts and fees.',
  },
  I18: { name: 'no-stale-hold', watch: 'sweep', sentence: 'No hold is older than its term plus grace.' },
  I19: { name: 'hot-account', watch: 'test', sentence: '64 concurrent writers lose nothing on a hot account.' },
  I20: { name: 'concurrent-duplicates', watch: 'test', sentence: '64 concurrent duplicates have one effect.' },
  I21: { name: 'concurrent-withdrawals', watch: 'test', sentence: 'Concurrent withdrawals never pass zero.' },
  I22: { name: 'no-drift', watch: 'test', sentence: 'A million micro-movements drift by 0.' },
  I23: { name: 'webhook-order', watch: 'test', sentence: 'Duplicated, shuffled or dropped-then-pulled webhooks give the same ledger.' },
  I24: { name: 'gapless-sequence', watch: 'sweep', sentence: "Each account's sequence has no gap and no step back." },
  I25: { name: 'reversal-names-original', watch: 'sweep', sentence: 'A reversal is a new journal that names the old one.' },
  I26: {
    name: 'promo-stays-promo',
    watch: 'sweep',
    sentence: 'Promotional money never becomes withdrawable for the same beneficial owner.',
  },
  I27: { name: 'refundable-bound', watch: 'sweep', sentence: 'Refundable money is at most deposit − consumed − disputed.' },
  I28: { name: 'conservation', watch: 'sweep', sentence: 'Money in custody equals what came in less what went out.' },
  I29: { name: 'final-before-paid', watch: 'sweep', sentence: 'No money leaves the holdback before the results that earned it are final.' },
  I30: {
    name: 'wrong-work-void',
    watch: 'sweep',
    sentence: 'What a wrong result was charged went back, and a banned node holds no money.',
  },
} as const satisfies Record<`I${number}`, Invariant>;

export type InvariantId = keyof typeof INVARIANTS;

/** One violation: which invariant, about what, and the figures in a sentence. */
export interface Breach {
  readonly invariant: InvariantId;
  readonly subject: string;
  readonly sentence: string;
}

export function breach(invariant: InvariantId, subject: string, detail: string): Breach {
  return { invariant, subject, sentence: `${INVARIANTS[invariant].sentence} ${subject}: ${detail}` };
}

import { AMOUNT_LIMIT, type Micro } from '#units';
import { trialBalance } from './balance.js';
import type { EntryDraft } from './draft.js';
import { type Breach, breach } from './invariants.js';

/** An entry as it is stored. */
export interface EntryRow extends EntryDraft {
  readonly journal_id: string;
  readonly currency: string;
}

/** I1. */
export function checkJournalsBalance(entries: Iterable<EntryRow>): Breach[] {
  const sums = new Map<string, Micro>();
  for (const { journal_id, currency, amount } of entries) {
    const key = `${journal_id} in ${currency}`;
    sums.set(key, (sums.get(key) ?? 0n) + amount);
  }
  return [...sums].filter(([, sum]) => sum !== 0n).map(([key, sum]) => breach('I1', `journal ${key}`, `it sums to ${sum}.`));
}

/** I4: what a request with a key that may be known must do. */
export function idempotency(stored: { readonly input_hash: string } | undefined, input_hash: string): 'new' | 'replay' | 'conflict' {
  if (!stored) return 'new';
  return stored.input_hash === input_hash ? 'replay' : 'conflict';
}

export interface HoldRow {
  readonly id: string;
  readonly amount: Micro;
  readonly captured: Micro;
  readonly returned: Micro;
  readonly voided: Micro;
  readonly resolved: boolean;
}

/** I6, first half: parts never exceed the whole, and of a resolved hold they equal it. */
export function checkHolds(holds: Iterable<HoldRow>): Breach[] {
  const breaches: Breach[] = [];
  for (const hold of holds) {
    const parts = hold.captured + hold.returned + hold.voided;
    const negative = hold.captured < 0n || hold.returned < 0n || hold.voided < 0n;
    if (negative || parts > hold.amount || (hold.resolved && parts !== hold.amount))
      breaches.push(breach('I6', `hold ${hold.id}`, `${hold.captured} + ${hold.returned} + ${hold.voided} of ${hold.amount}.`));
    // A hold with nothing left that is still open could be resolved a second time.
    else if (!hold.resolved && parts === hold.amount) breaches.push(breach('I5', `hold ${hold.id}`, 'nothing is left, yet it is open.'));
  }
  return breaches;
}

export interface CaptureRow {
  readonly id: string;
  readonly gross: Micro;
  readonly released: Micro;
  readonly refunded: Micro;
  readonly resolved: boolean;
}

/** I6, second half. */
export function checkCaptures(captures: Iterable<CaptureRow>): Breach[] {
  const breaches: Breach[] = [];
  for (const capture of captures) {
    const parts = capture.released + capture.refunded;
    const whole = capture.resolved ? capture.gross : 0n;
    if (capture.released < 0n || capture.refunded < 0n || parts !== whole)
      breaches.push(
        breach('I6', `capture ${capture.id}`, `${capture.released} released + ${capture.refunded} refunded of ${capture.gross} captured.`),
      );
  }
  return breaches;
}

/** I8. */
export function checkOneCurrency(entries: Iterable<EntryRow>): Breach[] {
  const currencies = new Map<string, Set<string>>();
  for (const { journal_id, currency } of entries) currencies.set(journal_id, (currencies.get(journal_id) ?? new Set()).add(currency));
  return [...currencies]
    .filter(([, set]) => set.size > 1)
    .map(([id, set]) => breach('I8', `journal ${id}`, `it has ${[...set].sort().join(', ')}.`));
}

/** I10. */
export function checkAmounts(entries: Iterable<EntryRow>): Breach[] {
  const breaches: Breach[] = [];
  for (const { journal_id, account, amount } of entries)
    if (amount === 0n || amount >= AMOUNT_LIMIT || amount <= -AMOUNT_LIMIT)
      breaches.push(breach('I10', `journal ${journal_id}`, `an entry of ${amount} in ${account}.`));
  return breaches;
}

/** I11: `balances` are the stored columns (signed), `sums` the sums over the entries. */
export function checkBalances(balances: Iterable<EntryDraft>, sums: Iterable<EntryDraft>): Breach[] {
  const expected = new Map([...sums].map((row) => [place(row), row.amount]));
  const breaches: Breach[] = [];
  for (const row of balances) {
    const sum = expected.get(place(row)) ?? 0n;
    if (sum !== row.amount) breaches.push(breach('I11', `account ${place(row)}`, `the balance says ${row.amount}, the entries ${sum}.`));
    expected.delete(place(row));
  }
  for (const [key, sum] of expected) if (sum !== 0n) breaches.push(breach('I11', `account ${key}`, `entries of ${sum}, but no balance.`));
  return breaches;
}

/** I14. */
export function checkTrialBalance(balances: Iterable<EntryDraft>): Breach[] {
  const { difference, asset, liability, equity, income, expense } = trialBalance(balances);
  if (difference === 0n) return [];
  return [breach('I14', 'the ledger', `${asset} − ${liability} − ${equity} − ${income} + ${expense} = ${difference}.`)];
}

/** One control account beside what the business tables say it must be. */
export interface ControlTotal {
  readonly name: 'held' | 'pending' | 'in_flight' | 'deferred';
  readonly ledger: Micro;
  readonly business: Micro;
}

/** I17. */
export function checkControlTotals(totals: Iterable<ControlTotal>): Breach[] {
  return [...totals]
    .filter(({ ledger, business }) => ledger !== business)
    .map(({ name, ledger, business }) => breach('I17', name, `the ledger says ${ledger}, the rows sum to ${business}.`));
}

/** I24: the rows of one account in any order, numbered from 1. */
export function checkSequence(account: string, sequences: Iterable<bigint>): Breach[] {
  let expected = 1n;
  for (const sequence of [...sequences].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))) {
    if (sequence !== expected) return [breach('I24', `account ${account}`, `${expected} was expected, ${sequence} found.`)];
    expected += 1n;
  }
  return [];
}

/** Flows as the business tables and the provider's list tell them, never read from the journal that they are to check. */
export interface Flows {
  readonly deposits: Micro;
  readonly operator_funds: Micro;
  /** Back to the cards of developers. */
  readonly refunds: Micro;
  /** Confirmed payouts, less those that came back. */
  readonly payouts: Micro;
  /** What the provider charged. */
  readonly fees: Micro;
  /** Disputes lost. */
  readonly losses: Micro;
  /** Signed: unexplained movements at the provider, in positive. */
  readonly unexplained: Micro;
}

/** I28: `custody` is 1000 + 1010 + 1020 + 1030 + 1040. */
export function checkConservation(custody: Micro, flows: Flows): Breach[] {
  const expected = flows.deposits + flows.operator_funds + flows.unexplained - flows.refunds - flows.payouts - flows.fees - flows.losses;
  return custody === expected ? [] : [breach('I28', 'custody', `${custody} is there, ${expected} is expected.`)];
}

function place(row: EntryDraft): string {
  return row.person === null ? String(row.account) : `${row.account} of ${row.person}`;
}

import { AMOUNT_LIMIT, HeapError, type Micro } from '#units';
import { type Account, type AccountCode, accountOf } from './accounts.js';

/**
 * One line of a journal. `amount` is signed: a debit is positive, a credit negative, so the entries of a journal sum
 * to 0 and the balance of an account is the plain sum of its entries.
 */
export interface EntryDraft {
  readonly account: AccountCode;
  /** The person whose balance moves; null for accounts of the heap. */
  readonly person: string | null;
  readonly amount: Micro;
}

/**
 * What a business step asks the ledger to record. The currency is the heap's and is added by the store, so that no draft can
 * mix two (I8). `key` names the step for ever: the same key again returns the stored outcome (I4).
 */
export interface JournalDraft {
  readonly kind: string;
  readonly key: string;
  readonly entries: readonly EntryDraft[];
  /** Ids of what this journal is about, for example `{ hold_id, lease_id }`. */
  readonly refs: Readonly<Record<string, string>>;
}

/** One side of a movement. */
export interface Place {
  readonly account: AccountCode;
  readonly person: string | null;
}

/** `amount` goes from the debited place to the credited one: (debit, credit, amount). */
export type Leg = readonly [debit: Place, credit: Place, amount: Micro];

/** @throws HeapError `journal_malformed` when a person is missing for a personal account or given for one of the heap. */
export function at(account: Account & { readonly code: AccountCode }, person: string | null = null): Place {
  if ((account.per === 'person') !== (person !== null && person !== ''))
    throw malformed(
      `Account ${account.code} (${account.name}) is kept per ${account.per}: ${account.per === 'person' ? 'name the person' : 'name no person'}.`,
    );
  return { account: account.code, person };
}

/** I10: a positive integer below 2⁶². @throws HeapError `amount_out_of_range`. */
export function positive(amount: Micro, what: string): Micro {
  if (typeof amount !== 'bigint' || amount <= 0n || amount >= AMOUNT_LIMIT)
    throw new HeapError(
      'amount_out_of_range',
      `${what} is ${amount}: give a whole number of micro-units above 0 and below 2^62.`,
      'platform',
      {
        what,
        amount: String(amount),
      },
    );
  return amount;
}

/** A part of a whole may be 0, never negative. @throws HeapError `amount_out_of_range`. */
export function notNegative(amount: Micro, what: string): Micro {
  return amount === 0n ? amount : positive(amount, what);
}

/**
 * Builds a balanced journal. Legs of 0 are left out and entries on the same place are added up, so that every stored
 * entry moves something and no account appears twice.
 * @throws HeapError `amount_out_of_range`; `journal_malformed` when nothing moves.
 */
export function journal(kind: string, key: string, legs: readonly Leg[], refs: Record<string, string> = {}): JournalDraft {
  const entries: EntryDraft[] = [];
  for (const [debit, credit, amount] of legs) {
    if (notNegative(amount, kind) === 0n) continue;
    entries.push({ ...debit, amount }, { ...credit, amount: -amount });
  }
  return checked({ kind, key, entries: netted(entries), refs });
}

/** Many drafts as one journal: one row per account and person however many steps it covers (the hot fee account included). */
export function batch(kind: string, key: string, drafts: readonly JournalDraft[], refs: Record<string, string> = {}): JournalDraft {
  return checked({ kind, key, entries: netted(drafts.flatMap((draft) => draft.entries)), refs });
}

/** I25: a mistake is mended by a new journal that names the old one; nothing is ever changed in place. */
export function reversal(original: JournalDraft & { readonly id: string }): JournalDraft {
  return checked({
    kind: `${original.kind}.reversed`,
    key: `reversal:${original.id}`,
    entries: original.entries.map((entry) => ({ ...entry, amount: -entry.amount })),
    refs: { ...original.refs, reverses: original.id },
  });
}

/**
 * The checks every draft must pass, also one that was not built here (a manual journal of two operators).
 * @throws HeapError `journal_malformed`, `journal_unbalanced`, `amount_out_of_range`.
 */
export function checked(draft: JournalDraft): JournalDraft {
  if (draft.kind === '' || draft.key === '') throw malformed('A journal needs a kind and an idempotency key.');
  if (draft.entries.length === 0) throw malformed(`Journal ${draft.key} moves nothing: leave it out.`);
  let sum = 0n;
  for (const entry of draft.entries) {
    const account = accountOf(entry.account);
    if (!account) throw malformed(`Journal ${draft.key} names account ${entry.account}, which the chart does not have.`);
    at(account as Account & { code: AccountCode }, entry.person);
    positive(entry.amount < 0n ? -entry.amount : entry.amount, `An entry of ${draft.key}`);
    sum += entry.amount;
  }
  if (sum !== 0n)
    throw new HeapError('journal_unbalanced', `Journal ${draft.key} is off by ${sum}: debits and credits must be equal.`, 'platform', {
      key: draft.key,
      difference: String(sum),
    });
  return draft;
}

function netted(entries: readonly EntryDraft[]): EntryDraft[] {
  const byPlace = new Map<string, EntryDraft>();
  for (const entry of entries) {
    const place = `${entry.account}/${entry.person ?? ''}`;
    byPlace.set(place, { ...entry, amount: (byPlace.get(place)?.amount ?? 0n) + entry.amount });
  }
  return [...byPlace.values()].filter((entry) => entry.amount !== 0n).sort(inLockOrder);
}

/** Accounts are locked in this one order by everybody, so two journals can wait for each other but never in a circle. */
export function inLockOrder(a: Place, b: Place): number {
  if (a.account !== b.account) return a.account - b.account;
  const [x, y] = [a.person ?? '', b.person ?? ''];
  return x < y ? -1 : x > y ? 1 : 0;
}

function malformed(sentence: string): HeapError {
  return new HeapError('journal_malformed', sentence, 'platform');
}

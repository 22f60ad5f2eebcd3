import { type AccountCode, batch, checked, type EntryDraft, type JournalDraft } from '#ledger';
import { HeapError, type Micro } from '#units';
import { accountNotByHand, journalWrong } from './administration.errors.js';

/** What follows rows of the business can only be mended there: a journal by hand would make the two differ (I17, I26). */
const BY_HAND: ReadonlySet<number> = new Set([
  1000, 1010, 1030, 1100, 1110, 2000, 2110, 2150, 2300, 3000, 4000, 4010, 4020, 4030, 5000, 5010, 5020, 5030, 5040, 5050,
]);
const CUSTODY: ReadonlySet<number> = new Set([1000, 1010, 1020, 1030, 1040]);

/** As it is stored: amounts are decimal strings. */
export interface StoredEntry {
  readonly account: number;
  readonly person_id: string | null;
  readonly amount: string;
}

/** The journal that a proposal stands for. @throws HeapError `invalid_input` with what is wrong. */
export function draftOf(manual_id: string, entries: readonly StoredEntry[]): JournalDraft {
  for (const { account } of entries) if (!BY_HAND.has(account)) throw accountNotByHand(account);
  const drafted = entries.map(
    ({ account, person_id, amount }): EntryDraft => ({ account: account as AccountCode, person: person_id, amount: BigInt(amount) }),
  );
  const key = `manual:${manual_id}`;
  try {
    return batch('manual', key, [checked({ kind: 'manual', key, entries: drafted, refs: {} })], { manual_id });
  } catch (error) {
    if (error instanceof HeapError) throw journalWrong(error.message);
    throw error;
  }
}

/** By how much entries change what is in custody (I28). */
export const custodyOf = (entries: readonly StoredEntry[]): Micro =>
  entries.reduce((sum, { account, amount }) => (CUSTODY.has(account) ? sum + BigInt(amount) : sum), 0n);

/** A movement in suspense lies in 2300; its explanation takes it from there to where it belongs. `net` is what came in. */
export const explanation = (net: Micro, account: number, person_id: string | null): StoredEntry[] => [
  { account: 2300, person_id: null, amount: String(net) },
  { account, person_id, amount: String(-net) },
];

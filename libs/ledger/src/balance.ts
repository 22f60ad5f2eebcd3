import { HeapError, type Micro } from '#units';
import { type AccountClass, type AccountCode, accountOf } from './accounts.js';
import type { EntryDraft, JournalDraft } from './draft.js';

/** Signed sums of entries by place: the rebuilt ledger, and the model that tests hold against the database. */
export class Balances {
  readonly #sums = new Map<string, EntryDraft>();

  /** The signed sum of the entries: debits positive. */
  signed(account: AccountCode, person: string | null = null): Micro {
    return this.#sums.get(`${account}/${person ?? ''}`)?.amount ?? 0n;
  }

  /** The balance as people read it: positive on the account's own side. */
  natural(account: AccountCode, person: string | null = null): Micro {
    return naturalBalance(account, this.signed(account, person));
  }

  /** Adds entries without looking at floors: for a rebuild from a journal that was accepted before. */
  add(entries: Iterable<EntryDraft>): void {
    for (const entry of entries) {
      const place = `${entry.account}/${entry.person ?? ''}`;
      this.#sums.set(place, { ...entry, amount: (this.#sums.get(place)?.amount ?? 0n) + entry.amount });
    }
  }

  /** Posts a draft, or refuses it whole. @throws HeapError `insufficient_funds` naming the first floor that it would break. */
  post(draft: JournalDraft): void {
    const broken = this.floorBrokenBy(draft);
    if (broken)
      throw new HeapError(
        'insufficient_funds',
        `${draft.kind} needs ${-broken.short} more in account ${broken.account} (${accountOf(broken.account)?.name}).`,
        'developer',
        { key: draft.key, account: broken.account, person: broken.person, short_micro: String(-broken.short) },
      );
    this.add(draft.entries);
  }

  floorBrokenBy(draft: JournalDraft): { account: AccountCode; person: string | null; short: Micro } | undefined {
    const after = new Map<string, { entry: EntryDraft; sum: Micro }>();
    for (const entry of draft.entries) {
      const place = `${entry.account}/${entry.person ?? ''}`;
      const before = after.get(place)?.sum ?? this.signed(entry.account, entry.person);
      after.set(place, { entry, sum: before + entry.amount });
    }
    for (const { entry, sum } of after.values()) {
      const short = naturalBalance(entry.account, sum);
      if (accountOf(entry.account)?.floor === 'zero' && short < 0n) return { account: entry.account, person: entry.person, short };
    }
    return undefined;
  }

  /** Every place that ever moved, with its signed sum. */
  rows(): EntryDraft[] {
    return [...this.#sums.values()];
  }
}

export function naturalBalance(account: AccountCode, signed: Micro): Micro {
  return accountOf(account)?.side === 'credit' ? -signed : signed;
}

export type TrialBalance = Readonly<Record<AccountClass, Micro>> & { readonly difference: Micro };

/** I14: assets − liabilities − equity − income + expense must be 0; `difference` is what it is. */
export function trialBalance(rows: Iterable<EntryDraft>): TrialBalance {
  const sums: Record<AccountClass, Micro> = { asset: 0n, liability: 0n, equity: 0n, income: 0n, expense: 0n };
  for (const row of rows) {
    const account = accountOf(row.account);
    if (account) sums[account.class] += naturalBalance(row.account, row.amount);
  }
  return { ...sums, difference: sums.asset - sums.liability - sums.equity - sums.income + sums.expense };
}

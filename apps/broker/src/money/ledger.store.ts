import { createHash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { Database, type Queryable, violatedConstraint } from '#database';
import { type EntryDraft, inLockOrder, type JournalDraft } from '#ledger';
import { HeapError } from '#units';
import { keyReused } from './money.errors.js';

const placeOf = (entry: EntryDraft): string => `${entry.account}/${entry.person ?? ''}`;

/** What a key stands for: the same key with other content is an error (I4). The audit computes it again in SQL. */
export function contentHash(draft: JournalDraft): string {
  const lines = draft.entries.map((entry) => `${placeOf(entry)}=${entry.amount}`);
  return createHash('sha256')
    .update([draft.kind, ...lines.sort()].join('\n'))
    .digest('hex');
}

/** Writes journals. Nothing else in the broker does, and nothing else may: the application's role can only call `ledger_post`. */
@Injectable()
export class LedgerStore {
  constructor(@Inject(Database) private readonly database: Database) {}

  /**
   * Posts drafts in one statement, however many. A draft whose key is known with the same content is left out.
   * @returns the keys that were new.
   * @throws HeapError `insufficient_funds` when a floor would break, `idempotency_mismatch`.
   */
  async post(tx: Queryable, currency: string, drafts: readonly JournalDraft[]): Promise<ReadonlySet<string>> {
    if (drafts.length === 0) return new Set();
    try {
      const { rows } = await tx.query<{ fresh: string[] }>(POST, parametersOf(currency, drafts));
      return new Set(rows[0]?.fresh);
    } catch (error) {
      const constraint = violatedConstraint(error);
      if (constraint === 'i4_key_reused') throw keyReused((error as { detail: string }).detail);
      if (constraint?.startsWith('i3_'))
        throw new HeapError('insufficient_funds', 'There is not enough money for this: a balance would fall below zero.', 'developer', {
          constraint,
        });
      throw error;
    }
  }

  /** Signed balances (debit positive) of one person's accounts, or of the heap's own. */
  async balances(currency: string, person_id: string | null, db: Queryable = this.database): Promise<Map<number, bigint>> {
    const { rows } = await db.query<{ code: number; balance: bigint }>(
      'SELECT code, balance FROM ledger_account WHERE currency = $1 AND person_id IS NOT DISTINCT FROM $2::uuid',
      [currency, person_id],
    );
    return new Map(rows.map((row) => [row.code, row.balance]));
  }
}

const POST = `SELECT ledger_post($1, $2::text[], $3::text[], $4::text[], $5::uuid[], $6::uuid[], $7::jsonb[], $8::int[], $9::uuid[],
  $10::int[], $11::int[], $12::int[], $13::bigint[]) AS fresh`;

/** The drafts as the arrays of `ledger_post`: journals, the accounts in their one order, and the entries sorted by account. */
function parametersOf(currency: string, drafts: readonly JournalDraft[]): unknown[] {
  const journals = distinct(drafts);
  const places = new Map<string, EntryDraft>();
  for (const { draft } of journals) for (const entry of draft.entries) places.set(placeOf(entry), entry);
  const accounts = [...places.values()].sort(inLockOrder);
  const numbers = new Map(accounts.map((entry, i) => [placeOf(entry), i + 1]));
  const entries = journals.flatMap(({ draft }, i) =>
    draft.entries.map((entry, line) => ({ of: i + 1, line, place: numbers.get(placeOf(entry)) ?? 0, amount: entry.amount })),
  );
  // The sort is stable: an account's entries stay in the order of their journals.
  entries.sort((a, b) => a.place - b.place);
  return [
    currency,
    journals.map(({ draft }) => draft.key),
    journals.map(({ draft }) => draft.kind),
    journals.map(({ hash }) => hash),
    journals.map(({ draft }) => draft.refs.job_id ?? null),
    journals.map(({ draft }) => draft.refs.lease_id ?? null),
    journals.map(({ draft }) => JSON.stringify(draft.refs)),
    accounts.map(({ account }) => account),
    accounts.map(({ person }) => person),
    entries.map(({ of }) => of),
    entries.map(({ line }) => line),
    entries.map(({ place }) => place),
    entries.map(({ amount }) => amount),
  ];
}

/** The same step twice in one call is one journal. @throws HeapError `idempotency_mismatch`. */
function distinct(drafts: readonly JournalDraft[]): { draft: JournalDraft; hash: string }[] {
  const known = new Map<string, { draft: JournalDraft; hash: string }>();
  for (const draft of drafts) {
    const hash = contentHash(draft);
    const same = known.get(draft.key);
    if (same && same.hash !== hash) throw keyReused(draft.key);
    known.set(draft.key, same ?? { draft, hash });
  }
  return [...known.values()];
}

import { createHash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { Database, type Queryable, type Transaction, violatedConstraint } from '#database';
import { type EntryDraft, inLockOrder, type JournalDraft } from '#ledger';
import { HeapError } from '#units';
import { keyReused } from './money.errors.js';

const placeOf = (code: number, person: string | null): string => `${code}/${person ?? ''}`;

/** What a key stands for: the same key with other content is an error (I4). */
function contentHash(draft: JournalDraft): string {
  const lines = draft.entries.map((e) => `${e.account}/${e.person ?? ''}=${e.amount}`);
  return createHash('sha256')
    .update([draft.kind, ...lines.sort()].join('\n'))
    .digest('hex');
}

/** Writes journals. Nothing else in the broker does. */
@Injectable()
export class LedgerStore {
  constructor(@Inject(Database) private readonly database: Database) {}

  /**
   * Posts drafts in one go: however many, five statements. A draft whose key is known with the same content is left out.
   * @returns the keys that were new.
   * @throws HeapError `insufficient_funds` when a floor would break, `idempotency_mismatch`.
   */
  async post(tx: Transaction, currency: string, drafts: readonly JournalDraft[]): Promise<ReadonlySet<string>> {
    if (drafts.length === 0) return new Set();
    const ids = await this.insertJournals(tx, currency, drafts);
    const fresh = drafts.filter((draft) => ids.has(draft.key));
    if (fresh.length === 0) return new Set();
    const sums = sumByPlace(fresh);
    const accounts = await this.lockAccounts(tx, currency, sums);
    await insertEntries(tx, fresh, ids, accounts);
    await updateBalances(tx, sums, accounts);
    return new Set(ids.keys());
  }

  private async insertJournals(tx: Transaction, currency: string, drafts: readonly JournalDraft[]): Promise<Map<string, bigint>> {
    const hashes = drafts.map(contentHash);
    const { rows } = await tx.query<{ id: bigint; key: string }>(
      `INSERT INTO journal (key, kind, currency, content_hash, job_id, lease_id)
       SELECT d.key, d.kind, $1, d.content_hash, d.job_id, d.lease_id
       FROM unnest($2::text[], $3::text[], $4::text[], $5::uuid[], $6::uuid[]) AS d(key, kind, content_hash, job_id, lease_id)
       ON CONFLICT (key) DO NOTHING RETURNING id, key`,
      [
        currency,
        drafts.map((d) => d.key),
        drafts.map((d) => d.kind),
        hashes,
        drafts.map((d) => d.refs.job_id ?? null),
        drafts.map((d) => d.refs.lease_id ?? null),
      ],
    );
    if (rows.length < drafts.length) {
      const known = await tx.query<{ key: string; content_hash: string }>('SELECT key, content_hash FROM journal WHERE key = ANY($1)', [
        drafts.map((d) => d.key),
      ]);
      const stored = new Map(known.rows.map((row) => [row.key, row.content_hash]));
      const other = drafts.find((draft, i) => stored.get(draft.key) !== hashes[i]);
      if (other) throw keyReused(other.key);
    }
    return new Map(rows.map((row) => [row.key, row.id]));
  }

  /** Locks the accounts in the one order that all writers use; creates the zero rows first, so that there is always a row to lock. */
  private async lockAccounts(tx: Transaction, currency: string, places: readonly EntryDraft[]): Promise<Map<string, bigint>> {
    const codes = places.map((place) => place.account);
    const people = places.map((place) => place.person);
    const select = () =>
      tx.query<{ id: bigint; code: number; person_id: string | null }>(
        `SELECT a.id, a.code, a.person_id FROM ledger_account a
         JOIN unnest($2::int[], $3::uuid[]) AS p(code, person_id) ON a.code = p.code AND a.person_id IS NOT DISTINCT FROM p.person_id
         WHERE a.currency = $1 ORDER BY a.code, a.person_id FOR NO KEY UPDATE OF a`,
        [currency, codes, people],
      );
    let { rows } = await select();
    if (rows.length < places.length) {
      await tx.query(
        `INSERT INTO ledger_account (code, person_id, currency)
         SELECT p.code, p.person_id, $1 FROM unnest($2::int[], $3::uuid[]) AS p(code, person_id)
         ORDER BY p.code, p.person_id ON CONFLICT DO NOTHING`,
        [currency, codes, people],
      );
      ({ rows } = await select());
    }
    return new Map(rows.map((row) => [placeOf(row.code, row.person_id), row.id]));
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

function sumByPlace(drafts: readonly JournalDraft[]): EntryDraft[] {
  const sums = new Map<string, EntryDraft>();
  for (const entry of drafts.flatMap((draft) => draft.entries)) {
    const place = placeOf(entry.account, entry.person);
    sums.set(place, { ...entry, amount: (sums.get(place)?.amount ?? 0n) + entry.amount });
  }
  return [...sums.values()].sort(inLockOrder);
}

async function insertEntries(tx: Transaction, drafts: readonly JournalDraft[], ids: Map<string, bigint>, accounts: Map<string, bigint>) {
  const lines = drafts.flatMap((draft) => draft.entries.map((entry, line) => ({ journal: ids.get(draft.key), line, entry })));
  await tx.query(
    `INSERT INTO journal_entry (journal_id, line, account_id, amount)
     SELECT * FROM unnest($1::bigint[], $2::smallint[], $3::bigint[], $4::bigint[])`,
    [
      lines.map((l) => l.journal),
      lines.map((l) => l.line),
      lines.map((l) => accounts.get(placeOf(l.entry.account, l.entry.person))),
      lines.map((l) => l.entry.amount),
    ],
  );
}

async function updateBalances(tx: Transaction, sums: readonly EntryDraft[], accounts: Map<string, bigint>) {
  try {
    await tx.query(
      `UPDATE ledger_account a SET balance = a.balance + d.amount
       FROM unnest($1::bigint[], $2::bigint[]) AS d(id, amount) WHERE a.id = d.id`,
      [sums.map((s) => accounts.get(placeOf(s.account, s.person))), sums.map((s) => s.amount)],
    );
  } catch (error) {
    if (violatedConstraint(error)?.startsWith('i3_'))
      throw new HeapError('insufficient_funds', 'There is not enough money for this: a balance would fall below zero.', 'developer', {
        constraint: violatedConstraint(error),
      });
    throw error;
  }
}

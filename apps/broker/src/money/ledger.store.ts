import { hash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { Database, type Queryable, type Transaction, violatedConstraint } from '#database';
import { type EntryDraft, inLockOrder, type JournalDraft } from '#ledger';
import { HeapError } from '#units';
import { EventBus } from '../platform/bus/event-bus.js';
import { tellPeople } from '../platform/bus/tell-people.js';
import { keyReused } from './money.errors.js';
import { MoneyMoved } from './money.events.js';

const placeOf = (entry: EntryDraft): string => `${entry.account}/${entry.person ?? ''}`;

/** What a key stands for, in hexadecimal: the same key with other content is an error (I4). The audit computes it again in SQL. */
function contentOf(kind: string, places: readonly string[], entries: readonly EntryDraft[]): string {
  const lines = places.map((place, i) => `${place}=${entries[i]?.amount}`);
  return hash('sha256', `${kind}\n${lines.sort().join('\n')}`);
}

/** Writes journals. Nothing else in the broker does, and nothing else may: the application's role can only call `ledger_post`. */
@Injectable()
export class LedgerStore {
  constructor(
    @Inject(Database) private readonly database: Database,
    private readonly bus: EventBus,
  ) {}

  /**
   * Posts drafts in one statement, however many. A draft whose key is known with the same content is left out.
   * @returns the keys that were new.
   * @throws HeapError `insufficient_funds` when a floor would break, `idempotency_mismatch`.
   */
  async post(tx: Transaction, currency: string, drafts: readonly JournalDraft[]): Promise<ReadonlySet<string>> {
    if (drafts.length === 0) return new Set();
    try {
      const { rows } = await tx.query<{ fresh: string[] }>(POST, parametersOf(currency, drafts));
      const fresh = new Set(rows[0]?.fresh);
      if (fresh.size > 0) tx.afterCommit(() => tellPeople(this.bus, MoneyMoved, peopleIn(drafts)));
      return fresh;
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

function peopleIn(drafts: readonly JournalDraft[]): Set<string> {
  const people = new Set<string>();
  for (const { entries } of drafts) for (const { person } of entries) if (person !== null) people.add(person);
  return people;
}

const POST = `SELECT ledger_post($1, $2::text[], $3::text[], $4::bytea[], $5::jsonb[], $6::int[], $7::uuid[], $8::int[], $9::int[], $10::int[],
  $11::bigint[]) AS fresh`;

/** Elements of array literals are written here: the driver would escape every number by two regular expressions. */
const SPECIAL = /[\\"]/;
const quoted = (text: string): string => `"${SPECIAL.test(text) ? text.replace(/[\\"]/g, '\\$&') : text}"`;
const literal = (elements: readonly unknown[]): string => `{${elements.join(',')}}`;

/**
 * The drafts as the arrays of `ledger_post`: journals with their entries in order, and the accounts in the order in which all are made. The
 * same step twice is one journal. @throws HeapError `idempotency_mismatch`.
 */
function parametersOf(currency: string, drafts: readonly JournalDraft[]): unknown[] {
  const contents = new Map<string, string>();
  const [keys, kinds, hashes, refs]: [string[], string[], string[], string[]] = [[], [], [], []];
  const [of, lines, amounts]: [number[], number[], bigint[]] = [[], [], []];
  const moved: { number: number }[] = [];
  const accounts = new Map<string, { entry: EntryDraft; number: number }>();
  for (const draft of drafts) {
    const places = draft.entries.map(placeOf);
    const content = contentOf(draft.kind, places, draft.entries);
    const known = contents.get(draft.key);
    if (known === content) continue;
    if (known !== undefined) throw keyReused(draft.key);
    contents.set(draft.key, content);
    keys.push(quoted(draft.key));
    kinds.push(quoted(draft.kind));
    hashes.push(`\\\\x${content}`);
    // JSON escapes a JSON text just as an array literal wants it.
    refs.push(JSON.stringify(JSON.stringify(draft.refs)));
    for (const [line, entry] of draft.entries.entries()) {
      const place = places[line] as string;
      let account = accounts.get(place);
      if (!account) {
        account = { entry, number: 0 };
        accounts.set(place, account);
      }
      of.push(keys.length);
      lines.push(line);
      moved.push(account);
      amounts.push(entry.amount);
    }
  }
  const sorted = [...accounts.values()].sort((a, b) => inLockOrder(a.entry, b.entry));
  for (const [i, account] of sorted.entries()) account.number = i + 1;
  return [
    currency,
    literal(keys),
    literal(kinds),
    literal(hashes),
    literal(refs),
    literal(sorted.map(({ entry }) => entry.account)),
    literal(sorted.map(({ entry }) => entry.person ?? 'NULL')),
    literal(of),
    literal(lines),
    literal(moved.map(({ number }) => number)),
    literal(amounts),
  ];
}

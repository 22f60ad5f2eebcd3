import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { Database } from '#database';
import { deposit, INVARIANTS, type JournalDraft } from '#ledger';
import { AuditStore } from '../../apps/broker/src/money/audit.store.js';
import { JOURNAL_FINDINGS } from '../../apps/broker/src/money/audit-journal.store.js';
import { LedgerStore } from '../../apps/broker/src/money/ledger.store.js';
import { RebuildStore } from '../../apps/broker/src/money/rebuild.store.js';
import { WatchService } from '../../apps/broker/src/money/watch.service.js';
import { WatchStore } from '../../apps/broker/src/money/watch.store.js';
import { EventBus } from '../../apps/broker/src/platform/bus/event-bus.js';
import { freshDatabase, type TestDatabase } from '../support/database.js';

let server: TestDatabase;
let superuser: pg.Client;
let database: Database;
let watch: WatchService;
beforeAll(async () => {
  server = await freshDatabase();
  superuser = new pg.Client({ connectionString: server.url });
  await superuser.connect();
  database = new Database({ url: server.url, max: 4, role: 'openheaps_app' });
  watch = new WatchService(new WatchStore(database), new AuditStore(database));
});
afterAll(async () => {
  await database?.close();
  await superuser?.end();
  await server?.drop();
});

const people = Array.from({ length: 7 }, () => randomUUID());
/** Deposits, with their rows, so that the books agree with the ledger. */
async function deposits(count: number, at_once = 10): Promise<void> {
  const steps = Array.from({ length: count }, (_, i) => ({
    deposit_id: randomUUID(),
    developer: people[i % 7] as string,
    amount: BigInt(i + 1),
  }));
  await superuser.query(
    `INSERT INTO deposit (id, person_id, amount, state, provider, idempotency_key, request_hash, succeeded_at)
     SELECT d.*, 'SUCCEEDED', 'simulated', gen_random_uuid(), '', now() FROM unnest($1::uuid[], $2::uuid[], $3::bigint[]) AS d`,
    [steps.map((s) => s.deposit_id), steps.map((s) => s.developer), steps.map((s) => s.amount)],
  );
  for (let i = 0; i < steps.length; i += at_once) await post(steps.slice(i, i + at_once).map((step) => deposit(step)));
}
const post = (drafts: JournalDraft[]) => database.inTransaction((tx) => new LedgerStore(database, new EventBus()).post(tx, 'USD', drafts));

const NEVER = Number.MAX_SAFE_INTEGER;
const ids = (standing: { invariant: string; pass: string }[], pass: string) =>
  standing.filter((s) => s.pass === pass).map((s) => s.invariant);
const recent = async () => ids(await watch.look({ entries: 30, full_every_ms: NEVER }), 'continuous');
/** A pass over everything, from the first entry on, in slices of 30 entries. */
const whole = async () => ids(await watch.look({ entries: 30, full_every_ms: 0 }), 'full');
const fully = async () => (await database.query(JOURNAL_FINDINGS.I13)).rows;

/** Changes rows behind everybody's back, looks, and puts them back. */
async function broken<T>(tables: string[], statement: string, look: () => Promise<T>): Promise<T> {
  for (const table of tables) await superuser.query(`CREATE TEMP TABLE kept_${table} AS TABLE ${table}`);
  await superuser.query('SET session_replication_role = replica');
  try {
    expect((await superuser.query(statement)).rowCount).toBeGreaterThan(0);
    return await look();
  } finally {
    for (const table of tables) {
      await superuser.query(`DELETE FROM ${table}`);
      await superuser.query(`INSERT INTO ${table} SELECT * FROM kept_${table}`);
      await superuser.query(`DROP TABLE kept_${table}`);
    }
    await superuser.query('SET session_replication_role = origin');
  }
}
const MEMORY = ['ledger_checkpoint', 'ledger_mark'];
const one = async <T>(sql: string) => (await superuser.query(sql)).rows[0] as T;

test('what is right is right, in slices too, and a look at what is old costs nothing', async () => {
  await deposits(100);
  expect(await recent()).toEqual([]);
  expect(await whole()).toEqual([]);
  const marks = await one<{ steps: string[] }>("SELECT array_agg(DISTINCT step) AS steps FROM ledger_mark WHERE pass = 'full'");
  expect(marks.steps.sort()).toEqual(['begin', 'chains', 'end', 'postings', 'tables']);
  // Two passes, for the first look began one, over ten postings of 20 entries by two; and the step that begins them.
  expect(await one("SELECT count(*)::int AS n FROM ledger_mark WHERE pass = 'full' AND step = 'postings'")).toEqual({ n: 12 });
  const checks = await database.query<{ invariant: string }>("SELECT invariant FROM invariant_check WHERE pass = 'full' AND holds");
  expect(new Set(checks.rows.map((r) => r.invariant))).toEqual(new Set(Object.keys(INVARIANTS)));
  const { n: before } = await one<{ n: number }>("SELECT count(*)::int AS n FROM ledger_mark WHERE pass = 'continuous'");
  expect(await recent()).toEqual([]);
  expect(await one("SELECT count(*)::int AS n FROM ledger_mark WHERE pass = 'continuous'")).toEqual({ n: before });
  expect(await one('SELECT ledger_behind($$continuous$$)::int AS n')).toEqual({ n: 0 });
});

test('each look goes on where the last one ended', async () => {
  await deposits(25);
  const touched = "SELECT count(*)::int AS n FROM ledger_checkpoint WHERE pass = 'continuous' AND mark_id > $mark";
  const { mark } = await one<{ mark: string }>('SELECT max(id) AS mark FROM ledger_mark');
  expect(await recent()).toEqual([]);
  expect((await one<{ n: number }>(touched.replace('$mark', mark))).n).toBe(8);
  expect(await one("SELECT max(c.seq)::int AS seq FROM ledger_checkpoint c WHERE c.pass = 'continuous'")).toEqual({ seq: 125 });
  expect(await fully()).toEqual([]);
});

test('what is far behind is caught up by a pass over everything', async () => {
  await deposits(200, 40);
  expect(await recent()).toEqual([]);
  expect(await one("SELECT count(*)::int AS n FROM ledger_mark WHERE step = 'adopted'")).toEqual({ n: 3 });
  expect(await one('SELECT ledger_behind($$continuous$$)::int AS n')).toEqual({ n: 0 });
  expect(await fully()).toEqual([]);
});

describe('what is broken on purpose:', () => {
  test('an old entry is found by a pass over everything, and is behind the checkpoints', async () => {
    const change =
      'UPDATE journal_entry SET amount = amount + 1 WHERE (account_id, seq) = (SELECT account_id, 3 FROM journal_entry WHERE seq > 50 LIMIT 1)';
    await broken(['journal_entry', ...MEMORY], change, async () => {
      expect(await recent()).toEqual([]);
      expect(await whole()).toEqual(expect.arrayContaining(['I1', 'I13']));
      // And it stands, though the looks at what is new find nothing, until a pass finds it mended.
      expect(ids(await watch.look({ entries: 30, full_every_ms: NEVER }), 'full')).toContain('I13');
    });
    expect(await whole()).toEqual([]);
  });

  test.each([
    [
      'I1',
      'a new entry of another amount',
      'UPDATE journal_entry e SET amount = amount + 1 FROM new_entry n WHERE e.journal_id = n.journal_id AND e.line = 0',
    ],
    [
      'I4',
      'a new journal under an old key',
      'UPDATE journal SET key = (SELECT min(key) FROM journal) WHERE id = (SELECT max(journal_id) FROM new_entry)',
    ],
    ['I8', 'a new journal in another currency', "UPDATE journal SET currency = 'EUR' WHERE id = (SELECT max(journal_id) FROM new_entry)"],
    [
      'I13',
      'a new journal about something else',
      `UPDATE journal SET refs = '{"deposit_id": "x"}' WHERE id = (SELECT max(journal_id) FROM new_entry)`,
    ],
    ['I13', 'another head', "UPDATE ledger_account SET head = sha256('') WHERE code = 1010"],
    ['I11', 'another balance', 'UPDATE ledger_account SET balance = balance - 1 WHERE id = (SELECT max(account_id) FROM new_entry)'],
    ['I19', 'a lost entry', 'UPDATE ledger_account SET seq = seq + 1 WHERE code = 1010'],
    ['I24', 'a gap', 'UPDATE journal_entry e SET seq = seq + 5 FROM new_entry n WHERE e.journal_id = n.journal_id AND e.line = n.line'],
  ])('%s, %s is found at once, and looked at again until it is mended', async (invariant, _, statement) => {
    await deposits(3);
    await superuser.query(`CREATE OR REPLACE TEMP VIEW new_entry AS SELECT e.journal_id, e.line, e.account_id FROM journal_entry e JOIN ledger_account a ON a.id = e.account_id
      WHERE e.seq > COALESCE((SELECT c.seq FROM ledger_checkpoint c WHERE c.pass = 'continuous' AND c.account_id = e.account_id), 0)`);
    const without =
      invariant === 'I4' ? (await one<{ d: string }>("SELECT pg_get_indexdef('journal_key_key'::regclass) AS d")).d : undefined;
    if (without) await superuser.query('DROP INDEX journal_key_key');
    await broken(['ledger_account', 'journal', 'journal_entry'], statement, async () => {
      expect(await recent()).toContain(invariant);
      expect(await recent()).toContain(invariant);
    });
    if (without) await superuser.query(without);
    expect(await recent()).toEqual([]);
  });

  test('a balance that changed without an entry, behind the checkpoint', async () => {
    expect(await broken(['ledger_account'], 'UPDATE ledger_account SET balance = balance - 1 WHERE code = 2000', recent)).toContain('I11');
    expect(await recent()).toEqual([]);
  });

  test.each([
    ['the balance of a checkpoint', 'UPDATE ledger_checkpoint SET balance = balance + 1 WHERE pass = $$continuous$$'],
    ['its number', 'UPDATE ledger_checkpoint SET seq = seq - 1 WHERE pass = $$continuous$$'],
    [
      'its balance, sealed again by somebody who knows how',
      `UPDATE ledger_checkpoint c SET balance = c.balance + 1, seal = ledger_seal(c.pass, c.account_id, c.seq, c.balance + 1, c.head, m.hash)
       FROM ledger_mark m WHERE m.id = c.mark_id AND c.pass = 'continuous'`,
    ],
    ['a mark', "UPDATE ledger_mark SET position = position + 1 WHERE id = (SELECT max(id) FROM ledger_mark WHERE pass = 'continuous')"],
  ])('%s is found by the audit of everything and by its slices', async (_, statement) => {
    expect(await broken(MEMORY, statement, fully)).not.toEqual([]);
    expect(await broken(MEMORY, statement, whole)).toContain('I13');
    expect(await whole()).toEqual([]);
  });

  test('a changed checkpoint is not built upon', async () => {
    await deposits(3);
    const statement = 'UPDATE ledger_checkpoint SET balance = balance + 1 WHERE pass = $$continuous$$';
    expect(await broken(MEMORY, statement, recent)).toContain('I13');
    expect(await recent()).toEqual([]);
  });
});

test('a rebuild from the journal gives what is stored, and puts back what somebody changed', async () => {
  const owner = new Database({ url: server.url, max: 1 });
  const store = new RebuildStore(owner);
  const kept = (await superuser.query('SELECT * FROM ledger_account ORDER BY id')).rows;
  expect(await store.differences()).toEqual([]);
  await superuser.query("UPDATE ledger_account SET balance = balance - 1, head = sha256('') WHERE code = 2000");
  await superuser.query('UPDATE ledger_account SET seq = seq + 1 WHERE code = 1010');
  expect((await store.differences()).map((a) => [a.code, a.rebuilt_balance - a.balance, a.rebuilt_seq - a.seq, a.head_differs])).toEqual([
    [1010, 0n, -1n, false],
    ...Array(7).fill([2000, 1n, 0n, true]),
  ]);
  expect(await store.write()).toBe(8);
  expect((await superuser.query('SELECT * FROM ledger_account ORDER BY id')).rows).toEqual(kept);
  await owner.close();
});

test("the application's role cannot touch what the audit remembers", async () => {
  for (const sql of ['UPDATE ledger_checkpoint SET seq = 0', 'DELETE FROM ledger_mark', "SELECT ledger_mark_add('full', 'end', 0, '')"])
    await expect(database.query(sql)).rejects.toMatchObject({ code: '42501' });
});

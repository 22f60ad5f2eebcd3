import pg from 'pg';
import type { TestBroker } from '../support/broker.js';
import { type Breaker, breaker } from './breaking.js';
import { type Books, quietBooks } from './support.js';

let broker: TestBroker;
let ledger: Books;
let breaks: Breaker;
let superuser: pg.Client;
beforeAll(async () => {
  ({ broker, ledger } = await quietBooks());
  breaks = await breaker(broker, () => ledger.done_job);
  superuser = breaks.superuser;
});
afterAll(async () => {
  await breaks?.end();
  await broker?.close();
});
const broken: Breaker['broken'] = (...statements) => breaks.broken(...statements);
const without: Breaker['without'] = (...given) => breaks.without(...given);

const available = 'code = 2000 AND person_id = (SELECT person_id FROM job WHERE id = $1)';

test('books that are right break nothing', async () => {
  expect(await broker.broken()).toEqual([]);
  const [{ entries }] = (await broker.sql<{ entries: bigint }>('SELECT count(*) AS entries FROM journal_entry')) as [{ entries: bigint }];
  expect(entries).toBeGreaterThan(8n);
});

describe('what is broken on purpose is caught by its own name:', () => {
  test('I1, a journal that does not sum to zero', async () => {
    const names = await broken(
      'UPDATE journal_entry SET amount = amount + 1 WHERE (journal_id, line) = (SELECT journal_id, line FROM journal_entry ORDER BY 1, 2 LIMIT 1)',
    );
    expect(names).toEqual(expect.arrayContaining(['I1', 'I11']));
  });

  test('I1, a journal without entries', async () => {
    expect(await broken("INSERT INTO journal (key, kind, currency, content_hash) VALUES ('empty', 'deposit', 'USD', '')")).toEqual([
      'I1',
      'I13',
    ]);
  });

  test.each(['journal', 'journal_entry', 'ledger_posting'])('I2, %s without its append-only trigger', async (table) => {
    await superuser.query(`ALTER TABLE ${table} DISABLE TRIGGER i2_append_only`);
    expect(await broker.broken()).toEqual(['I2']);
    await superuser.query(`ALTER TABLE ${table} ENABLE TRIGGER i2_append_only`);
    expect(await broker.broken()).toEqual([]);
  });

  test('I2, the application may change the journal', async () => {
    for (const [right, table] of [
      ['UPDATE', 'journal'],
      ['INSERT', 'journal_entry'],
      ['UPDATE', 'ledger_account'],
    ]) {
      await superuser.query(`GRANT ${right} ON ${table} TO openheaps_app`);
      expect(await broker.broken()).toEqual(['I2']);
      await superuser.query(`REVOKE ${right} ON ${table} FROM openheaps_app`);
    }
  });

  test('I3, a floor that is gone', async () => {
    const names = await without('ledger_account', 'i3_credit_floor', () =>
      broken(`UPDATE ledger_account SET balance = 1 WHERE ${available}`),
    );
    expect(names).toEqual(expect.arrayContaining(['I3', 'I11', 'I14']));
    expect(await without('ledger_account', 'i3_debit_floor', () => broker.broken())).toEqual(['I3']);
  });

  test('I4, a key that stands twice', async () => {
    await superuser.query('DROP INDEX journal_key_key');
    expect(
      await broken(
        `INSERT INTO journal (key, kind, currency, content_hash) SELECT key, kind, currency, content_hash FROM journal WHERE kind = 'deposit' LIMIT 1`,
      ),
    ).toEqual(expect.arrayContaining(['I1', 'I4']));
    expect(await broker.broken()).toEqual(['I4']);
    await superuser.query('CREATE UNIQUE INDEX journal_key_key ON journal (key)');
  });

  test('I5, a hold that is open though its job is over', async () => {
    const names = await without('hold', 'i6_hold_parts', () =>
      broken("UPDATE hold SET state = 'HELD', returned = 0, resolved_at = NULL WHERE job_id = $1"),
    );
    expect(names).toEqual(['I5', 'I12', 'I17']);
  });

  test('I5, a hold that was given back twice', async () => {
    const names = await broken(
      `WITH twice AS (
         INSERT INTO journal (key, kind, currency, content_hash) SELECT key || ':again', kind, currency, content_hash FROM journal
         WHERE kind = 'return' LIMIT 1 RETURNING id, key
       )
       INSERT INTO journal_entry (journal_id, line, account_id, amount, seq) SELECT twice.id, e.line, e.account_id, e.amount, e.seq + 1000
       FROM twice JOIN journal j ON j.key || ':again' = twice.key JOIN journal_entry e ON e.journal_id = j.id`,
    );
    expect(names).toEqual(expect.arrayContaining(['I5', 'I11', 'I13', 'I24']));
  });

  test('I6, more captured than held', async () => {
    const names = await without('hold', 'i6_hold_parts', () => broken('UPDATE hold SET captured = amount + 1 WHERE job_id = $1'));
    expect(names).toEqual(['I6']);
  });

  test.each([
    ['a job', 'UPDATE job SET charged_micro = charged_micro + 1 WHERE id = $1'],
    ['a hold', 'UPDATE hold SET captured = captured - 1, returned = returned + 1 WHERE job_id = $1'],
    ['a capture', 'UPDATE capture SET gross = gross + 1, fee = fee + 1 WHERE job_id = $1'],
  ])('I6, %s that tells another charge than the others', async (_, statement) => {
    expect(await broken(statement)).toContain('I6');
  });

  test.each(['0', '4611686018427387904', '-4611686018427387904'])('I10, an entry of %s', async (amount) => {
    const names = await without('journal_entry', 'i10_amount', () =>
      broken(
        `UPDATE journal_entry SET amount = ${amount} WHERE (journal_id, line) = (SELECT journal_id, line FROM journal_entry ORDER BY 1, 2 LIMIT 1)`,
      ),
    );
    expect(names).toContain('I10');
  });

  test('I9, work for oneself that counts as earned from others', async () => {
    const own = 'UPDATE hold SET person_id = c.owner_id FROM capture c WHERE c.hold_id = hold.id';
    expect(await broken(own)).toEqual(['I9']);
    expect(await broken(own, 'UPDATE capture SET own_use = true')).toEqual([]);
  });

  test('I9, more released to an owner than others paid for', async () => {
    const names = await broken(
      `WITH a AS (INSERT INTO ledger_account (code, person_id, currency, balance)
         SELECT DISTINCT 2110, owner_id, 'USD', 0 FROM capture ON CONFLICT DO NOTHING),
       j AS (INSERT INTO journal (key, kind, currency, content_hash) VALUES ('slip', 'release', 'USD', '') RETURNING id)
       INSERT INTO ledger_account (code, currency, balance) SELECT 5030, 'USD', 0 FROM j`,
      `INSERT INTO journal_entry (journal_id, line, account_id, amount, seq)
       SELECT j.id, (row_number() OVER ())::int, a.id, CASE a.code WHEN 2110 THEN -5 ELSE 5 END, 1
       FROM journal j, (SELECT id, code FROM ledger_account WHERE code IN (2110, 5030)) AS a WHERE j.key = 'slip'`,
    );
    expect(names).toContain('I9');
  });

  test('I11 and I14, a balance that its entries do not explain', async () => {
    expect(await broken(`UPDATE ledger_account SET balance = balance - 5 WHERE ${available}`)).toEqual(['I11', 'I12', 'I14']);
  });

  test('I14, an account that stands for nothing is still in the trial balance', async () => {
    expect(await broken("INSERT INTO ledger_account (code, currency, balance) VALUES (3000, 'USD', -7)")).toEqual(['I11', 'I12', 'I14']);
  });

  test.each([
    ['held', "UPDATE hold SET amount = amount + 1, returned = returned WHERE state = 'HELD'", ['I12', 'I17']],
    ['pending', 'UPDATE capture SET net = net + 1, fee = fee - 1 WHERE job_id = $1', ['I17']],
    ['released too early', "UPDATE capture SET state = 'RELEASED', released_at = now() WHERE job_id = $1", ['I6', 'I12', 'I17']],
  ])('I17, %s money that the rows do not explain', async (_, statement, names) => {
    expect(await broken(statement)).toEqual(names);
  });

  test('I28, money in custody that nobody deposited', async () => {
    expect(await broken('DELETE FROM deposit')).toEqual(['I23', 'I28']);
  });

  test('I28, a deposit that never arrived', async () => {
    expect(await broken('UPDATE deposit SET amount = amount + 1')).toEqual(['I23', 'I28']);
  });

  test('and afterwards everything is as it was', async () => {
    expect(await broker.broken()).toEqual([]);
  });
});

describe('the database itself refuses', () => {
  const app = async (statement: string): Promise<{ code: string; constraint?: string }> => {
    const client = new pg.Client({ connectionString: broker.database_url, options: '-c role=openheaps_app' });
    await client.connect();
    try {
      await client.query(statement);
      throw new Error(`"${statement}" was done`);
    } catch (error) {
      return error as { code: string };
    } finally {
      await client.end();
    }
  };
  const INSUFFICIENT_PRIVILEGE = '42501';
  const CHECK_VIOLATION = '23514';

  test.each(['journal', 'journal_entry', 'round', 'attempt'])("the application's role every change of %s", async (table) => {
    const column = table === 'journal_entry' ? 'amount' : table === 'attempt' ? 'charge_micro' : 'created_at';
    const set = table === 'round' ? 'hash = hash' : `${column} = ${column}`;
    for (const statement of [`UPDATE ${table} SET ${set}`, `DELETE FROM ${table}`, `TRUNCATE ${table} CASCADE`])
      expect(await app(statement)).toMatchObject({ code: INSUFFICIENT_PRIVILEGE });
  });

  test('the superuser every change of the journal, by trigger', async () => {
    for (const statement of ['UPDATE journal_entry SET amount = amount', 'DELETE FROM journal', 'TRUNCATE journal_entry'])
      await expect(superuser.query(statement)).rejects.toMatchObject({ code: CHECK_VIOLATION, constraint: 'i2_append_only' });
  });

  test('a journal that does not balance, and one in two currencies', async () => {
    const post = (amounts: string) =>
      superuser.query(
        `WITH j AS (INSERT INTO journal (key, kind, currency, content_hash) VALUES ('bad', 'deposit', 'USD', '') RETURNING id)
         INSERT INTO journal_entry (journal_id, line, account_id, amount, seq)
         SELECT j.id, e.line, e.account, e.amount, 1000 + e.line FROM j, (VALUES ${amounts}) AS e(line, account, amount)`,
      );
    const rejection = { code: CHECK_VIOLATION, constraint: 'i1_journal_balances' };
    const [{ id: dollars }] = (await superuser.query('SELECT min(id) AS id FROM ledger_account')).rows;
    const [{ id: euros }] = (await superuser.query("INSERT INTO ledger_account (code, currency) VALUES (3000, 'EUR') RETURNING id")).rows;
    await expect(post(`(0, ${dollars}, 5), (1, ${dollars}, -4)`)).rejects.toMatchObject(rejection);
    await expect(post(`(0, ${dollars}, 5), (1, ${euros}, -5)`)).rejects.toMatchObject(rejection);
    await expect(post(`(0, ${dollars}, 0)`)).rejects.toMatchObject({ constraint: 'i10_amount' });
    expect(await broker.broken()).toEqual([]);
  });

  test("a balance below its floor, and a job's charge above its budget", async () => {
    await expect(superuser.query('UPDATE ledger_account SET balance = 1 WHERE code = 2000')).rejects.toMatchObject({
      constraint: 'i3_credit_floor',
    });
    await expect(superuser.query('UPDATE job SET charged_micro = budget_micro + 1')).rejects.toMatchObject({
      constraint: 'job_within_budget',
    });
  });
});

import { INVARIANTS, type InvariantId } from '#ledger';
import { AuditService } from '../../apps/broker/src/money/audit.service.js';
import type { TestBroker } from '../support/broker.js';
import { type Breaker, breaker } from './breaking.js';
import { type Books, quietBooks } from './support.js';

let broker: TestBroker;
let ledger: Books;
let breaks: Breaker;
beforeAll(async () => {
  ({ broker, ledger } = await quietBooks());
  breaks = await breaker(broker, () => ledger.done_job);
});
afterAll(async () => {
  await breaks?.end();
  await broker?.close();
});

/** A journal that sums to zero, chained to nothing, between two accounts of the heap. */
const slip = (kind: string, refs: string, id: string, [debit, credit]: readonly [number, number], amount = 5) => [
  `INSERT INTO ledger_account (code, currency) SELECT code, 'USD' FROM (VALUES (${debit}), (${credit})) AS c(code) ON CONFLICT DO NOTHING`,
  `INSERT INTO journal (id, key, kind, currency, content_hash, refs) VALUES (${id}, '${kind}:slip:${id}', '${kind}', 'USD', '', '${refs}')`,
  `INSERT INTO journal_entry (journal_id, line, account_id, amount, seq)
   SELECT ${id}, row_number() OVER () - 1, id, CASE code WHEN ${debit} THEN ${amount} ELSE -${amount} END, 900 + ${id} % 100
   FROM ledger_account WHERE code IN (${debit}, ${credit}) AND person_id IS NULL`,
];
const RIGHT = { debit: 5030, credit: 3000 };
const pair = [RIGHT.debit, RIGHT.credit] as const;

test('every invariant has a check that ran, in order, and each said so', async () => {
  const reports = await broker.app.get(AuditService).run();
  expect(reports.map(({ invariant }) => invariant)).toEqual(Object.keys(INVARIANTS));
  expect(reports.flatMap(({ breaches }) => breaches)).toEqual([]);
  const rows = await broker.sql<{ invariant: InvariantId; holds: boolean }>('SELECT invariant, holds FROM invariant_check');
  expect(new Set(rows.map(({ invariant }) => invariant))).toEqual(new Set(Object.keys(INVARIANTS)));
  expect(rows.every(({ holds }) => holds)).toBe(true);
});

describe('what is broken on purpose is caught by its own name:', () => {
  test.each<[InvariantId, string, string[]]>([
    ['I7', 'a paid attempt of an epoch that is over', ['UPDATE task SET epoch = epoch + 1 WHERE job_id = $1 AND index = 0']],
    ['I8', 'a journal in another currency than its accounts', ["UPDATE journal SET currency = 'EUR' WHERE kind = 'capture'"]],
    ['I12', 'a hold that the journal does not know', ["UPDATE hold SET id = gen_random_uuid() WHERE state = 'HELD'"]],
    ['I12', 'a capture that was never released', ["UPDATE capture SET state = 'RELEASED', released_at = now() WHERE job_id = $1"]],
    [
      'I12',
      'pay for a check that no journal tells of',
      [
        `INSERT INTO check_pay (check_id, job_id, lease_id, node_id, owner_id, amount, hold_code, release_at)
         VALUES (gen_random_uuid(), $1, gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), 5, 'verification', now())`,
      ],
    ],
    [
      'I29',
      'money that was released before its results were final',
      ["UPDATE capture SET state = 'RELEASED', released_at = now(), nth = 5, window_results = 300 WHERE job_id = $1"],
    ],
    [
      'I30',
      'a banned node that still holds money',
      [
        `INSERT INTO node_standing (node_id, owner_id, banned) SELECT DISTINCT node_id, owner_id, 'device' FROM lease WHERE job_id = $1
         ON CONFLICT (node_id) DO UPDATE SET banned = 'device'`,
        `UPDATE capture SET captured_at = now() - interval '1 hour' WHERE job_id = $1`,
      ],
    ],
    [
      'I30',
      'a wrong result that was not paid back',
      [
        `INSERT INTO refuted_result (job_id, index, epoch, node_id, check_id, reason_code, reason_sentence, right_verdict, right_fuel, right_output_hash, right_output_bytes)
         SELECT job_id, index, epoch, node_id, gen_random_uuid(), 'slip', '', 'ok', 1, '', 0 FROM attempt WHERE job_id = $1 AND outcome = 'accepted'`,
      ],
    ],
    [
      'I12',
      'a payout that no journal tells of',
      [
        `INSERT INTO payout (id, person_id, amount, provider, idempotency_key, request_hash, account_ref, reason_code, reason)
         VALUES (gen_random_uuid(), gen_random_uuid(), 5, 'simulated', 'slip', '', '', '', '')`,
      ],
    ],
    ['I13', 'an entry whose amount was changed', ['UPDATE journal_entry SET amount = amount * 2 WHERE seq = 1']],
    [
      'I13',
      'a journal that was moved to another time',
      ["UPDATE journal SET created_at = created_at - interval '1 day' WHERE kind = 'deposit'"],
    ],
    ['I13', 'a journal that is about something else', [`UPDATE journal SET refs = '{"hold_id": "x"}' WHERE kind = 'capture'`]],
    [
      'I13',
      'a posting that says something else',
      [`UPDATE ledger_posting SET digest = sha256('') WHERE id = (SELECT min(id) FROM ledger_posting)`],
    ],
    ['I13', 'a head that is not the end of its chain', ["UPDATE ledger_account SET head = '' WHERE code = 2400"]],
    [
      'I13',
      'a balanced pair added to an old journal, numbers, balances and chains kept',
      [
        `INSERT INTO journal_entry (journal_id, line, account_id, amount, seq)
         SELECT j.id, 90 + p.n, p.id, p.amount, p.seq + 1
         FROM (SELECT * FROM journal ORDER BY id LIMIT 1) AS j,
           (SELECT *, row_number() OVER () AS n, CASE code WHEN 2400 THEN 1 ELSE -1 END::bigint AS amount FROM ledger_account
            WHERE code IN (2400, 1000)) AS p`,
        `UPDATE ledger_posting p SET digest = d.digest, entries = d.entries FROM ledger_digests(0, 1000000) AS d WHERE d.posting_id = p.id`,
        `UPDATE ledger_account a SET seq = a.seq + 1, balance = balance + e.amount FROM journal_entry e WHERE e.account_id = a.id AND e.line > 90`,
        `UPDATE ledger_account a SET head = c.head FROM (
           SELECT l.account_id, ledger_chain('', p.digest, l.account_id, l.seq ORDER BY l.seq) AS head
           FROM (SELECT e.account_id, j.posting_id, max(e.seq) AS seq FROM journal_entry e JOIN journal j ON j.id = e.journal_id GROUP BY 1, 2) AS l
           JOIN ledger_posting p ON p.id = l.posting_id GROUP BY 1) AS c WHERE c.account_id = a.id`,
      ],
    ],
    [
      'I15',
      'an effect of another amount than the movement',
      [
        `INSERT INTO provider_transaction (id, type, amount, fee, net, available, happened_at) VALUES ('txn', 'charge', 5, 0, 5, true, now())`,
        `INSERT INTO provider_effect (object_id, effect, transaction_id, net) VALUES ('ch', 'settled', 'txn', 4)`,
      ],
    ],
    [
      'I15',
      'a movement that is called explained by nothing',
      [
        `INSERT INTO provider_transaction (id, type, amount, fee, net, available, happened_at, explained_at)
       VALUES ('txn', 'charge', 5, 0, 5, true, now(), now())`,
      ],
    ],
    ['I15', 'a balance that differs from ours', [`INSERT INTO provider_balance (currency, theirs, ours) VALUES ('USD', 5, 4)`]],
    [
      'I16',
      'a movement unexplained for two days',
      [
        `INSERT INTO provider_transaction (id, type, amount, fee, net, available, happened_at, suspended_at)
       VALUES ('txn', 'charge', 5, 0, 5, true, now(), now() - interval '2 days')`,
      ],
    ],
    [
      'I18',
      'a hold whose job was due yesterday',
      ["UPDATE job SET deadline = now() - interval '1 day' WHERE id = (SELECT job_id FROM hold WHERE state = 'HELD')"],
    ],
    ['I18', 'a hold without a job', ["DELETE FROM job WHERE id = (SELECT job_id FROM hold WHERE state = 'HELD')"]],
    ['I19', 'an account that lost a write', ['UPDATE ledger_account SET seq = seq + 1 WHERE code = 2400']],
    [
      'I20',
      'a capture that was written twice',
      [
        ...slip('capture', '{}', '8000001', pair),
        `UPDATE journal SET refs = (SELECT refs FROM journal WHERE kind = 'capture' AND id < 8000000 LIMIT 1) WHERE id = 8000001`,
      ],
    ],
    [
      'I21',
      'a payout of what was never earned',
      [
        `INSERT INTO payout (id, person_id, amount, provider, idempotency_key, request_hash, account_ref, reason_code, reason)
       SELECT gen_random_uuid(), owner_id, 1, 'simulated', 'slip', '', '', '', '' FROM capture LIMIT 1`,
      ],
    ],
    [
      'I22',
      'a lease whose small charges drifted by a micro-unit',
      ['UPDATE lease SET charged_micro = charged_micro + 1 WHERE job_id = $1'],
    ],
    ['I23', 'a deposit that came in without a journal', ['UPDATE deposit SET id = gen_random_uuid()']],
    [
      'I24',
      'a gap in the numbers of an account',
      ['UPDATE journal_entry SET seq = seq + 1000 WHERE account_id = (SELECT id FROM ledger_account WHERE code = 2400)'],
    ],
    ['I25', 'a reversal that names nothing', slip('deposit.reversed', '{"reverses": "nowhere"}', '8000002', pair)],
    [
      'I25',
      'a reversal of another amount',
      [
        ...slip('slip', '{}', '8000003', pair),
        ...slip('slip.reversed', '{"reverses": "slip:slip:8000003"}', '8000004', [RIGHT.credit, RIGHT.debit], 6),
      ],
    ],
    [
      'I26',
      'promotional money that is paid in cash',
      [
        `INSERT INTO ledger_account (code, person_id, currency) SELECT 2020, owner_id, 'USD' FROM capture LIMIT 1`,
        ...slip('release', '{}', '8000005', pair),
        `UPDATE journal_entry SET account_id = (SELECT id FROM ledger_account WHERE code = 2020) WHERE journal_id = 8000005 AND amount > 0`,
      ],
    ],
    [
      'I26',
      'a hold that gives back more own money than it took',
      [
        `INSERT INTO journal (id, key, kind, currency, content_hash, refs)
       SELECT 8000006, 'slip', 'return', currency, '', refs FROM journal WHERE kind = 'hold' LIMIT 1`,
        `INSERT INTO journal_entry (journal_id, line, account_id, amount, seq)
       SELECT 8000006, 0, id, -1000000000, 999 FROM ledger_account WHERE code = 2000 LIMIT 1`,
      ],
    ],
    ['I27', 'more refunded than was asked for', ['UPDATE deposit SET refunded = refunded + 1']],
  ])('%s, %s', async (invariant, _, statements) => {
    expect(await breaks.broken(...statements)).toContain(invariant);
  });

  test.each<[InvariantId, string]>([
    ['I4', 'journal_key_key'],
    ['I7', 'i7_attempt_accepted'],
    ['I24', 'i24_account_sequence'],
  ])('%s, %s is gone', async (invariant, index) => {
    const [row] = await broker.sql<{ definition: string }>('SELECT pg_get_indexdef($1::regclass) AS definition', [index]);
    await breaks.superuser.query(`DROP INDEX ${index}`);
    try {
      expect(await broker.broken()).toEqual([invariant]);
    } finally {
      await breaks.superuser.query(row?.definition ?? '');
    }
  });

  test('I1, a journal may be added to because its trigger is off', async () => {
    await breaks.superuser.query('ALTER TABLE journal_entry DISABLE TRIGGER i1_journal_balances');
    expect(await broker.broken()).toEqual(['I1']);
    await breaks.superuser.query('ALTER TABLE journal_entry ENABLE TRIGGER i1_journal_balances');
  });

  test('and afterwards everything is as it was', async () => {
    expect(await broker.broken()).toEqual([]);
  });
});

test('the database refuses lines that are added to an old journal, also from its owner', async () => {
  const added = `INSERT INTO journal_entry (journal_id, line, account_id, amount, seq)
    SELECT (SELECT min(id) FROM journal), n, (SELECT min(id) FROM ledger_account), CASE n WHEN 8 THEN 1 ELSE -1 END, 100 + n
    FROM generate_series(8, 9) AS n`;
  await expect(breaks.superuser.query(added)).rejects.toMatchObject({ constraint: 'i1_journal_balances' });
});

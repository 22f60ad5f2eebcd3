/**
 * What the journal must be by itself. Each query finds breaches as (subject, detail); sums are made by PostgreSQL over all rows, not over
 * samples.
 */
const GUARDED = "(VALUES ('journal'), ('journal_entry'), ('ledger_account'), ('ledger_posting')) AS t(name)";
const MAX = '9223372036854775807';

/** The entries of every journal as `contentOf` of the ledger's store reads them. */
const CONTENT = `SELECT e.journal_id, string_agg(a.code || '/' || COALESCE(a.person_id::text, '') || '=' || e.amount, E'\\n'
    ORDER BY (a.code || '/' || COALESCE(a.person_id::text, '') || '=' || e.amount) COLLATE "C") AS lines
  FROM journal_entry e JOIN ledger_account a ON a.id = e.account_id GROUP BY e.journal_id`;

/** The audit's marks are chained. */
export const MARKS = `SELECT 'mark ' || id AS subject, 'it is not what the audit wrote.' AS detail
  FROM (SELECT m.*, lag(hash, 1, ''::bytea) OVER (ORDER BY id) AS previous FROM ledger_mark m) AS m
  WHERE hash <> ledger_mark_hash(previous, id, pass, step, position, rows, made_at)`;

/** Its checkpoints are sealed, and the entries up to a checkpoint give what it says. */
const MEMORY = `${MARKS}
  UNION ALL
  SELECT 'checkpoint of account ' || c.account_id, 'it is not what the audit wrote.' FROM ledger_checkpoint c LEFT JOIN ledger_mark m ON m.id = c.mark_id
  WHERE c.seal IS DISTINCT FROM ledger_seal(c.pass, c.account_id, c.seq, c.balance, c.head, m.hash)
  UNION ALL
  SELECT 'checkpoint of account ' || c.account_id, 'it says ' || c.balance || ' at entry ' || c.seq || ', the entries say ' || COALESCE(l.balance::text, 'nothing') || '.'
  FROM ledger_checkpoint c LEFT JOIN (
    SELECT l.account_id, l.pass, sum(l.amount) AS balance, max(l.seq) AS seq, ledger_chain('', p.digest, l.account_id, l.seq ORDER BY l.seq) AS head
    FROM (SELECT c.pass, c.account_id, j.posting_id, max(e.seq) AS seq, sum(e.amount) AS amount
          FROM ledger_checkpoint c JOIN journal_entry e ON e.account_id = c.account_id AND e.seq <= c.seq JOIN journal j ON j.id = e.journal_id
          WHERE c.pass = 'continuous' GROUP BY 1, 2, 3) AS l JOIN ledger_posting p ON p.id = l.posting_id GROUP BY 1, 2) AS l
    ON l.account_id = c.account_id AND l.pass = c.pass
  WHERE c.pass = 'continuous' AND (l.balance IS DISTINCT FROM c.balance OR l.head IS DISTINCT FROM c.head OR l.seq IS DISTINCT FROM c.seq)`;

export const JOURNAL_FINDINGS = {
  I1: `SELECT 'journal ' || j.id AS subject, 'it sums to ' || COALESCE(sum(e.amount), 0) || ' over ' || count(e.line) || ' entries.' AS detail
    FROM journal j LEFT JOIN journal_entry e ON e.journal_id = j.id GROUP BY j.id HAVING COALESCE(sum(e.amount), 1) <> 0
    UNION ALL
    SELECT 'trigger i1_journal_balances', 'it is missing or switched off.' WHERE NOT EXISTS (
      SELECT 1 FROM pg_trigger WHERE tgrelid = 'journal_entry'::regclass AND tgname = 'i1_journal_balances' AND tgenabled IN ('O', 'A'))
    LIMIT 100`,

  // The append-only triggers, and rights that the application's role should not have.
  I2: `SELECT 'table ' || t.name AS subject, 'its append-only trigger is missing or switched off.' AS detail
    FROM (VALUES ('journal'), ('journal_entry'), ('ledger_posting')) AS t(name)
    WHERE NOT EXISTS (SELECT 1 FROM pg_trigger g WHERE g.tgrelid = t.name::regclass AND g.tgname = 'i2_append_only' AND g.tgenabled IN ('O', 'A'))
    UNION ALL
    SELECT 'table ' || t.name, 'the role openheaps_app may ' || p.name || '.'
    FROM ${GUARDED}, (VALUES ('INSERT'), ('UPDATE'), ('DELETE'), ('TRUNCATE')) AS p(name)
    WHERE EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'openheaps_app') AND has_table_privilege('openheaps_app', t.name, p.name)`,

  I3: `SELECT 'constraint ' || c.name AS subject, 'it is missing or not validated.' AS detail
    FROM (VALUES ('i3_credit_floor'), ('i3_debit_floor')) AS c(name)
    WHERE NOT EXISTS (SELECT 1 FROM pg_constraint p WHERE p.conname = c.name AND p.convalidated)
    UNION ALL
    SELECT 'account ' || code || COALESCE(' of ' || person_id, ''), 'its balance is ' || balance || '.' FROM ledger_account
    WHERE (code IN (2000, 2010, 2020, 2030, 2100, 2110, 2120, 2130, 2140, 2150, 2400) AND balance > 0)
       OR (code IN (1020, 1040, 1100, 1110) AND balance < 0)`,

  // What makes a key unique; and keys that nevertheless stand twice.
  I4: `SELECT 'index journal_key_key' AS subject, 'it is missing: keys are not unique.' AS detail
    WHERE NOT EXISTS (SELECT 1 FROM pg_index i WHERE i.indexrelid = to_regclass('journal_key_key') AND i.indisunique AND i.indisvalid)
    UNION ALL
    SELECT 'key ' || key, 'it stands ' || count(*) || ' times.' FROM journal GROUP BY key HAVING count(*) > 1`,

  I8: `SELECT 'journal ' || j.id AS subject, 'it is in ' || j.currency || ' and moves ' || string_agg(DISTINCT a.currency, ', ') || '.' AS detail
    FROM journal j JOIN journal_entry e ON e.journal_id = j.id JOIN ledger_account a ON a.id = e.account_id
    WHERE a.currency <> j.currency GROUP BY j.id LIMIT 100`,

  I10: `SELECT 'journal ' || e.journal_id AS subject, 'an entry of ' || e.amount || ' in ' || a.code || '.' AS detail
    FROM journal_entry e JOIN ledger_account a ON a.id = e.account_id
    WHERE e.amount = 0 OR abs(e.amount::numeric) >= 4611686018427387904
    UNION ALL
    SELECT 'constraint i10_amount', 'it is missing.' WHERE NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conname = 'i10_amount' AND convalidated)
    LIMIT 100`,

  // Each posting's digest from what it wrote, each account's head from the digests of its postings, each journal's content from its lines.
  I13: `SELECT 'posting ' || COALESCE(p.id, d.posting_id) AS subject, 'its digest is not that of the ' || COALESCE(d.entries, 0) || ' entries that it has.' AS detail
    FROM ledger_posting p FULL JOIN ledger_digests(0, ${MAX}) AS d ON d.posting_id = p.id
    WHERE p.digest IS DISTINCT FROM d.digest OR p.entries IS DISTINCT FROM d.entries
    UNION ALL
    SELECT 'account ' || a.id, 'its head is not the end of its chain.'
    FROM ledger_account a LEFT JOIN (
      SELECT l.account_id, ledger_chain('', p.digest, l.account_id, l.seq ORDER BY l.seq) AS head
      FROM (SELECT e.account_id, j.posting_id, max(e.seq) AS seq FROM journal_entry e JOIN journal j ON j.id = e.journal_id GROUP BY 1, 2) AS l
      JOIN ledger_posting p ON p.id = l.posting_id GROUP BY l.account_id) AS c ON c.account_id = a.id
    WHERE a.head <> COALESCE(c.head, ''::bytea)
    UNION ALL
    SELECT 'journal ' || j.id, 'its entries are not those that it was written with.'
    FROM journal j LEFT JOIN (${CONTENT}) AS c ON c.journal_id = j.id
    WHERE j.content_hash <> sha256(convert_to(concat_ws(E'\\n', j.kind, c.lines), 'UTF8'))
    UNION ALL
    ${MEMORY}
    LIMIT 100`,

  I19: `SELECT 'account ' || a.id AS subject, 'it counts ' || a.seq || ' entries, and there are ' || count(e.account_id) || '.' AS detail
    FROM ledger_account a LEFT JOIN journal_entry e ON e.account_id = a.id GROUP BY a.id HAVING count(e.account_id) <> a.seq LIMIT 100`,

  // One step of the business under two keys. Returns may come in parts, and have parts of their own (I5, I6).
  I20: `SELECT kind || ' of ' || subject AS subject, 'it was written ' || count(*) || ' times.' AS detail
    FROM (SELECT kind, COALESCE(refs->>'capture_id', refs->>'deposit_id', refs->>'hold_id', refs->>'payout_id', refs->>'dispute_id') AS subject
          FROM journal WHERE kind IN ('deposit', 'deposit.fee', 'deposit.clears', 'hold', 'void', 'capture', 'payout.requested', 'payout.rejected',
            'payout.sent', 'payout.confirmed', 'payout.failed', 'payout.returned', 'dispute.opened', 'dispute.won', 'dispute.lost')) AS steps
    WHERE subject IS NOT NULL GROUP BY kind, subject HAVING count(*) > 1 LIMIT 100`,

  I24: `SELECT 'account ' || account_id AS subject, 'entry ' || seq || ' stands at place ' || place || '.' AS detail
    FROM (SELECT account_id, seq, row_number() OVER (PARTITION BY account_id ORDER BY seq, journal_id, line) AS place FROM journal_entry) AS s
    WHERE seq <> place
    UNION ALL
    SELECT 'index i24_account_sequence', 'it is missing.'
    WHERE NOT EXISTS (SELECT 1 FROM pg_index i WHERE i.indexrelid = to_regclass('i24_account_sequence') AND i.indisunique AND i.indisvalid)
    LIMIT 100`,

  I25: `SELECT 'journal ' || r.id AS subject, CASE WHEN o.id IS NULL THEN 'it names no journal before it.' ELSE 'it does not undo journal ' || o.id || '.' END AS detail
    FROM journal r LEFT JOIN journal o ON o.key = r.refs->>'reverses' AND o.id < r.id
    WHERE r.kind LIKE '%.reversed' AND (o.id IS NULL OR EXISTS (
      SELECT 1 FROM journal_entry e WHERE e.journal_id IN (r.id, o.id) GROUP BY e.account_id HAVING sum(e.amount) <> 0))
    UNION ALL
    SELECT 'journal ' || (refs->>'reverses'), 'it is reversed ' || count(*) || ' times.' FROM journal
    WHERE kind LIKE '%.reversed' GROUP BY refs->>'reverses' HAVING count(*) > 1
    LIMIT 100`,

  // Promotional money comes by a grant, is held, and what a hold does not use goes back to where it came from.
  I26: `SELECT 'journal ' || j.id AS subject, 'a ' || j.kind || ' moves promotional money.' AS detail
    FROM journal j JOIN journal_entry e ON e.journal_id = j.id JOIN ledger_account a ON a.id = e.account_id
    WHERE a.code = 2020 AND j.kind NOT IN ('promo.grant', 'promo.expires', 'hold', 'void', 'return', 'refund', 'clawback')
      AND NOT (j.kind = 'release' AND e.amount < 0)
      AND j.kind NOT LIKE '%.reversed'
    UNION ALL
    SELECT 'hold ' || (j.refs->>'hold_id'), 'it took ' || -sum(e.amount) FILTER (WHERE j.kind IN ('hold', 'hold.raised')) || ' of own money and gave back '
      || COALESCE(sum(-e.amount) FILTER (WHERE j.kind IN ('void', 'return')), 0) || '.'
    FROM journal j JOIN journal_entry e ON e.journal_id = j.id JOIN ledger_account a ON a.id = e.account_id AND a.code = 2000
    WHERE j.kind IN ('hold', 'hold.raised', 'void', 'return') GROUP BY j.refs->>'hold_id' HAVING sum(e.amount) < 0
    UNION ALL
    SELECT 'person ' || g.person_id, 'has ' || COALESCE(-a.balance, 0) || ' promotional, and grants have ' || g.unused || ' left.'
    FROM (SELECT person_id, sum(amount - used - expired) AS unused FROM promo_grant GROUP BY person_id) g
    LEFT JOIN ledger_account a ON a.person_id = g.person_id AND a.code = 2020
    WHERE COALESCE(-a.balance, 0) <> g.unused
    LIMIT 100`,
} as const;

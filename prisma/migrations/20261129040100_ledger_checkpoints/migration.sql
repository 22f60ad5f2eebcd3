-- The audit's memory. A checkpoint says up to which entry an account was verified, with the balance and the head it had there; a mark
-- says what a step of the audit did, chained to the one before it. Both are written by the functions below alone (ADR 17).

-- CreateTable
CREATE TABLE "ledger_checkpoint" (
    "pass" TEXT NOT NULL,
    "account_id" BIGINT NOT NULL,
    "seq" BIGINT NOT NULL,
    "balance" BIGINT NOT NULL,
    "head" BYTEA NOT NULL,
    "mark_id" BIGINT NOT NULL,
    "seal" BYTEA NOT NULL,

    CONSTRAINT "ledger_checkpoint_pkey" PRIMARY KEY ("pass","account_id")
);

-- CreateTable
CREATE TABLE "ledger_mark" (
    "id" BIGSERIAL NOT NULL,
    "pass" TEXT NOT NULL,
    "step" TEXT NOT NULL,
    "position" BIGINT NOT NULL,
    "rows" BYTEA NOT NULL,
    "hash" BYTEA NOT NULL,
    "made_at" TIMESTAMPTZ(6) NOT NULL DEFAULT clock_timestamp(),

    CONSTRAINT "ledger_mark_pkey" PRIMARY KEY ("id")
);

-- AlterTable
ALTER TABLE "invariant_check" DROP CONSTRAINT "invariant_check_pkey",
ADD COLUMN "pass" TEXT NOT NULL DEFAULT 'full',
ADD CONSTRAINT "invariant_check_pkey" PRIMARY KEY ("invariant","pass");

ALTER TABLE ledger_checkpoint SET (fillfactor = 50);
-- The last step of a pass, where the next goes on.
CREATE INDEX ledger_mark_pass ON ledger_mark (pass, id);

CREATE FUNCTION ledger_mark_hash(previous bytea, id bigint, pass text, step text, "position" bigint, rows bytea, made_at timestamptz)
RETURNS bytea LANGUAGE sql STABLE AS $$
  SELECT sha256(previous || int8send(id) || convert_to(pass || E'\x1f' || step, 'UTF8') || int8send(position) || rows || timestamptz_send(made_at))
$$;

CREATE FUNCTION ledger_seal(pass text, account_id bigint, seq bigint, balance bigint, head bytea, mark bytea) RETURNS bytea LANGUAGE sql IMMUTABLE AS $$
  SELECT sha256(convert_to(pass, 'UTF8') || int8send(account_id) || int8send(seq) || int8send(balance) || head || mark)
$$;

CREATE FUNCTION ledger_mark_add(in_pass text, in_step text, in_position bigint, in_rows bytea) RETURNS ledger_mark LANGUAGE sql AS $$
  INSERT INTO ledger_mark (id, pass, step, position, rows, made_at, hash)
  SELECT n.id, in_pass, in_step, in_position, in_rows, n.at,
    ledger_mark_hash(COALESCE((SELECT m.hash FROM ledger_mark m ORDER BY m.id DESC LIMIT 1), ''), n.id, in_pass, in_step, in_position, in_rows, n.at)
  FROM (SELECT nextval('ledger_mark_id_seq') AS id, clock_timestamp() AS at) AS n
  RETURNING *
$$;

-- What a range of postings must be by itself.
CREATE FUNCTION ledger_postings_check(lo bigint, hi bigint) RETURNS TABLE (invariant text, subject text, detail text) LANGUAGE sql STABLE AS $$
  SELECT 'I1', 'journal ' || j.id, 'it sums to ' || COALESCE(sum(e.amount), 0) || ' over ' || count(e.line) || ' entries.'
  FROM journal j LEFT JOIN journal_entry e ON e.journal_id = j.id WHERE j.posting_id BETWEEN lo AND hi
  GROUP BY j.id HAVING COALESCE(sum(e.amount), 1) <> 0
  UNION ALL
  SELECT 'I4', 'key ' || j.key, 'it stands again in journal ' || o.id || '.'
  FROM journal j JOIN journal o ON o.key = j.key AND o.id <> j.id WHERE j.posting_id BETWEEN lo AND hi
  UNION ALL
  SELECT 'I8', 'journal ' || j.id, 'it is in ' || j.currency || ' and moves ' || string_agg(DISTINCT a.currency, ', ') || '.'
  FROM journal j JOIN journal_entry e ON e.journal_id = j.id JOIN ledger_account a ON a.id = e.account_id
  WHERE j.posting_id BETWEEN lo AND hi AND a.currency <> j.currency GROUP BY j.id
  UNION ALL
  SELECT 'I10', 'journal ' || j.id, 'an entry of ' || e.amount || '.'
  FROM journal j JOIN journal_entry e ON e.journal_id = j.id
  WHERE j.posting_id BETWEEN lo AND hi AND (e.amount = 0 OR abs(e.amount::numeric) >= 4611686018427387904)
  UNION ALL
  SELECT 'I13', 'posting ' || COALESCE(p.id, d.posting_id), 'its digest is not that of the ' || COALESCE(d.entries, 0) || ' entries that it has.'
  FROM (SELECT * FROM ledger_posting WHERE id BETWEEN lo AND hi) AS p FULL JOIN ledger_digests(lo, hi) AS d ON d.posting_id = p.id
  WHERE p.digest IS DISTINCT FROM d.digest OR p.entries IS DISTINCT FROM d.entries
  UNION ALL
  SELECT 'I13', 'journal ' || j.id, 'its entries are not those that it was written with.'
  FROM journal j LEFT JOIN LATERAL (
    SELECT string_agg(l.line, E'\n' ORDER BY l.line COLLATE "C") AS lines
    FROM (SELECT a.code || '/' || COALESCE(a.person_id::text, '') || '=' || e.amount AS line
          FROM journal_entry e JOIN ledger_account a ON a.id = e.account_id WHERE e.journal_id = j.id) AS l) AS c ON true
  WHERE j.posting_id BETWEEN lo AND hi AND j.content_hash <> sha256(convert_to(concat_ws(E'\n', j.kind, c.lines), 'UTF8'))
$$;

-- Starts a pass over everything.
CREATE FUNCTION ledger_full_begin() RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  DELETE FROM ledger_checkpoint WHERE pass = 'full';
  PERFORM ledger_mark_add('full', 'begin', 0, '');
END $$;

-- Says that a step of the full pass which needs no checkpoint is done.
CREATE FUNCTION ledger_full_step(in_step text, in_position bigint) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM ledger_mark_add('full', in_step, in_position, '');
END $$;

-- The next slice of the full pass over postings, of at most `most` entries (one posting at least). @returns its end, null after the last.
CREATE FUNCTION ledger_next_postings(after bigint, most bigint) RETURNS bigint LANGUAGE sql STABLE AS $$
  SELECT max(s.id) FROM (
    SELECT id, sum(entries) OVER (ORDER BY id) - entries AS before FROM (SELECT id, entries FROM ledger_posting WHERE id > after ORDER BY id LIMIT most) AS p
  ) AS s WHERE s.before < most
$$;

-- Entries that a pass has not seen.
CREATE FUNCTION ledger_behind(in_pass text) RETURNS bigint LANGUAGE sql STABLE AS $$
  SELECT COALESCE(sum(a.seq - COALESCE(c.seq, 0)), 0)::bigint FROM ledger_account a LEFT JOIN ledger_checkpoint c ON c.pass = in_pass AND c.account_id = a.id
  WHERE a.seq > COALESCE(c.seq, 0)
$$;

-- Goes on from the checkpoints of a pass, over at most about `most` entries: numbers without a gap, the chain, balance and head where the
-- account is caught up. The continuous pass looks at the postings it meets as well, and stays where it is when something is broken; the
-- full one sees all postings afterwards, compares the continuous checkpoints on its way, and goes on. On one snapshot.
CREATE FUNCTION ledger_verify(in_pass text, most bigint) RETURNS TABLE (invariant text, subject text, detail text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
#variable_conflict use_column
DECLARE
  ids bigint[]; froms bigint[]; tos bigint[]; cuts boolean[]; heads bytea[]; balances bigint[];
  r_id bigint[]; r_first bigint[]; r_last bigint[]; r_entries bigint[]; r_before bigint[]; r_head bytea[]; r_balance bigint[];
  lo bigint; hi bigint; n bigint; breaches bigint := 0; mark ledger_mark;
BEGIN
  IF current_setting('transaction_isolation') <> 'repeatable read' THEN
    RAISE EXCEPTION 'ledger_verify compares several reads: call it in a transaction of isolation level repeatable read';
  END IF;

  RETURN QUERY SELECT CASE WHEN a.seq <> c.seq THEN 'I24' WHEN a.balance <> c.balance THEN 'I11' ELSE 'I13' END, 'account ' || a.id,
    'it was at entry ' || c.seq || ' with ' || c.balance || ' and is at ' || a.seq || ' with ' || a.balance || '.'
  FROM ledger_account a JOIN ledger_checkpoint c ON c.pass = in_pass AND c.account_id = a.id
  WHERE a.seq < c.seq OR (a.seq = c.seq AND (a.balance <> c.balance OR a.head <> c.head));
  GET DIAGNOSTICS n = ROW_COUNT; breaches := breaches + n;

  SELECT array_agg(s.id ORDER BY s.id), array_agg(s.from_seq ORDER BY s.id), array_agg(s.to_seq ORDER BY s.id), array_agg(s.to_seq < s.seq ORDER BY s.id),
    array_agg(s.head ORDER BY s.id), array_agg(s.balance ORDER BY s.id)
    INTO ids, froms, tos, cuts, heads, balances
  FROM (SELECT a.id, a.seq, COALESCE(c.seq, 0) AS from_seq, LEAST(a.seq, COALESCE(c.seq, 0) + most) AS to_seq, COALESCE(c.head, '') AS head,
          COALESCE(c.balance, 0) AS balance, sum(LEAST(a.seq - COALESCE(c.seq, 0), most)) OVER (ORDER BY a.id) AS running
        FROM ledger_account a LEFT JOIN ledger_checkpoint c ON c.pass = in_pass AND c.account_id = a.id
        WHERE a.seq > COALESCE(c.seq, 0)) AS s
  WHERE s.running - (s.to_seq - s.from_seq) < most;
  IF ids IS NULL THEN RETURN; END IF;
  -- A slice that would end within a posting goes on to the end of it: that is where the next link is.
  FOR i IN 1 .. cardinality(ids) LOOP
    CONTINUE WHEN NOT cuts[i];
    tos[i] := (SELECT COALESCE(max(y.seq), tos[i]) FROM (SELECT p.id, p.entries FROM journal_entry z JOIN journal k ON k.id = z.journal_id JOIN ledger_posting p ON p.id = k.posting_id
          WHERE z.account_id = ids[i] AND z.seq = tos[i]) AS p
    JOIN journal_entry y ON y.account_id = ids[i] AND y.seq BETWEEN tos[i] AND tos[i] + p.entries JOIN journal j ON j.id = y.journal_id AND j.posting_id = p.id);
  END LOOP;

  -- Nothing is built on a checkpoint that somebody changed.
  RETURN QUERY SELECT 'I13', 'checkpoint of account ' || c.account_id, 'it is not what the audit wrote.'
  FROM ledger_checkpoint c LEFT JOIN ledger_mark m ON m.id = c.mark_id
  WHERE c.pass = in_pass AND c.account_id = ANY (ids) AND c.seal IS DISTINCT FROM ledger_seal(c.pass, c.account_id, c.seq, c.balance, c.head, m.hash);
  GET DIAGNOSTICS n = ROW_COUNT; breaches := breaches + n;

  WITH e AS (
    SELECT s.n, s.id, j.posting_id, x.seq, x.amount
    FROM unnest(ids, froms, tos) WITH ORDINALITY AS s(id, from_seq, to_seq, n)
    CROSS JOIN LATERAL (SELECT y.journal_id, y.seq, y.amount FROM journal_entry y WHERE y.account_id = s.id AND y.seq > s.from_seq AND y.seq <= s.to_seq) AS x
    JOIN journal j ON j.id = x.journal_id
  ), l AS (
    SELECT n, id, posting_id, min(seq) AS first, max(seq) AS last, count(*) AS entries, sum(amount)::bigint AS amount FROM e GROUP BY n, id, posting_id
  ), r AS (
    SELECT l.*, lag(l.last, 1, froms[l.n]) OVER o AS before, ledger_chain(heads[l.n], p.digest, l.id, l.last) OVER o AS head,
      (balances[l.n] + sum(l.amount) OVER o)::bigint AS balance
    FROM l LEFT JOIN ledger_posting p ON p.id = l.posting_id WINDOW o AS (PARTITION BY l.id ORDER BY l.last)
  )
  SELECT array_agg(id ORDER BY id, last), array_agg(first ORDER BY id, last), array_agg(last ORDER BY id, last), array_agg(entries ORDER BY id, last),
    array_agg(before ORDER BY id, last), array_agg(head ORDER BY id, last), array_agg(balance ORDER BY id, last), min(posting_id), max(posting_id)
    INTO r_id, r_first, r_last, r_entries, r_before, r_head, r_balance, lo, hi FROM r;

  RETURN QUERY SELECT 'I24', 'account ' || l.id, 'entries ' || l.first || ' to ' || l.last || ' follow entry ' || l.before || '.'
  FROM unnest(r_id, r_first, r_last, r_entries, r_before) AS l(id, first, last, entries, before)
  WHERE l.first <> l.before + 1 OR l.entries <> l.last - l.first + 1;
  GET DIAGNOSTICS n = ROW_COUNT; breaches := breaches + n;

  RETURN QUERY SELECT 'I19', 'account ' || s.id, 'it counts entries up to ' || s.to_seq || ', and they end at ' || COALESCE(e.last, s.from_seq) || '.'
  FROM unnest(ids, froms, tos, cuts) AS s(id, from_seq, to_seq, cut)
  LEFT JOIN (SELECT l.id, max(l.last) AS last FROM unnest(r_id, r_last) AS l(id, last) GROUP BY l.id) AS e ON e.id = s.id
  WHERE NOT s.cut AND e.last IS DISTINCT FROM s.to_seq;
  GET DIAGNOSTICS n = ROW_COUNT; breaches := breaches + n;

  RETURN QUERY SELECT 'I24', 'account ' || s.id, 'it has entries beyond its last, number ' || s.to_seq || '.'
  FROM unnest(ids, tos, cuts) AS s(id, to_seq, cut)
  WHERE NOT s.cut AND EXISTS (SELECT 1 FROM journal_entry y WHERE y.account_id = s.id AND y.seq > s.to_seq);
  GET DIAGNOSTICS n = ROW_COUNT; breaches := breaches + n;

  RETURN QUERY SELECT x.invariant, 'account ' || a.id, x.detail
  FROM unnest(r_id, r_last, r_head, r_balance) AS l(id, last, head, balance) JOIN ledger_account a ON a.id = l.id AND a.seq = l.last
  CROSS JOIN LATERAL (
    SELECT 'I13' AS invariant, 'its head is not the end of its chain.' AS detail WHERE a.head IS DISTINCT FROM l.head
    UNION ALL SELECT i.name, 'the balance says ' || a.balance || ', the entries ' || l.balance || '.' FROM (VALUES ('I11'), ('I12')) AS i(name) WHERE a.balance <> l.balance
  ) AS x;
  GET DIAGNOSTICS n = ROW_COUNT; breaches := breaches + n;

  IF in_pass = 'full' THEN
    RETURN QUERY SELECT 'I13', 'checkpoint of account ' || c.account_id, 'it says ' || c.balance || ' at entry ' || c.seq || ', the entries say ' || COALESCE(l.balance::text, 'nothing') || '.'
    FROM unnest(ids, froms, tos, cuts) AS s(id, from_seq, to_seq, cut)
    JOIN ledger_checkpoint c ON c.pass = 'continuous' AND c.account_id = s.id AND c.seq > s.from_seq
      AND c.seq <= (SELECT max(l.last) FROM unnest(r_id, r_last) AS l(id, last) WHERE l.id = s.id)
    LEFT JOIN unnest(r_id, r_last, r_head, r_balance) AS l(id, last, head, balance) ON l.id = c.account_id AND l.last = c.seq
    WHERE l.balance IS DISTINCT FROM c.balance OR l.head IS DISTINCT FROM c.head;
  ELSIF lo IS NOT NULL THEN
    RETURN QUERY SELECT * FROM ledger_postings_check(lo, hi);
    GET DIAGNOSTICS n = ROW_COUNT; breaches := breaches + n;
    IF breaches > 0 THEN RETURN; END IF;
  END IF;
  IF r_id IS NULL THEN RETURN; END IF;

  SELECT * INTO mark FROM ledger_mark_add(in_pass, 'chains', hi, sha256(array_send(r_id) || array_send(r_last) || array_send(r_balance) || array_send(r_head)));
  INSERT INTO ledger_checkpoint (pass, account_id, seq, balance, head, mark_id, seal)
  SELECT in_pass, l.id, l.last, l.balance, l.head, mark.id, ledger_seal(in_pass, l.id, l.last, l.balance, l.head, mark.hash)
  FROM (SELECT DISTINCT ON (l.id) l.id, l.last, l.balance, COALESCE(l.head, '') AS head
        FROM unnest(r_id, r_last, r_balance, r_head) AS l(id, last, balance, head) ORDER BY l.id, l.last DESC) AS l
  ON CONFLICT (pass, account_id) DO UPDATE SET seq = excluded.seq, balance = excluded.balance, head = excluded.head, mark_id = excluded.mark_id, seal = excluded.seal;
END $$;

-- The continuous pass goes on from where the full one came, if that is further: a heap that has no checkpoints, or old ones, need not
-- come there by looks at what is new.
CREATE FUNCTION ledger_adopt() RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  mark ledger_mark;
BEGIN
  SELECT * INTO mark FROM ledger_mark_add('continuous', 'adopted', 0, '');
  INSERT INTO ledger_checkpoint (pass, account_id, seq, balance, head, mark_id, seal)
  SELECT 'continuous', f.account_id, f.seq, f.balance, f.head, mark.id, ledger_seal('continuous', f.account_id, f.seq, f.balance, f.head, mark.hash)
  FROM ledger_checkpoint f LEFT JOIN ledger_checkpoint c ON c.pass = 'continuous' AND c.account_id = f.account_id
  WHERE f.pass = 'full' AND f.seq > COALESCE(c.seq, 0)
  ON CONFLICT (pass, account_id) DO UPDATE SET seq = excluded.seq, balance = excluded.balance, head = excluded.head, mark_id = excluded.mark_id, seal = excluded.seal;
END $$;

-- The application asks for steps of the audit; what the audit remembers it cannot touch.
DO $$
BEGIN
  REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON ledger_checkpoint, ledger_mark FROM openheaps_app;
  REVOKE ALL ON FUNCTION ledger_mark_add, ledger_full_begin, ledger_full_step, ledger_adopt, ledger_verify FROM PUBLIC;
  GRANT EXECUTE ON FUNCTION ledger_full_begin, ledger_full_step, ledger_adopt, ledger_verify TO openheaps_app;
EXCEPTION WHEN undefined_object THEN
  RAISE NOTICE 'there is no role openheaps_app: the audit''s memory is not kept from the application';
END $$;

-- Rows are looked up one by one, by index: a join of a few entries with the whole ledger may be planned as a scan of the ledger, and is
-- while its statistics are young.
CREATE OR REPLACE FUNCTION check_journals_balance() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  bad record;
BEGIN
  SELECT f.journal_id, sum(f.amount) AS total, count(*) AS lines INTO bad
  FROM fresh f
  GROUP BY f.journal_id
  HAVING sum(f.amount) <> 0 OR min(f.line) <> 0 OR max(f.line) <> count(*) - 1
    OR bool_or((SELECT a.currency FROM ledger_account a WHERE a.id = f.account_id) <> (SELECT j.currency FROM journal j WHERE j.id = f.journal_id))
  LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'journal % is not whole: % over % lines, or in another currency', bad.journal_id, bad.total, bad.lines
      USING ERRCODE = 'check_violation', CONSTRAINT = 'i1_journal_balances';
  END IF;
  RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION ledger_post(
  in_currency text, in_keys text[], in_kinds text[], in_hashes text[], in_jobs uuid[], in_leases uuid[], in_refs jsonb[],
  p_code int[], p_person uuid[], e_of int[], e_line int[], e_place int[], e_amount bigint[]
) RETURNS text[] LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  ids bigint[];
  digests bytea[];
  fresh text[];
  reused text;
  a_id bigint[];
  a_seq bigint[];
  a_head bytea[];
  a_delta bigint[];
  out_journal bigint[] := '{}';
  out_line int[] := '{}';
  out_account bigint[] := '{}';
  out_amount bigint[] := '{}';
  out_seq bigint[] := '{}';
  out_hash bytea[] := '{}';
  place int := 0;
  n bigint;
  h bytea;
  d bigint;
  journal_id bigint;
BEGIN
  WITH written AS (
    INSERT INTO journal (key, kind, currency, content_hash, job_id, lease_id, refs)
    SELECT t.key, t.kind, in_currency, t.hash, t.job_id, t.lease_id, t.refs
    FROM unnest(in_keys, in_kinds, in_hashes, in_jobs, in_leases, in_refs) WITH ORDINALITY AS t(key, kind, hash, job_id, lease_id, refs, n)
    ORDER BY t.n
    ON CONFLICT (key) DO NOTHING
    RETURNING *
  )
  SELECT array_agg(w.id ORDER BY k.n), array_agg(w.key) FILTER (WHERE w.id IS NOT NULL), array_agg(CASE WHEN w.id IS NOT NULL THEN
      journal_digest(w.id, w.created_at, w.kind, w.currency, w.content_hash, w.job_id, w.lease_id, w.refs, w.key) END ORDER BY k.n)
    INTO ids, fresh, digests
  FROM unnest(in_keys) WITH ORDINALITY AS k(key, n) LEFT JOIN written w ON w.key = k.key;

  IF COALESCE(cardinality(fresh), 0) < cardinality(in_keys) THEN
    SELECT k.key INTO reused FROM unnest(in_keys, in_hashes) AS k(key, hash) JOIN journal j ON j.key = k.key WHERE j.content_hash <> k.hash LIMIT 1;
    IF FOUND THEN
      RAISE EXCEPTION 'key % was used for another journal', reused USING ERRCODE = 'unique_violation', CONSTRAINT = 'i4_key_reused', DETAIL = reused;
    END IF;
    IF fresh IS NULL THEN RETURN '{}'; END IF;
  END IF;

  FOR attempt IN 1 .. 2 LOOP
    SELECT array_agg(CASE WHEN p.person IS NULL
        THEN (SELECT a.id FROM ledger_account a WHERE a.code = p.code AND a.person_id IS NULL AND a.currency = in_currency)
        ELSE (SELECT a.id FROM ledger_account a WHERE a.code = p.code AND a.person_id = p.person AND a.currency = in_currency) END ORDER BY p.n)
      INTO a_id
    FROM unnest(p_code, p_person) WITH ORDINALITY AS p(code, person, n);
    EXIT WHEN array_position(a_id, NULL) IS NULL;
    INSERT INTO ledger_account (code, person_id, currency)
    SELECT p.code, p.person, in_currency FROM unnest(p_code, p_person) AS p(code, person) ORDER BY p.code, p.person
    ON CONFLICT DO NOTHING;
  END LOOP;
  SELECT array_agg(l.seq ORDER BY p.n), array_agg(l.head ORDER BY p.n), array_agg(0::bigint) INTO a_seq, a_head, a_delta
  FROM unnest(a_id) WITH ORDINALITY AS p(id, n)
  JOIN (SELECT a.id, a.seq, a.head FROM ledger_account a WHERE a.id = ANY(a_id) ORDER BY a.id FOR NO KEY UPDATE) AS l ON l.id = p.id;

  FOR i IN 1 .. cardinality(e_of) LOOP
    journal_id := ids[e_of[i]];
    CONTINUE WHEN journal_id IS NULL;
    IF e_place[i] <> place THEN
      IF place > 0 THEN
        a_seq[place] := n;
        a_head[place] := h;
        a_delta[place] := d;
      END IF;
      place := e_place[i];
      n := a_seq[place];
      h := a_head[place];
      d := 0;
    END IF;
    n := n + 1;
    d := d + e_amount[i];
    -- entry_hash(), written out: a call would cost more than the hash.
    h := sha256(h || digests[e_of[i]] || int8send(a_id[place]) || int8send(n) || int8send(e_amount[i]) || int4send(e_line[i]));
    out_journal := out_journal || journal_id;
    out_line := out_line || e_line[i];
    out_account := out_account || a_id[place];
    out_amount := out_amount || e_amount[i];
    out_seq := out_seq || n;
    out_hash := out_hash || h;
  END LOOP;
  a_seq[place] := n;
  a_head[place] := h;
  a_delta[place] := d;

  -- The balance first: a floor that would break is the refusal that callers expect.
  UPDATE ledger_account a SET balance = a.balance + p.delta, seq = p.seq, head = p.head
  FROM unnest(a_id, a_delta, a_seq, a_head) AS p(id, delta, seq, head) WHERE a.id = p.id;
  INSERT INTO journal_entry (journal_id, line, account_id, amount, seq, hash)
  SELECT * FROM unnest(out_journal, out_line, out_account, out_amount, out_seq, out_hash);
  RETURN fresh;
END $$;

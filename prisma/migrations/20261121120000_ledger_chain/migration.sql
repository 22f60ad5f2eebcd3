-- Every account numbers its entries from 1 without a gap (I24) and chains them by hashes (I13); the journal tells what it is about; and
-- one function is the only way to write, so that the application's role needs no right to change anything in the ledger.

-- AlterTable
ALTER TABLE "journal" ADD COLUMN "refs" JSONB NOT NULL DEFAULT '{}';

-- AlterTable
ALTER TABLE "journal_entry" ADD COLUMN "hash" BYTEA,
ADD COLUMN "seq" BIGINT;

-- AlterTable
ALTER TABLE "ledger_account" ADD COLUMN "head" BYTEA NOT NULL DEFAULT '\x',
ADD COLUMN "seq" BIGINT NOT NULL DEFAULT 0;

-- What a journal says, without its entries. The entries' hashes cover it, so nothing of it can change unnoticed.
CREATE FUNCTION journal_digest(id bigint, created_at timestamptz, kind text, currency text, content_hash text, job_id uuid, lease_id uuid, refs jsonb, key text)
RETURNS bytea LANGUAGE sql STABLE AS $$
  SELECT sha256(int8send(id) || timestamptz_send(created_at) || convert_to(
    concat_ws(E'\x1f', kind, currency, content_hash, COALESCE(job_id::text, ''), COALESCE(lease_id::text, ''), refs::text, key), 'UTF8'))
$$;

-- The next link of an account's chain. Each journal ties the chains of its accounts together.
CREATE FUNCTION entry_hash(previous bytea, digest bytea, account_id bigint, seq bigint, amount bigint, line int)
RETURNS bytea LANGUAGE sql STABLE AS $$
  SELECT sha256(previous || digest || int8send(account_id) || int8send(seq) || int8send(amount) || int4send(line))
$$;

-- The entries that are there already, in the order in which their journals were written.
ALTER TABLE journal_entry DISABLE TRIGGER i2_append_only;
DO $$
DECLARE
  r record;
  account bigint := 0;
  n bigint;
  h bytea;
BEGIN
  FOR r IN SELECT e.journal_id, e.line, e.account_id, e.amount,
      journal_digest(j.id, j.created_at, j.kind, j.currency, j.content_hash, j.job_id, j.lease_id, j.refs, j.key) AS digest
    FROM journal_entry e JOIN journal j ON j.id = e.journal_id ORDER BY e.account_id, e.journal_id, e.line
  LOOP
    IF r.account_id <> account THEN
      IF account <> 0 THEN UPDATE ledger_account SET seq = n, head = h WHERE id = account; END IF;
      account := r.account_id;
      n := 0;
      h := '\x';
    END IF;
    n := n + 1;
    h := entry_hash(h, r.digest, r.account_id, n, r.amount, r.line);
    UPDATE journal_entry SET seq = n, hash = h WHERE journal_id = r.journal_id AND line = r.line;
  END LOOP;
  IF account <> 0 THEN UPDATE ledger_account SET seq = n, head = h WHERE id = account; END IF;
END $$;
ALTER TABLE journal_entry ENABLE TRIGGER i2_append_only;

-- AlterTable
ALTER TABLE "journal_entry" ALTER COLUMN "hash" SET NOT NULL,
ALTER COLUMN "seq" SET NOT NULL;

-- DropIndex
DROP INDEX "journal_entry_account_id_idx";

-- CreateIndex
CREATE UNIQUE INDEX "i24_account_sequence" ON "journal_entry"("account_id", "seq");

-- A balance is written with every entry: room on its page keeps the update off the indexes.
ALTER TABLE ledger_account SET (fillfactor = 50);

-- I1 and I8, and more than before: a journal comes with all of its lines in one statement, so that nothing is added to an old one.
CREATE OR REPLACE FUNCTION check_journals_balance() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  bad record;
BEGIN
  SELECT f.journal_id, sum(f.amount) AS total, count(*) AS lines INTO bad
  FROM fresh f JOIN ledger_account a ON a.id = f.account_id JOIN journal j ON j.id = f.journal_id
  GROUP BY f.journal_id
  HAVING sum(f.amount) <> 0 OR min(f.line) <> 0 OR max(f.line) <> count(*) - 1 OR bool_or(a.currency <> j.currency)
  LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'journal % is not whole: % over % lines, or in another currency', bad.journal_id, bad.total, bad.lines
      USING ERRCODE = 'check_violation', CONSTRAINT = 'i1_journal_balances';
  END IF;
  RETURN NULL;
END $$;

-- Writes journals: however many, one statement of the caller. Journals whose key is known with the same content are left out; with other
-- content they are an error (I4). `e_of` and `e_place` are places in the arrays of journals and accounts, from 1; the entries come
-- sorted by account. Accounts are locked in the order of their ids, the same for everybody, after the missing zero rows were made.
CREATE FUNCTION ledger_post(
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
    SELECT array_agg(COALESCE(own.id, heap.id) ORDER BY p.n) INTO a_id
    FROM unnest(p_code, p_person) WITH ORDINALITY AS p(code, person, n)
    LEFT JOIN ledger_account own ON own.code = p.code AND own.person_id = p.person AND own.currency = in_currency
    LEFT JOIN ledger_account heap ON p.person IS NULL AND heap.code = p.code AND heap.person_id IS NULL AND heap.currency = in_currency;
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

-- I2: the application's role adds to the ledger by the function alone; nobody else but the owner may call it.
DO $$
BEGIN
  REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON journal, journal_entry, ledger_account FROM openheaps_app;
  REVOKE ALL ON FUNCTION ledger_post FROM PUBLIC;
  GRANT EXECUTE ON FUNCTION ledger_post TO openheaps_app;
EXCEPTION WHEN undefined_object THEN
  RAISE NOTICE 'there is no role openheaps_app: the ledger is guarded by its triggers alone';
END $$;

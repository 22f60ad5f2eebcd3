-- The ledger is written by sets: a posting is what one call of `ledger_post` writes, one statement for each table however many journals it
-- has. The chain of an account has one link for each posting that moved it, over the digest of the whole posting (ADR 17).

-- The chains that are there must hold before they are tied anew: otherwise this migration would make a forgery look right.
DO $$
DECLARE
  broken text;
BEGIN
  SELECT 'entry ' || c.seq || ' of account ' || c.account_id INTO broken
  FROM (SELECT e.*, lag(e.hash, 1, ''::bytea) OVER (PARTITION BY e.account_id ORDER BY e.seq) AS previous,
          journal_digest(j.id, j.created_at, j.kind, j.currency, j.content_hash, j.job_id, j.lease_id, j.refs, j.key) AS digest
        FROM journal_entry e JOIN journal j ON j.id = e.journal_id) AS c
  WHERE c.hash <> entry_hash(c.previous, c.digest, c.account_id, c.seq, c.amount, c.line) LIMIT 1;
  IF FOUND THEN RAISE EXCEPTION 'the hash chain is broken at %: find out why before this migration', broken; END IF;
  SELECT 'account ' || a.id INTO broken FROM ledger_account a LEFT JOIN journal_entry e ON e.account_id = a.id AND e.seq = a.seq
  WHERE a.head <> COALESCE(e.hash, ''::bytea) LIMIT 1;
  IF FOUND THEN RAISE EXCEPTION 'the hash chain of % does not end at its head: find out why before this migration', broken; END IF;
END $$;

ALTER TABLE journal DISABLE TRIGGER i2_append_only;
UPDATE journal SET refs = jsonb_strip_nulls(jsonb_build_object('job_id', job_id, 'lease_id', lease_id)) || refs
  WHERE job_id IS NOT NULL OR lease_id IS NOT NULL;

DROP FUNCTION ledger_post;
DROP FUNCTION entry_hash;
DROP FUNCTION journal_digest;

-- DropForeignKey
ALTER TABLE "journal_entry" DROP CONSTRAINT "journal_entry_account";

-- DropForeignKey
ALTER TABLE "journal_entry" DROP CONSTRAINT "journal_entry_journal";

-- DropIndex
DROP INDEX "journal_job_id_idx";

-- AlterTable
ALTER TABLE "journal" DROP COLUMN "job_id",
DROP COLUMN "lease_id",
ADD COLUMN "posting_id" BIGINT NOT NULL DEFAULT 0,
ALTER COLUMN "content_hash" TYPE BYTEA USING decode("content_hash", 'hex');

-- AlterTable
ALTER TABLE "journal_entry" DROP COLUMN "hash";

-- CreateTable
CREATE TABLE "ledger_posting" (
    "id" BIGSERIAL NOT NULL,
    "entries" INTEGER NOT NULL,
    "digest" BYTEA NOT NULL,

    CONSTRAINT "ledger_posting_pkey" PRIMARY KEY ("id")
);

-- Everything that a posting says, in the order of its journals and lines. Arrays are hashed as PostgreSQL sends them.
CREATE FUNCTION ledger_digest(
  posting bigint, currency text, ids bigint[], made timestamptz[], keys text[], kinds text[], hashes bytea[], refs jsonb[],
  e_journal bigint[], e_line int[], e_account bigint[], e_amount bigint[]
) RETURNS bytea LANGUAGE sql STABLE AS $$
  SELECT sha256(int8send(posting) || convert_to(currency, 'UTF8') || array_send(ids) || array_send(made) || array_send(keys) || array_send(kinds)
    || array_send(hashes) || array_send(refs) || array_send(e_journal) || array_send(e_line) || array_send(e_account) || array_send(e_amount))
$$;

-- The digests of a range of postings as their journals and entries give them now.
CREATE FUNCTION ledger_digests(lo bigint, hi bigint) RETURNS TABLE (posting_id bigint, entries bigint, digest bytea) LANGUAGE sql STABLE AS $$
  SELECT j.posting_id, e.entries, ledger_digest(j.posting_id, j.currency, j.ids, j.made, j.keys, j.kinds, j.hashes, j.refs, e.journals, e.lines, e.accounts, e.amounts)
  FROM (
    SELECT posting_id, min(currency) AS currency, array_agg(id ORDER BY id) AS ids, array_agg(created_at ORDER BY id) AS made,
      array_agg(key ORDER BY id) AS keys, array_agg(kind ORDER BY id) AS kinds, array_agg(content_hash ORDER BY id) AS hashes, array_agg(refs ORDER BY id) AS refs
    FROM journal WHERE posting_id BETWEEN lo AND hi GROUP BY posting_id) AS j
  LEFT JOIN (
    SELECT posting_id, count(*) AS entries, array_agg(journal_id ORDER BY journal_id, line) AS journals, array_agg(line::int ORDER BY journal_id, line) AS lines,
      array_agg(account_id ORDER BY journal_id, line) AS accounts, array_agg(amount ORDER BY journal_id, line) AS amounts
    FROM journal JOIN journal_entry ON journal_id = id WHERE posting_id BETWEEN lo AND hi GROUP BY posting_id) AS e USING (posting_id)
$$;

-- A chain as an ordered aggregate, from any link on: `start` is the head before the first of its digests.
CREATE FUNCTION ledger_chain_next(state bytea, start bytea, digest bytea, account_id bigint, seq bigint) RETURNS bytea LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
  RETURN sha256(COALESCE(state, start) || digest || int8send(account_id) || int8send(seq));
END $$;
CREATE AGGREGATE ledger_chain(start bytea, digest bytea, account_id bigint, seq bigint) (SFUNC = ledger_chain_next, STYPE = bytea);

-- Each journal that is there becomes a posting of its own, in the order of its account's numbers.
UPDATE journal SET posting_id = id;
INSERT INTO ledger_posting (id, entries, digest)
SELECT posting_id, entries, digest FROM ledger_digests(0, (SELECT COALESCE(max(id), 0) FROM journal)) WHERE entries IS NOT NULL;
SELECT setval('ledger_posting_id_seq', GREATEST((SELECT max(id) FROM journal), 1));
UPDATE ledger_account a SET head = c.head
FROM (SELECT e.account_id, ledger_chain('', p.digest, e.account_id, e.seq ORDER BY e.seq) AS head
      FROM journal_entry e JOIN ledger_posting p ON p.id = e.journal_id GROUP BY e.account_id) AS c
WHERE c.account_id = a.id;
ALTER TABLE journal ENABLE TRIGGER i2_append_only;

-- Journals come in the order of their postings, so a summary of each range of pages finds them and costs a write nothing.
CREATE INDEX journal_posting ON journal USING brin (posting_id) WITH (pages_per_range = 16);

-- I2 for the rest of the ledger: no posting changes, no account disappears.
CREATE TRIGGER i2_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_posting FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER i2_accounts_stay BEFORE DELETE OR TRUNCATE ON ledger_account FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- I1 and I8 for a whole statement, and what foreign keys said row by row: the journals and accounts exist, and are of one currency.
CREATE OR REPLACE FUNCTION check_journals_balance() RETURNS trigger LANGUAGE plpgsql SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
  bad record;
BEGIN
  SELECT f.journal_id, sum(f.amount) AS total, count(*) AS lines INTO bad
  FROM fresh f GROUP BY f.journal_id
  HAVING sum(f.amount) <> 0 OR min(f.line) <> 0 OR max(f.line) <> count(*) - 1 LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'journal % is not whole: % over % lines', bad.journal_id, bad.total, bad.lines
      USING ERRCODE = 'check_violation', CONSTRAINT = 'i1_journal_balances';
  END IF;
  SELECT count(*) FILTER (WHERE c.currency IS NULL) AS missing, count(DISTINCT c.currency) AS currencies INTO bad
  FROM (
    SELECT (SELECT a.currency FROM ledger_account a WHERE a.id = f.account_id) AS currency FROM (SELECT DISTINCT account_id FROM fresh) AS f
    UNION ALL
    SELECT (SELECT j.currency FROM journal j WHERE j.id = f.journal_id) FROM (SELECT DISTINCT journal_id FROM fresh) AS f
  ) AS c;
  IF bad.missing > 0 OR bad.currencies > 1 THEN
    RAISE EXCEPTION '% journals or accounts of the entries do not exist, and they are in % currencies', bad.missing, bad.currencies
      USING ERRCODE = 'check_violation', CONSTRAINT = 'i1_journal_balances';
  END IF;
  RETURN NULL;
END $$;

-- Writes journals: however many, one posting. Journals whose key is known with the same content are left out; with other content they are
-- an error (I4). `e_of` and `e_place` are places in the arrays of journals and of accounts, from 1; a journal's entries stand together, in
-- the order of the journals, and name each account once. Accounts that are missing are made. They are locked in one order, the heap's own
-- last: those are what everybody waits for.
CREATE FUNCTION ledger_post(
  in_currency text, in_keys text[], in_kinds text[], in_hashes bytea[], in_refs jsonb[],
  p_code int[], p_person uuid[], e_of int[], e_line int[], e_place int[], e_amount bigint[]
) RETURNS text[] LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp SET enable_hashjoin = off SET enable_mergejoin = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  posting bigint := nextval('ledger_posting_id_seq');
  ids bigint[];
  keys text[];
  kinds text[];
  hashes bytea[];
  refs_ jsonb[];
  made timestamptz[];
  reused text;
  a_id bigint[];
  e_journal bigint[];
  e_account bigint[];
  used int[];
  a_before bigint[];
  digest bytea;
BEGIN
  -- The ids are given in the order of the arrays.
  WITH written AS (
    INSERT INTO journal (key, kind, currency, content_hash, refs, posting_id)
    SELECT t.key, t.kind, in_currency, t.hash, t.refs, posting
    FROM unnest(in_keys, in_kinds, in_hashes, in_refs) WITH ORDINALITY AS t(key, kind, hash, refs, n) ORDER BY t.n
    ON CONFLICT (key) DO NOTHING
    RETURNING id, key, kind, content_hash, refs, created_at
  )
  SELECT array_agg(w.id ORDER BY w.id), array_agg(w.key ORDER BY w.id), array_agg(w.kind ORDER BY w.id), array_agg(w.content_hash ORDER BY w.id),
    array_agg(w.refs ORDER BY w.id), array_agg(w.created_at ORDER BY w.id)
    INTO ids, keys, kinds, hashes, refs_, made FROM written w;

  IF COALESCE(cardinality(keys), 0) < cardinality(in_keys) THEN
    SELECT k.key INTO reused FROM unnest(in_keys, in_hashes) AS k(key, hash) JOIN journal j ON j.key = k.key WHERE j.content_hash <> k.hash LIMIT 1;
    IF FOUND THEN
      RAISE EXCEPTION 'key % was used for another journal', reused USING ERRCODE = 'unique_violation', CONSTRAINT = 'i4_key_reused', DETAIL = reused;
    END IF;
    IF keys IS NULL THEN RETURN '{}'; END IF;
    -- What is left of the entries, with the places of their journals and accounts among those that are left.
    SELECT array_agg(f.place ORDER BY e.n), array_agg(e.line ORDER BY e.n), array_agg(e.place ORDER BY e.n), array_agg(e.amount ORDER BY e.n)
      INTO e_of, e_line, e_place, e_amount
    FROM unnest(e_of, e_line, e_place, e_amount) WITH ORDINALITY AS e(of, line, place, amount, n)
    JOIN (SELECT k.n, row_number() OVER (ORDER BY k.n)::int AS place FROM unnest(in_keys) WITH ORDINALITY AS k(key, n) WHERE k.key = ANY (keys)) AS f ON f.n = e.of;
    SELECT array_agg(p_code[u.place] ORDER BY u.place), array_agg(p_person[u.place] ORDER BY u.place), array_agg(u.place ORDER BY u.place)
      INTO p_code, p_person, used FROM (SELECT DISTINCT unnest(e_place) AS place) AS u;
    SELECT array_agg(array_position(used, e.place) ORDER BY e.n) INTO e_place FROM unnest(e_place) WITH ORDINALITY AS e(place, n);
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

  SELECT array_agg(ids[e.of] ORDER BY e.n), array_agg(a_id[e.place] ORDER BY e.n) INTO e_journal, e_account
  FROM unnest(e_of, e_place) WITH ORDINALITY AS e(of, place, n);
  digest := sha256(int8send(posting) || convert_to(in_currency, 'UTF8') || array_send(ids) || array_send(made) || array_send(keys) || array_send(kinds)
    || array_send(hashes) || array_send(refs_) || array_send(e_journal) || array_send(e_line) || array_send(e_account) || array_send(e_amount));

  -- The balance first: a floor that would break is the refusal that callers expect.
  WITH moved AS (
    UPDATE ledger_account a
    SET balance = a.balance + p.delta, seq = a.seq + p.n, head = sha256(a.head || digest || int8send(a.id) || int8send(a.seq + p.n))
    FROM (SELECT e.place, a_id[e.place] AS account, sum(e.amount)::bigint AS delta, count(*) AS n FROM unnest(e_place, e_amount) AS e(place, amount)
          GROUP BY e.place ORDER BY p_person[e.place] IS NULL, a_id[e.place]) AS p
    WHERE a.id = p.account
    RETURNING p.place, a.seq - p.n AS before
  )
  SELECT array_agg(m.before ORDER BY m.place) INTO a_before FROM moved m;
  INSERT INTO journal_entry (journal_id, line, account_id, amount, seq)
  SELECT e.journal, e.line, e.account, e.amount, a_before[e.place] + row_number() OVER (PARTITION BY e.place ORDER BY e.n)
  FROM unnest(e_journal, e_line, e_account, e_place, e_amount) WITH ORDINALITY AS e(journal, line, account, place, amount, n);
  INSERT INTO ledger_posting (id, entries, digest) VALUES (posting, cardinality(e_journal), digest);
  RETURN keys;
END $$;

DO $$
BEGIN
  REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON journal, journal_entry, ledger_account, ledger_posting FROM openheaps_app;
  REVOKE ALL ON FUNCTION ledger_post FROM PUBLIC;
  GRANT EXECUTE ON FUNCTION ledger_post TO openheaps_app;
EXCEPTION WHEN undefined_object THEN
  RAISE NOTICE 'there is no role openheaps_app: the ledger is guarded by its triggers alone';
END $$;

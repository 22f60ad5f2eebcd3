-- What Prisma's schema language cannot say: hard floors, append-only tables, partial indexes, the application's role.
-- Names are stable: the ledger audit and the error messages refer to them.

-- ---------------------------------------------------------------------------------------------------- accounts, floors
-- One account per code, person and currency; the heap's own accounts have no person.
CREATE UNIQUE INDEX ledger_account_identity ON ledger_account (code, person_id, currency) NULLS NOT DISTINCT;

-- I3. Balances are debit-positive: a credit-normal account may not rise above zero, a debit-normal one not fall below.
ALTER TABLE ledger_account ADD CONSTRAINT i3_credit_floor CHECK (
  code NOT IN (2000, 2010, 2020, 2030, 2100, 2110, 2120, 2130, 2140, 2150, 2400) OR balance <= 0
);
ALTER TABLE ledger_account ADD CONSTRAINT i3_debit_floor CHECK (
  code NOT IN (1020, 1040, 1100, 1110) OR balance >= 0
);

-- I10. No entry of zero, none of 2^62 or more.
ALTER TABLE journal_entry ADD CONSTRAINT i10_amount CHECK (
  amount <> 0 AND amount > -4611686018427387904 AND amount < 4611686018427387904
);
ALTER TABLE journal_entry ADD CONSTRAINT journal_entry_journal FOREIGN KEY (journal_id) REFERENCES journal (id);
ALTER TABLE journal_entry ADD CONSTRAINT journal_entry_account FOREIGN KEY (account_id) REFERENCES ledger_account (id);

-- I1 and I8. A journal is inserted whole, in one statement; so the check runs once a statement and not once a row, and
-- an unbalanced journal fails at once instead of at commit.
CREATE FUNCTION check_journals_balance() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  bad record;
BEGIN
  SELECT e.journal_id, sum(e.amount) AS total, count(DISTINCT a.currency) AS currencies INTO bad
  FROM journal_entry e JOIN ledger_account a ON a.id = e.account_id
  WHERE e.journal_id IN (SELECT journal_id FROM fresh)
  GROUP BY e.journal_id
  HAVING sum(e.amount) <> 0 OR count(DISTINCT a.currency) <> 1
  LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'journal % sums to % in % currencies', bad.journal_id, bad.total, bad.currencies
      USING ERRCODE = 'check_violation', CONSTRAINT = 'i1_journal_balances';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER i1_journal_balances AFTER INSERT ON journal_entry
  REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION check_journals_balance();

-- I2. Nothing in the journal, the receipts or the evidence is ever changed or removed.
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'check_violation', CONSTRAINT = 'i2_append_only';
END $$;
CREATE TRIGGER i2_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON journal FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER i2_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON journal_entry FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON round FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON attempt FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- ------------------------------------------------------------------------------------------------------- held money
-- I5, I6.
ALTER TABLE hold ADD CONSTRAINT i6_hold_parts CHECK (
  amount > 0 AND captured >= 0 AND returned >= 0 AND captured + returned <= amount
  AND ((state = 'HELD' AND returned = 0 AND resolved_at IS NULL)
    OR (state = 'RESOLVED' AND captured + returned = amount AND resolved_at IS NOT NULL))
);
ALTER TABLE capture ADD CONSTRAINT i6_capture_parts CHECK (
  gross > 0 AND fee >= 0 AND net >= 0 AND fee + net = gross AND (state = 'RELEASED') = (released_at IS NOT NULL)
);
CREATE INDEX capture_due ON capture (release_at) WHERE state = 'CAPTURED';
ALTER TABLE deposit ADD CONSTRAINT deposit_amount CHECK (amount > 0);

-- -------------------------------------------------------------------------------------------------------------- work
-- Never charged above the budget, whatever the tasks now out there burn.
ALTER TABLE job ADD CONSTRAINT job_within_budget CHECK (
  charged_micro >= 0 AND reserved_micro >= 0 AND charged_micro + reserved_micro <= budget_micro
);
ALTER TABLE job ADD CONSTRAINT job_counts CHECK (
  queued >= 0 AND leased >= 0 AND done >= 0 AND failed >= 0 AND cancelled >= 0
  AND queued + leased + done + failed + cancelled = total
);
ALTER TABLE job ADD CONSTRAINT job_finished CHECK (
  (state IN ('QUEUED', 'RUNNING')) = (finished_at IS NULL)
);
CREATE INDEX job_live ON job (slot_class, arrival) WHERE state IN ('QUEUED', 'RUNNING');
CREATE INDEX job_person ON job (person_id, id);

ALTER TABLE task ADD CONSTRAINT task_input CHECK ((input IS NULL) <> (input_hash IS NULL));
ALTER TABLE task ADD CONSTRAINT task_leased_by CHECK ((state = 'LEASED') = (lease_id IS NOT NULL));
ALTER TABLE task SET (fillfactor = 70);
CREATE INDEX task_queued ON task (job_id, index) WHERE state = 'QUEUED';
CREATE INDEX task_leased ON task (lease_id) WHERE state = 'LEASED';
-- Gapless order of settlement, and at most one paid result a task (I7).
CREATE UNIQUE INDEX attempt_seq ON attempt (job_id, seq) WHERE seq IS NOT NULL;
CREATE UNIQUE INDEX i7_attempt_accepted ON attempt (job_id, index) WHERE outcome = 'accepted';
ALTER TABLE attempt ADD CONSTRAINT attempt_accepted CHECK (
  (outcome = 'accepted') = (seq IS NOT NULL) AND (outcome = 'accepted' OR charge_micro = 0)
);

-- A slot serves one lease at a time, whichever market process grants it.
CREATE UNIQUE INDEX lease_slot ON lease (node_id, slot_class, slot_no) WHERE state <> 'ENDED';
CREATE INDEX lease_open_by_job ON lease (job_id) WHERE state <> 'ENDED';
CREATE INDEX lease_expiry ON lease (expires_at) WHERE state <> 'ENDED';
ALTER TABLE lease ADD CONSTRAINT lease_ended CHECK ((state = 'ENDED') = (ended_at IS NOT NULL));
CREATE INDEX offer_available ON offer (slot_class, arrival) WHERE available AND slots > 0;
CREATE INDEX blob_holder_person ON blob_holder (person_id);

-- ---------------------------------------------------------------------------------------------- the application's role
-- The broker acts as this role: it may add to the journal and may not change it, even without the triggers. Where the
-- migrating role may not create roles, the triggers stand alone and the ledger audit says so.
DO $$
BEGIN
  BEGIN
    CREATE ROLE openheaps_app NOLOGIN;
  EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
  END;
  EXECUTE format('GRANT openheaps_app TO %I', current_user);
  GRANT USAGE ON SCHEMA public TO openheaps_app;
  GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO openheaps_app;
  GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO openheaps_app;
  ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO openheaps_app;
  ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO openheaps_app;
  REVOKE UPDATE, DELETE, TRUNCATE ON journal, journal_entry, round, attempt FROM openheaps_app;
  IF to_regclass('_prisma_migrations') IS NOT NULL THEN
    REVOKE ALL ON _prisma_migrations FROM openheaps_app;
  END IF;
EXCEPTION WHEN insufficient_privilege THEN
  RAISE NOTICE 'the role openheaps_app could not be created: the journal is guarded by triggers alone';
END $$;

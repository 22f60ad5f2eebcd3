-- Somebody whom the heap has shut out for the time being: who said so, why, since when.
ALTER TABLE "person"
  ADD COLUMN "suspended_at" TIMESTAMPTZ(6),
  ADD COLUMN "suspended_by" UUID,
  ADD COLUMN "suspended_reason" TEXT;

-- A device that gets no new work because an admin says so, and how well it did at the last look.
ALTER TABLE "node"
  ADD COLUMN "drained_at" TIMESTAMPTZ(6),
  ADD COLUMN "drain_code" TEXT,
  ADD COLUMN "drain_sentence" TEXT,
  ADD COLUMN "health_score" INTEGER NOT NULL DEFAULT 0;

CREATE INDEX admin_log_subject ON admin_log (subject, seq);
CREATE INDEX round_hash ON round (hash);

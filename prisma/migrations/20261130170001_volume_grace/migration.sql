-- A volume that nobody renewed can be read for a while, which its budget has in it, before its files go. Those bought before have none.
ALTER TYPE volume_state ADD VALUE 'GRACE' BEFORE 'ENDED';
ALTER TABLE volume ADD COLUMN "grace_hours" INTEGER NOT NULL DEFAULT 0, ADD COLUMN "renewals" INTEGER NOT NULL DEFAULT 0,
  ADD COLUMN "ends_at" TIMESTAMPTZ(6), ADD COLUMN "deletes_at" TIMESTAMPTZ(6);
ALTER TABLE volume ADD CONSTRAINT volume_grace CHECK (grace_hours >= 0 AND renewals >= 0 AND (ends_at IS NULL OR ends_at <= deletes_at));

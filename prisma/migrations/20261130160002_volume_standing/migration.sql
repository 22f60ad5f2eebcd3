-- How far a device is trusted with pieces, as the rules of libs/placement have it, and the network that one household shares.
ALTER TABLE "node_storage"
  ADD COLUMN "standing" TEXT NOT NULL DEFAULT 'good',
  ADD COLUMN "day_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  ADD COLUMN "recheck_at" TIMESTAMPTZ(6),
  ADD COLUMN "prefix" TEXT;
ALTER TABLE node_storage ADD CONSTRAINT node_storage_standing CHECK (standing IN ('good', 'contained', 'suspended', 'disqualified'));

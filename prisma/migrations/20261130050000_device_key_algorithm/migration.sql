-- Browsers without Ed25519 make a P-256 key; what a device signs with is fixed when it enrols.
CREATE TYPE "key_algorithm" AS ENUM ('ed25519', 'p256');

ALTER TABLE "node" ADD COLUMN "key_algorithm" "key_algorithm" NOT NULL DEFAULT 'ed25519';

-- What a device earned is asked for by the device itself.
CREATE INDEX "lease_node_id_idx" ON "lease"("node_id");

-- What nodes have committed to and not revealed yet, and replicas whose node committed before the other result was here.
CREATE TABLE "commitment" (
    "job_id" UUID NOT NULL,
    "index" INTEGER NOT NULL,
    "epoch" INTEGER NOT NULL,
    "lease_id" UUID NOT NULL,
    "node_id" UUID NOT NULL,
    "commitment" TEXT NOT NULL,
    "committed_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "asks" INTEGER NOT NULL DEFAULT 0,
    "asked_at" TIMESTAMPTZ(6),

    CONSTRAINT "commitment_pkey" PRIMARY KEY ("job_id", "index", "epoch")
);
CREATE INDEX "commitment_lease_id_idx" ON "commitment"("lease_id");

ALTER TABLE "result_check" ADD COLUMN "sealed" BOOLEAN NOT NULL DEFAULT false;

-- -------------------------------------------------------------------------------------------- what the schema cannot say
ALTER TABLE "commitment" ADD CONSTRAINT commitment_form CHECK (commitment ~ '^[0-9a-f]{64}$' AND (asks > 0) = (asked_at IS NOT NULL));

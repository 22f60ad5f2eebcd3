-- Developers object to work that was captured and not yet released; results that are proven wrong are taken back, also later.

-- CreateEnum
CREATE TYPE "objection_state" AS ENUM ('OPEN', 'DECIDED');

-- CreateTable
CREATE TABLE "objection" (
    "id" UUID NOT NULL,
    "job_id" UUID NOT NULL,
    "lease_id" UUID,
    "tasks" INTEGER[],
    "person_id" UUID NOT NULL,
    "complaint" TEXT NOT NULL,
    "state" "objection_state" NOT NULL DEFAULT 'OPEN',
    "amount" BIGINT NOT NULL,
    "outcome" TEXT,
    "refund" BIGINT,
    "decided_as" TEXT,
    "decided_by" UUID,
    "decision_code" TEXT,
    "decision" TEXT,
    "idempotency_key" TEXT NOT NULL,
    "request_hash" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "decide_by" TIMESTAMPTZ(6) NOT NULL,
    "decided_at" TIMESTAMPTZ(6),

    CONSTRAINT "objection_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "objection_capture" (
    "objection_id" UUID NOT NULL,
    "capture_id" UUID NOT NULL,
    "owner_id" UUID NOT NULL,
    "amount" BIGINT NOT NULL,
    "refund" BIGINT,

    CONSTRAINT "objection_capture_pkey" PRIMARY KEY ("objection_id","capture_id")
);

-- CreateTable
CREATE TABLE "correction" (
    "job_id" UUID NOT NULL,
    "index" INTEGER NOT NULL,
    "epoch" INTEGER NOT NULL,
    "capture_id" UUID NOT NULL,
    "node_id" UUID NOT NULL,
    "owner_id" UUID NOT NULL,
    "amount" BIGINT NOT NULL,
    "kind" TEXT NOT NULL,
    "reason" TEXT NOT NULL,
    "ordered_by" UUID,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "correction_pkey" PRIMARY KEY ("job_id","index","epoch")
);

-- CreateIndex
CREATE INDEX "objection_job_id_idx" ON "objection"("job_id");

-- CreateIndex
CREATE UNIQUE INDEX "objection_person_id_idempotency_key_key" ON "objection"("person_id", "idempotency_key");

-- CreateIndex
CREATE INDEX "objection_capture_capture_id_idx" ON "objection_capture"("capture_id");

-- CreateIndex
CREATE INDEX "objection_capture_owner_id_idx" ON "objection_capture"("owner_id");

-- CreateIndex
CREATE INDEX "correction_capture_id_idx" ON "correction"("capture_id");

-- A decision names its outcome, its reason and who made it, and is for ever.
ALTER TABLE objection ADD CONSTRAINT objection_decided CHECK (amount > 0 AND CASE state WHEN 'OPEN' THEN
  outcome IS NULL AND refund IS NULL AND decision IS NULL AND decided_at IS NULL
  ELSE outcome IN ('owner', 'developer', 'split') AND refund IS NOT NULL AND refund >= 0 AND refund <= amount AND length(decision) > 0
    AND decision_code IS NOT NULL AND decided_as IN ('admin', 'reference', 'term') AND decided_at IS NOT NULL
    AND (decided_as = 'admin') = (decided_by IS NOT NULL) END);
ALTER TABLE objection_capture ADD CONSTRAINT objection_capture_parts CHECK (amount > 0 AND (refund IS NULL OR (refund >= 0 AND refund <= amount)));
ALTER TABLE correction ADD CONSTRAINT correction_kind CHECK (kind IN ('refund', 'clawback') AND amount >= 0 AND length(reason) > 0);
CREATE INDEX objection_open ON objection (decide_by) WHERE state = 'OPEN';
CREATE INDEX capture_disputed ON capture (release_at) WHERE state = 'DISPUTED';

CREATE FUNCTION refuse_second_decision() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'objection % is decided: a decision is never changed', OLD.id USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER objection_decided_once BEFORE UPDATE OR DELETE ON objection FOR EACH ROW WHEN (OLD.state = 'DECIDED')
  EXECUTE FUNCTION refuse_second_decision();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON correction FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

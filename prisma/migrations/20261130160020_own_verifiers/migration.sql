-- Developers bring verifiers of their own: the heap runs them on results and takes a rejection for a question, not for an answer.
CREATE TYPE "own_verifier_state" AS ENUM ('ACTIVE', 'STOPPED', 'CLOSED');
CREATE TABLE "own_verifier" (
    "id" UUID NOT NULL,
    "job_id" UUID NOT NULL,
    "module_hash" TEXT NOT NULL,
    "codec" "codec" NOT NULL,
    "fuel_limit" BIGINT NOT NULL,
    "price_micro" BIGINT NOT NULL,
    "budget" BIGINT NOT NULL,
    "state" "own_verifier_state" NOT NULL DEFAULT 'ACTIVE',
    "stop_code" TEXT,
    "stop_sentence" TEXT,
    "fuel" BIGINT NOT NULL DEFAULT 0,
    "charged" BIGINT NOT NULL DEFAULT 0,
    "accepted" INTEGER NOT NULL DEFAULT 0,
    "upheld" INTEGER NOT NULL DEFAULT 0,
    "overruled" INTEGER NOT NULL DEFAULT 0,
    "failed" INTEGER NOT NULL DEFAULT 0,
    "turn_at" TIMESTAMPTZ(6),

    CONSTRAINT "own_verifier_pkey" PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "own_verifier_job_id_key" ON "own_verifier"("job_id");
ALTER TABLE own_verifier ADD CONSTRAINT own_verifier_parts CHECK (budget > 0 AND fuel_limit > 0 AND price_micro >= 0 AND fuel >= 0
  AND charged >= 0 AND charged <= budget AND (stop_code IS NULL) = (stop_sentence IS NULL) AND (state <> 'STOPPED' OR stop_code IS NOT NULL));

CREATE TYPE "own_check_state" AS ENUM ('WANTED', 'OUT', 'REJECTED', 'ACCEPTED', 'UPHELD', 'OVERRULED', 'FAILED', 'SKIPPED');
CREATE TABLE "own_check" (
    "job_id" UUID NOT NULL,
    "index" INTEGER NOT NULL,
    "epoch" INTEGER NOT NULL,
    "node_id" UUID NOT NULL,
    "owner_id" UUID NOT NULL,
    "state" "own_check_state" NOT NULL DEFAULT 'WANTED',
    "tries" INTEGER NOT NULL DEFAULT 0,
    "code" TEXT,
    "sentence" TEXT,
    "why" TEXT,
    "wanted_at" TIMESTAMPTZ(6) NOT NULL DEFAULT now(),
    "sent_at" TIMESTAMPTZ(6),
    "decided_at" TIMESTAMPTZ(6),

    CONSTRAINT "own_check_pkey" PRIMARY KEY ("job_id", "index", "epoch")
);
-- What waits for a verifier, and what keeps its job and its money waiting.
CREATE INDEX own_check_due ON own_check (job_id, wanted_at) WHERE state IN ('WANTED', 'OUT');
CREATE INDEX own_check_open ON own_check (job_id) WHERE state IN ('WANTED', 'OUT', 'REJECTED');
CREATE INDEX own_check_rejected ON own_check (job_id, decided_at) WHERE state IN ('REJECTED', 'UPHELD', 'OVERRULED');

-- What a developer spent today counts the runs of verifiers too.
CREATE OR REPLACE FUNCTION spent_today(buyer uuid) RETURNS bigint LANGUAGE sql STABLE AS $$
  SELECT (SELECT COALESCE(sum(c.gross), 0)::bigint
    FROM hold h JOIN capture c ON c.hold_id = h.id
    WHERE h.person_id = buyer AND (h.resolved_at IS NULL OR h.resolved_at >= date_trunc('day', now(), 'UTC'))
      AND c.captured_at >= date_trunc('day', now(), 'UTC'))
    + (SELECT COALESCE(sum(v.charged), 0)::bigint FROM hold h JOIN own_verifier v ON v.id = h.job_id
    WHERE h.person_id = buyer AND (h.resolved_at IS NULL OR h.resolved_at >= date_trunc('day', now(), 'UTC')))
$$;

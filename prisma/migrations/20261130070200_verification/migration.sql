-- Results are checked by other clusters' nodes and by the heap itself; until then they are provisional.
CREATE TYPE "check_kind" AS ENUM ('check', 'replica', 'reference', 'mismatch', 'reverify', 'closing', 'appeal', 'objection');
CREATE TYPE "check_state" AS ENUM ('WANTED', 'OUT', 'AGREED', 'DIFFERED', 'DROPPED');
CREATE TYPE "penalty_kind" AS ENUM ('probation', 'ban_device', 'ban_identity');
CREATE TYPE "penalty_state" AS ENUM ('ACTIVE', 'LAPSED', 'OVERTURNED', 'LIFTED');

ALTER TABLE "job" ADD COLUMN "checking" INTEGER NOT NULL DEFAULT 0;

ALTER TABLE "attempt" ADD COLUMN "nth" BIGINT;

ALTER TABLE "capture" ADD COLUMN "nth" BIGINT, ADD COLUMN "window_results" INTEGER;

CREATE TABLE "node_standing" (
    "node_id" UUID NOT NULL,
    "owner_id" UUID NOT NULL,
    "results" BIGINT NOT NULL DEFAULT 0,
    "pending" INTEGER NOT NULL DEFAULT 0,
    "confirmed" INTEGER NOT NULL DEFAULT 0,
    "checked" INTEGER NOT NULL DEFAULT 0,
    "mismatches" INTEGER NOT NULL DEFAULT 0,
    "wrong_at" INTEGER[] DEFAULT ARRAY[]::INTEGER[],
    "closed" BIGINT NOT NULL DEFAULT 0,
    "closing" BIGINT,
    "banned" TEXT,
    "last_result_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "node_standing_pkey" PRIMARY KEY ("node_id")
);
CREATE INDEX "node_standing_owner_id_idx" ON "node_standing"("owner_id");

CREATE TABLE "result_check" (
    "id" UUID NOT NULL,
    "job_id" UUID NOT NULL,
    "index" INTEGER NOT NULL,
    "of_epoch" INTEGER NOT NULL,
    "node_id" UUID NOT NULL,
    "kind" "check_kind" NOT NULL,
    "state" "check_state" NOT NULL DEFAULT 'WANTED',
    "by_reference" BOOLEAN NOT NULL,
    "awaited" BOOLEAN NOT NULL DEFAULT false,
    "checker_confirmed" INTEGER NOT NULL DEFAULT 0,
    "reason_code" TEXT NOT NULL,
    "reason_sentence" TEXT NOT NULL,
    "epoch" INTEGER,
    "lease_id" UUID,
    "checker_id" UUID,
    "tries" INTEGER NOT NULL DEFAULT 0,
    "wanted_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "sent_at" TIMESTAMPTZ(6),
    "decided_at" TIMESTAMPTZ(6),
    "outcome_code" TEXT,
    "outcome_sentence" TEXT,

    CONSTRAINT "result_check_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "result_check_task" ON "result_check"("job_id", "index");
CREATE INDEX "result_check_node" ON "result_check"("node_id", "wanted_at");

CREATE TABLE "refuted_result" (
    "job_id" UUID NOT NULL,
    "index" INTEGER NOT NULL,
    "epoch" INTEGER NOT NULL,
    "node_id" UUID NOT NULL,
    "check_id" UUID NOT NULL,
    "reason_code" TEXT NOT NULL,
    "reason_sentence" TEXT NOT NULL,
    "right_verdict" TEXT NOT NULL,
    "right_exit_code" INTEGER,
    "right_fuel" BIGINT NOT NULL,
    "right_output" BYTEA,
    "right_output_hash" TEXT NOT NULL,
    "right_output_bytes" INTEGER NOT NULL,
    "refuted_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "refuted_result_pkey" PRIMARY KEY ("job_id", "index", "epoch")
);
CREATE INDEX "refuted_result_node" ON "refuted_result"("node_id", "refuted_at");

CREATE TABLE "penalty" (
    "id" UUID NOT NULL,
    "node_id" UUID NOT NULL,
    "owner_id" UUID NOT NULL,
    "kind" "penalty_kind" NOT NULL,
    "state" "penalty_state" NOT NULL DEFAULT 'ACTIVE',
    "code" TEXT NOT NULL,
    "sentence" TEXT NOT NULL,
    "job_id" UUID,
    "index" INTEGER,
    "epoch" INTEGER,
    "voided" BIGINT NOT NULL DEFAULT 0,
    "imposed_by" UUID,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "lapses_at" TIMESTAMPTZ(6),
    "appealed_at" TIMESTAMPTZ(6),
    "appeal_text" TEXT,
    "appeal_check_id" UUID,
    "decided_at" TIMESTAMPTZ(6),
    "decided_by" UUID,
    "decision_code" TEXT,
    "decision" TEXT,

    CONSTRAINT "penalty_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "penalty_owner_id_id_idx" ON "penalty"("owner_id", "id");
CREATE INDEX "penalty_node_id_idx" ON "penalty"("node_id");

CREATE TABLE "owner_cluster" (
    "owner_id" UUID NOT NULL,
    "cluster_id" UUID NOT NULL,

    CONSTRAINT "owner_cluster_pkey" PRIMARY KEY ("owner_id")
);
CREATE INDEX "owner_cluster_cluster_id_idx" ON "owner_cluster"("cluster_id");

CREATE TABLE "cluster_link" (
    "kind" TEXT NOT NULL,
    "value" TEXT NOT NULL,
    "owner_id" UUID NOT NULL,
    "seen_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "cluster_link_pkey" PRIMARY KEY ("kind", "value", "owner_id")
);
CREATE INDEX "cluster_link_owner_id_idx" ON "cluster_link"("owner_id");

-- -------------------------------------------------------------------------------------------- what the schema cannot say
ALTER TABLE "job" ADD CONSTRAINT job_checking CHECK (checking >= 0);
CREATE INDEX attempt_node_nth ON attempt (node_id, nth) WHERE nth IS NOT NULL;
ALTER TABLE "capture" ADD CONSTRAINT capture_window CHECK ((nth IS NULL) = (window_results IS NULL));
ALTER TABLE "node_standing" ADD CONSTRAINT node_standing_counts CHECK (
  results >= 0 AND pending >= 0 AND confirmed >= 0 AND checked >= confirmed AND closed <= results AND closing <= results
);
ALTER TABLE "node_standing" ADD CONSTRAINT node_standing_banned CHECK (banned IN ('device', 'identity', 'admin'));
CREATE INDEX node_standing_open ON node_standing (last_result_at) WHERE results > closed;
ALTER TABLE "node_standing" SET (fillfactor = 70);
ALTER TABLE "result_check" ADD CONSTRAINT result_check_decided CHECK (
  (state IN ('AGREED', 'DIFFERED', 'DROPPED')) = (decided_at IS NOT NULL) AND (decided_at IS NULL) = (outcome_code IS NULL)
);
ALTER TABLE "result_check" ADD CONSTRAINT result_check_out CHECK (
  by_reference OR state <> 'OUT' OR (epoch IS NOT NULL AND lease_id IS NOT NULL AND checker_id IS NOT NULL)
);
ALTER TABLE "penalty" ADD CONSTRAINT penalty_decided CHECK (
  (state IN ('OVERTURNED', 'LIFTED')) <= (decided_at IS NOT NULL) AND voided >= 0
  AND (appealed_at IS NULL) = (appeal_text IS NULL)
);
ALTER TABLE "cluster_link" ADD CONSTRAINT cluster_link_kind CHECK (kind IN ('card', 'bank', 'device', 'network', 'burst'));
-- Who looks for work finds it without reading what is decided.
CREATE INDEX result_check_wanted ON result_check (job_id, wanted_at) WHERE state = 'WANTED' AND NOT by_reference;
CREATE INDEX result_check_reference ON result_check (wanted_at) WHERE state IN ('WANTED', 'OUT') AND by_reference;
CREATE INDEX result_check_out ON result_check (lease_id) WHERE state = 'OUT';
CREATE INDEX result_check_open ON result_check (job_id, index) WHERE state IN ('WANTED', 'OUT');
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON refuted_result FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
-- A checking execution is paid as work; only an accepted one is the task's result.
ALTER TABLE "attempt" DROP CONSTRAINT attempt_accepted;
ALTER TABLE "attempt" ADD CONSTRAINT attempt_accepted CHECK (
  (outcome = 'accepted') = (seq IS NOT NULL) AND (outcome IN ('accepted', 'checked') OR charge_micro = 0)
);

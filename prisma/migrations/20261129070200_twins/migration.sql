-- A second execution of a task that is late, or whose node is away: the first accepted one counts.
ALTER TYPE "attempt_outcome" ADD VALUE 'superseded';

CREATE TYPE "on_disconnect" AS ENUM ('wait', 'replace', 'prefer_original');

ALTER TABLE "job" ADD COLUMN "on_disconnect" "on_disconnect" NOT NULL DEFAULT 'wait';

ALTER TABLE "task"
  ADD COLUMN "issued" INTEGER NOT NULL DEFAULT 0,
  ADD COLUMN "leased_at" TIMESTAMPTZ(6),
  ADD COLUMN "twinned" BOOLEAN NOT NULL DEFAULT false,
  ADD COLUMN "avoid" UUID[] NOT NULL DEFAULT ARRAY[]::UUID[];

UPDATE "task" SET "issued" = "epoch" WHERE "epoch" > 0;

CREATE TABLE "twin" (
    "job_id" UUID NOT NULL,
    "index" INTEGER NOT NULL,
    "epoch" INTEGER NOT NULL,
    "lease_id" UUID NOT NULL,
    "leased_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "twin_pkey" PRIMARY KEY ("job_id","index")
);

CREATE INDEX "twin_lease_id_idx" ON "twin"("lease_id");

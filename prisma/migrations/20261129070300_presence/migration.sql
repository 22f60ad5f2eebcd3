-- What owners see of their nodes, and every change of it in order.
ALTER TABLE "node"
  ADD COLUMN "presence" TEXT,
  ADD COLUMN "presence_at" TIMESTAMPTZ(6);

ALTER TABLE "gateway" ADD COLUMN "draining" BOOLEAN NOT NULL DEFAULT false;

CREATE TABLE "presence_change" (
    "seq" BIGSERIAL NOT NULL,
    "node_id" UUID NOT NULL,
    "owner_id" UUID NOT NULL,
    "state" TEXT NOT NULL,
    "reason_code" TEXT NOT NULL,
    "reason_sentence" TEXT NOT NULL,
    "changed_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "presence_change_pkey" PRIMARY KEY ("seq")
);

CREATE INDEX "presence_change_node" ON "presence_change"("node_id", "seq");

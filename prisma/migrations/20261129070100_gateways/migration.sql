-- Gateways by name: a node's session belongs to one of them, and ends with it alone.
CREATE TABLE "gateway" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "started_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "seen_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "gateway_pkey" PRIMARY KEY ("id")
);

CREATE UNIQUE INDEX "gateway_name_key" ON "gateway"("name");

ALTER TABLE "node" ADD COLUMN "gateway_id" UUID;

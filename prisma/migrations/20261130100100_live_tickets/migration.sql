-- CreateTable
CREATE TABLE "live_ticket" (
    "hash" BYTEA NOT NULL,
    "person_id" UUID NOT NULL,
    "via" TEXT NOT NULL,
    "credential_id" UUID NOT NULL,
    "expires_at" TIMESTAMPTZ(6) NOT NULL,

    CONSTRAINT "live_ticket_pkey" PRIMARY KEY ("hash"),
    CONSTRAINT "live_ticket_via_check" CHECK ("via" IN ('session', 'api-key'))
);

-- CreateIndex
CREATE INDEX "live_ticket_expires_at_idx" ON "live_ticket"("expires_at");

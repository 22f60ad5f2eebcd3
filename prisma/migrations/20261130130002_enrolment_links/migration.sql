-- A link that lets many devices join one owner, each with a code of its own.
CREATE TABLE "enrolment_link" (
    "id" UUID NOT NULL,
    "owner_id" UUID NOT NULL,
    "code_hash" TEXT NOT NULL,
    "label" TEXT NOT NULL,
    "partner_link_id" UUID,
    "uses" INTEGER NOT NULL DEFAULT 0,
    "uses_max" INTEGER NOT NULL,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(6) NOT NULL,
    "closed_at" TIMESTAMPTZ(6),

    CONSTRAINT "enrolment_link_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "enrolment_link_uses" CHECK ("uses" <= "uses_max")
);
CREATE UNIQUE INDEX "enrolment_link_code_hash_key" ON "enrolment_link"("code_hash");
CREATE INDEX "enrolment_link_owner_id_idx" ON "enrolment_link"("owner_id");

ALTER TABLE "enrolment_code" ADD COLUMN "link_id" UUID;
CREATE INDEX "enrolment_code_link_id_idx" ON "enrolment_code"("link_id");

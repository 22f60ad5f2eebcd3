-- CreateEnum
CREATE TYPE "deposit_state" AS ENUM ('PENDING', 'OPEN', 'SUCCEEDED', 'FAILED', 'EXPIRED');

-- CreateEnum
CREATE TYPE "refund_state" AS ENUM ('REQUESTED', 'UNKNOWN', 'SENT', 'SUCCEEDED', 'FAILED');

-- CreateEnum
CREATE TYPE "dispute_state" AS ENUM ('OPEN', 'WON', 'LOST');

-- CreateEnum
CREATE TYPE "payout_state" AS ENUM ('REQUESTED', 'SCREENED', 'TRANSFER_SENT', 'UNKNOWN', 'TRANSFERRED', 'BANK_PENDING', 'PAID', 'REJECTED', 'TRANSFER_FAILED', 'BANK_FAILED');

-- CreateEnum
CREATE TYPE "outbox_state" AS ENUM ('PENDING', 'UNKNOWN', 'DONE', 'FAILED');

-- AlterEnum
ALTER TYPE "capture_state" ADD VALUE 'REFUNDED';

-- AlterTable
ALTER TABLE "capture" ADD COLUMN     "own_cluster" BOOLEAN NOT NULL DEFAULT false,
ADD COLUMN     "stopped_by" UUID;

-- AlterTable
ALTER TABLE "deposit" ADD COLUMN     "charge_ref" TEXT,
ADD COLUMN     "cleared_at" TIMESTAMPTZ(6),
ADD COLUMN     "disputed" BIGINT NOT NULL DEFAULT 0,
ADD COLUMN     "fee" BIGINT NOT NULL DEFAULT 0,
ADD COLUMN     "payment_ref" TEXT,
ADD COLUMN     "purpose" TEXT NOT NULL DEFAULT 'request',
ADD COLUMN     "reason" TEXT,
ADD COLUMN     "reason_code" TEXT,
ADD COLUMN     "refunded" BIGINT NOT NULL DEFAULT 0,
ADD COLUMN     "state" "deposit_state" NOT NULL DEFAULT 'PENDING',
ADD COLUMN     "succeeded_at" TIMESTAMPTZ(6),
ADD COLUMN     "url" TEXT;

-- CreateTable
CREATE TABLE "deposit_refund" (
    "id" UUID NOT NULL,
    "deposit_id" UUID NOT NULL,
    "person_id" UUID NOT NULL,
    "amount" BIGINT NOT NULL,
    "state" "refund_state" NOT NULL DEFAULT 'REQUESTED',
    "idempotency_key" TEXT NOT NULL,
    "request_hash" TEXT NOT NULL,
    "refund_ref" TEXT,
    "reason_code" TEXT,
    "reason" TEXT,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "deposit_refund_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "payment_dispute" (
    "id" UUID NOT NULL,
    "dispute_ref" TEXT NOT NULL,
    "deposit_id" UUID NOT NULL,
    "person_id" UUID NOT NULL,
    "amount" BIGINT NOT NULL,
    "unspent" BIGINT NOT NULL,
    "fee" BIGINT NOT NULL DEFAULT 0,
    "state" "dispute_state" NOT NULL DEFAULT 'OPEN',
    "opened_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "closed_at" TIMESTAMPTZ(6),

    CONSTRAINT "payment_dispute_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "payer_block" (
    "person_id" UUID NOT NULL,
    "cause" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "lifted_at" TIMESTAMPTZ(6),

    CONSTRAINT "payer_block_pkey" PRIMARY KEY ("person_id","cause")
);

-- CreateTable
CREATE TABLE "top_up" (
    "person_id" UUID NOT NULL,
    "enabled" BOOLEAN NOT NULL DEFAULT false,
    "below" BIGINT NOT NULL DEFAULT 0,
    "amount" BIGINT NOT NULL DEFAULT 0,
    "monthly_cap" BIGINT NOT NULL DEFAULT 0,
    "customer_ref" TEXT,
    "method_ref" TEXT,
    "stopped_code" TEXT,
    "stopped" TEXT,
    "updated_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "top_up_pkey" PRIMARY KEY ("person_id")
);

-- CreateTable
CREATE TABLE "payment_fingerprint" (
    "kind" TEXT NOT NULL,
    "fingerprint" TEXT NOT NULL,
    "person_id" UUID NOT NULL,
    "seen_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "payment_fingerprint_pkey" PRIMARY KEY ("kind","fingerprint","person_id")
);

-- CreateTable
CREATE TABLE "payout_account" (
    "person_id" UUID NOT NULL,
    "provider" TEXT NOT NULL,
    "account_ref" TEXT,
    "identity" TEXT NOT NULL DEFAULT 'new',
    "payouts_enabled" BOOLEAN NOT NULL DEFAULT false,
    "bank_fingerprint" TEXT,
    "bank_changed_at" TIMESTAMPTZ(6),
    "freeze_id" UUID,
    "frozen" BIGINT NOT NULL DEFAULT 0,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "payout_account_pkey" PRIMARY KEY ("person_id")
);

-- CreateTable
CREATE TABLE "payout_terms" (
    "person_id" UUID NOT NULL,
    "schedule" TEXT NOT NULL DEFAULT 'manual',
    "minimum" BIGINT,
    "next_at" TIMESTAMPTZ(6),
    "updated_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "payout_terms_pkey" PRIMARY KEY ("person_id")
);

-- CreateTable
CREATE TABLE "payout" (
    "id" UUID NOT NULL,
    "person_id" UUID NOT NULL,
    "amount" BIGINT NOT NULL,
    "provider" TEXT NOT NULL,
    "state" "payout_state" NOT NULL DEFAULT 'REQUESTED',
    "purpose" TEXT NOT NULL DEFAULT 'request',
    "idempotency_key" TEXT NOT NULL,
    "request_hash" TEXT NOT NULL,
    "account_ref" TEXT NOT NULL,
    "transfer_ref" TEXT,
    "bank_ref" TEXT,
    "reason_code" TEXT NOT NULL,
    "reason" TEXT NOT NULL,
    "requested_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "paid_at" TIMESTAMPTZ(6),
    "returned_at" TIMESTAMPTZ(6),

    CONSTRAINT "payout_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "outbox_message" (
    "id" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "subject_id" UUID NOT NULL,
    "idempotency_key" TEXT NOT NULL,
    "request" JSONB NOT NULL,
    "state" "outbox_state" NOT NULL DEFAULT 'PENDING',
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "first_sent_at" TIMESTAMPTZ(6),
    "next_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "outcome" TEXT,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "done_at" TIMESTAMPTZ(6),

    CONSTRAINT "outbox_message_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "provider_event" (
    "id" TEXT NOT NULL,
    "type" TEXT NOT NULL,
    "object_kind" TEXT NOT NULL,
    "object_id" TEXT NOT NULL,
    "account" TEXT,
    "source" TEXT NOT NULL,
    "happened_at" TIMESTAMPTZ(6) NOT NULL,
    "received_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "applied_at" TIMESTAMPTZ(6),
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "next_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "error" TEXT,

    CONSTRAINT "provider_event_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "provider_object" (
    "object_id" TEXT NOT NULL,
    "reading" BIGINT NOT NULL,
    "applied_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "provider_object_pkey" PRIMARY KEY ("object_id")
);

-- CreateTable
CREATE TABLE "provider_effect" (
    "object_id" TEXT NOT NULL,
    "effect" TEXT NOT NULL,
    "transaction_id" TEXT,
    "net" BIGINT,
    "applied_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "provider_effect_pkey" PRIMARY KEY ("object_id","effect")
);

-- CreateTable
CREATE TABLE "provider_transaction" (
    "id" TEXT NOT NULL,
    "type" TEXT NOT NULL,
    "source_id" TEXT,
    "amount" BIGINT NOT NULL,
    "fee" BIGINT NOT NULL,
    "net" BIGINT NOT NULL,
    "available" BOOLEAN NOT NULL,
    "happened_at" TIMESTAMPTZ(6) NOT NULL,
    "seen_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "explained_at" TIMESTAMPTZ(6),
    "suspended_at" TIMESTAMPTZ(6),

    CONSTRAINT "provider_transaction_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "provider_cursor" (
    "name" TEXT NOT NULL,
    "at" TIMESTAMPTZ(6) NOT NULL,
    "updated_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "provider_cursor_pkey" PRIMARY KEY ("name")
);

-- CreateTable
CREATE TABLE "provider_alarm" (
    "name" TEXT NOT NULL,
    "count" BIGINT NOT NULL DEFAULT 0,
    "detail" TEXT NOT NULL,
    "last_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "provider_alarm_pkey" PRIMARY KEY ("name")
);

-- CreateTable
CREATE TABLE "simulated_object" (
    "ref" TEXT NOT NULL,
    "seq" BIGSERIAL NOT NULL,
    "kind" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "request_hash" TEXT NOT NULL,
    "subject_id" UUID NOT NULL,
    "of_ref" TEXT,
    "amount" BIGINT NOT NULL,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "simulated_object_pkey" PRIMARY KEY ("ref")
);

-- CreateIndex
CREATE UNIQUE INDEX "deposit_refund_refund_ref_key" ON "deposit_refund"("refund_ref");

-- CreateIndex
CREATE INDEX "deposit_refund_deposit_id_idx" ON "deposit_refund"("deposit_id");

-- CreateIndex
CREATE UNIQUE INDEX "deposit_refund_person_id_idempotency_key_key" ON "deposit_refund"("person_id", "idempotency_key");

-- CreateIndex
CREATE UNIQUE INDEX "payment_dispute_dispute_ref_key" ON "payment_dispute"("dispute_ref");

-- CreateIndex
CREATE INDEX "payment_dispute_person_id_idx" ON "payment_dispute"("person_id");

-- CreateIndex
CREATE INDEX "payment_fingerprint_person_id_idx" ON "payment_fingerprint"("person_id");

-- CreateIndex
CREATE UNIQUE INDEX "payout_account_account_ref_key" ON "payout_account"("account_ref");

-- CreateIndex
CREATE UNIQUE INDEX "payout_transfer_ref_key" ON "payout"("transfer_ref");

-- CreateIndex
CREATE UNIQUE INDEX "payout_bank_ref_key" ON "payout"("bank_ref");

-- CreateIndex
CREATE UNIQUE INDEX "payout_person_id_idempotency_key_key" ON "payout"("person_id", "idempotency_key");

-- CreateIndex
CREATE UNIQUE INDEX "outbox_message_idempotency_key_key" ON "outbox_message"("idempotency_key");

-- CreateIndex
CREATE INDEX "outbox_message_subject_id_idx" ON "outbox_message"("subject_id");

-- CreateIndex
CREATE INDEX "provider_event_object_id_idx" ON "provider_event"("object_id");

-- CreateIndex
CREATE UNIQUE INDEX "provider_effect_transaction_id_key" ON "provider_effect"("transaction_id");

-- CreateIndex
CREATE INDEX "provider_transaction_source_id_idx" ON "provider_transaction"("source_id");

-- CreateIndex
CREATE UNIQUE INDEX "simulated_object_seq_key" ON "simulated_object"("seq");

-- CreateIndex
CREATE UNIQUE INDEX "simulated_object_key_key" ON "simulated_object"("key");

-- CreateIndex
CREATE INDEX "simulated_object_kind_subject_id_idx" ON "simulated_object"("kind", "subject_id");

-- CreateIndex
CREATE UNIQUE INDEX "deposit_payment_ref_key" ON "deposit"("payment_ref");

-- CreateIndex
CREATE UNIQUE INDEX "deposit_charge_ref_key" ON "deposit"("charge_ref");



-- What Prisma's schema language cannot say. Names are stable: errors and the audit refer to them.

-- Deposits made before there were providers arrived at once.
UPDATE deposit SET state = 'SUCCEEDED', succeeded_at = created_at, cleared_at = created_at;

ALTER TABLE deposit ADD CONSTRAINT deposit_succeeded CHECK ((state = 'SUCCEEDED') = (succeeded_at IS NOT NULL));
ALTER TABLE deposit ADD CONSTRAINT deposit_cleared CHECK (cleared_at IS NULL OR succeeded_at IS NOT NULL);
-- I27, as far as one row knows it. A dispute can take back what a refund has given already, so `disputed` has no bound of its own:
-- the statement that asks for a refund counts both.
ALTER TABLE deposit ADD CONSTRAINT i27_refunded CHECK (refunded >= 0 AND refunded <= amount AND disputed >= 0);
ALTER TABLE deposit_refund ADD CONSTRAINT deposit_refund_amount CHECK (amount > 0);
ALTER TABLE payment_dispute ADD CONSTRAINT payment_dispute_parts CHECK (amount > 0 AND unspent >= 0 AND unspent <= amount);
ALTER TABLE payment_dispute ADD CONSTRAINT payment_dispute_closed CHECK ((state = 'OPEN') = (closed_at IS NULL));
ALTER TABLE top_up ADD CONSTRAINT top_up_amounts CHECK (below >= 0 AND amount >= 0 AND monthly_cap >= 0 AND (NOT enabled OR amount > 0));
ALTER TABLE payout ADD CONSTRAINT payout_amount CHECK (amount > 0);
ALTER TABLE payout ADD CONSTRAINT payout_returned CHECK (returned_at IS NULL OR state = 'BANK_FAILED');

CREATE INDEX deposit_clearing ON deposit (succeeded_at) WHERE state = 'SUCCEEDED' AND cleared_at IS NULL;
CREATE INDEX payout_open ON payout (updated_at) WHERE state IN ('REQUESTED', 'SCREENED', 'TRANSFER_SENT', 'UNKNOWN', 'TRANSFERRED', 'BANK_PENDING');
CREATE INDEX payout_terms_due ON payout_terms (next_at) WHERE schedule <> 'manual';
CREATE INDEX outbox_due ON outbox_message (next_at) WHERE state IN ('PENDING', 'UNKNOWN');
CREATE INDEX provider_event_due ON provider_event (next_at) WHERE applied_at IS NULL;
CREATE INDEX provider_transaction_open ON provider_transaction (seen_at) WHERE explained_at IS NULL;
CREATE INDEX capture_stopped ON capture (stopped_by) WHERE stopped_by IS NOT NULL;

-- Effects are remembered for ever: nothing takes one back.
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON provider_effect FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
DO $$
BEGIN
  REVOKE UPDATE, DELETE, TRUNCATE ON provider_effect FROM openheaps_app;
EXCEPTION WHEN undefined_object THEN
  RAISE NOTICE 'there is no role openheaps_app: the effects are guarded by their trigger alone';
END $$;

-- Readings of the provider's objects in the order in which they began.
CREATE SEQUENCE provider_reading;

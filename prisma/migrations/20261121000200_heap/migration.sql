-- CreateSchema
CREATE SCHEMA IF NOT EXISTS "public";

-- CreateEnum
CREATE TYPE "hold_state" AS ENUM ('HELD', 'RESOLVED');

-- CreateEnum
CREATE TYPE "capture_state" AS ENUM ('CAPTURED', 'RELEASED');

-- CreateEnum
CREATE TYPE "node_kind" AS ENUM ('phone', 'netbook', 'laptop', 'console', 'settop', 'board', 'server');

-- CreateEnum
CREATE TYPE "node_state" AS ENUM ('ENROLLED', 'ONLINE', 'PAUSED', 'DISCONNECTED', 'REVOKED');

-- CreateEnum
CREATE TYPE "slot_class" AS ENUM ('nano', 'micro', 'small', 'large');

-- CreateEnum
CREATE TYPE "module_kind" AS ENUM ('wasm', 'javascript');

-- CreateEnum
CREATE TYPE "codec" AS ENUM ('bytes', 'json');

-- CreateEnum
CREATE TYPE "job_state" AS ENUM ('QUEUED', 'RUNNING', 'DONE', 'CANCELLED', 'STOPPED');

-- CreateEnum
CREATE TYPE "task_state" AS ENUM ('QUEUED', 'LEASED', 'DONE', 'FAILED', 'CANCELLED');

-- CreateEnum
CREATE TYPE "attempt_outcome" AS ENUM ('accepted', 'retried', 'lost');

-- CreateEnum
CREATE TYPE "lease_state" AS ENUM ('ACTIVE', 'DRAINING', 'ENDED');

-- CreateTable
CREATE TABLE "blob" (
    "hash" TEXT NOT NULL,
    "bytes" BIGINT NOT NULL,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "blob_pkey" PRIMARY KEY ("hash")
);

-- CreateTable
CREATE TABLE "blob_holder" (
    "hash" TEXT NOT NULL,
    "person_id" UUID NOT NULL,

    CONSTRAINT "blob_holder_pkey" PRIMARY KEY ("hash","person_id")
);

-- CreateTable
CREATE TABLE "ledger_account" (
    "id" BIGSERIAL NOT NULL,
    "code" INTEGER NOT NULL,
    "person_id" UUID,
    "currency" TEXT NOT NULL,
    "balance" BIGINT NOT NULL DEFAULT 0,

    CONSTRAINT "ledger_account_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "journal" (
    "id" BIGSERIAL NOT NULL,
    "key" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "currency" TEXT NOT NULL,
    "content_hash" TEXT NOT NULL,
    "job_id" UUID,
    "lease_id" UUID,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT clock_timestamp(),

    CONSTRAINT "journal_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "journal_entry" (
    "journal_id" BIGINT NOT NULL,
    "line" SMALLINT NOT NULL,
    "account_id" BIGINT NOT NULL,
    "amount" BIGINT NOT NULL,

    CONSTRAINT "journal_entry_pkey" PRIMARY KEY ("journal_id","line")
);

-- CreateTable
CREATE TABLE "hold" (
    "id" UUID NOT NULL,
    "job_id" UUID NOT NULL,
    "person_id" UUID NOT NULL,
    "state" "hold_state" NOT NULL DEFAULT 'HELD',
    "amount" BIGINT NOT NULL,
    "captured" BIGINT NOT NULL DEFAULT 0,
    "returned" BIGINT NOT NULL DEFAULT 0,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "resolved_at" TIMESTAMPTZ(6),

    CONSTRAINT "hold_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "capture" (
    "id" UUID NOT NULL,
    "hold_id" UUID NOT NULL,
    "job_id" UUID NOT NULL,
    "lease_id" UUID NOT NULL,
    "owner_id" UUID NOT NULL,
    "state" "capture_state" NOT NULL DEFAULT 'CAPTURED',
    "gross" BIGINT NOT NULL,
    "fee" BIGINT NOT NULL,
    "net" BIGINT NOT NULL,
    "tasks" INTEGER NOT NULL,
    "fuel" BIGINT NOT NULL,
    "captured_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "release_at" TIMESTAMPTZ(6) NOT NULL,
    "released_at" TIMESTAMPTZ(6),

    CONSTRAINT "capture_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "deposit" (
    "id" UUID NOT NULL,
    "person_id" UUID NOT NULL,
    "amount" BIGINT NOT NULL,
    "provider" TEXT NOT NULL,
    "idempotency_key" TEXT NOT NULL,
    "request_hash" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "deposit_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "invariant_check" (
    "invariant" TEXT NOT NULL,
    "holds" BOOLEAN NOT NULL,
    "detail" TEXT NOT NULL,
    "checked_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "invariant_check_pkey" PRIMARY KEY ("invariant")
);

-- CreateTable
CREATE TABLE "enrolment_code" (
    "code_hash" TEXT NOT NULL,
    "person_id" UUID NOT NULL,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(6) NOT NULL,
    "used_at" TIMESTAMPTZ(6),
    "node_id" UUID,

    CONSTRAINT "enrolment_code_pkey" PRIMARY KEY ("code_hash")
);

-- CreateTable
CREATE TABLE "node" (
    "id" UUID NOT NULL,
    "owner_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "kind" "node_kind" NOT NULL,
    "public_key" TEXT NOT NULL,
    "state" "node_state" NOT NULL DEFAULT 'ENROLLED',
    "reason_code" TEXT NOT NULL DEFAULT 'enrolled',
    "reason_sentence" TEXT NOT NULL DEFAULT 'The device has enrolled and has not connected yet.',
    "agent_version" TEXT,
    "session_epoch" INTEGER NOT NULL DEFAULT 0,
    "lease_epoch" INTEGER NOT NULL DEFAULT 0,
    "speed_fuel_per_ms" DOUBLE PRECISION NOT NULL DEFAULT 0,
    "enrolled_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "last_seen_at" TIMESTAMPTZ(6),

    CONSTRAINT "node_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "offer" (
    "node_id" UUID NOT NULL,
    "slot_class" "slot_class" NOT NULL,
    "slots" INTEGER NOT NULL,
    "reserve_price_micro" BIGINT NOT NULL,
    "available" BOOLEAN NOT NULL,
    "arrival" BIGSERIAL NOT NULL,
    "updated_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "offer_pkey" PRIMARY KEY ("node_id","slot_class")
);

-- CreateTable
CREATE TABLE "module" (
    "hash" TEXT NOT NULL,
    "kind" "module_kind" NOT NULL,
    "metered_hash" TEXT NOT NULL,
    "meter_id" TEXT NOT NULL,
    "bytes" INTEGER NOT NULL,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "module_pkey" PRIMARY KEY ("hash")
);

-- CreateTable
CREATE TABLE "job" (
    "id" UUID NOT NULL,
    "person_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "state" "job_state" NOT NULL DEFAULT 'QUEUED',
    "reason_code" TEXT NOT NULL,
    "reason_sentence" TEXT NOT NULL,
    "module_hash" TEXT NOT NULL,
    "codec" "codec" NOT NULL,
    "slot_class" "slot_class" NOT NULL,
    "slots" INTEGER NOT NULL,
    "max_price_micro" BIGINT NOT NULL,
    "budget_micro" BIGINT NOT NULL,
    "fuel_limit" BIGINT NOT NULL,
    "output_bytes_limit" INTEGER NOT NULL,
    "wall_ms_limit" INTEGER NOT NULL,
    "args" TEXT[],
    "max_attempts" INTEGER NOT NULL,
    "open" BOOLEAN NOT NULL,
    "idempotency_key" TEXT NOT NULL,
    "request_hash" TEXT NOT NULL,
    "arrival" BIGSERIAL NOT NULL,
    "total" INTEGER NOT NULL DEFAULT 0,
    "queued" INTEGER NOT NULL DEFAULT 0,
    "leased" INTEGER NOT NULL DEFAULT 0,
    "done" INTEGER NOT NULL DEFAULT 0,
    "failed" INTEGER NOT NULL DEFAULT 0,
    "cancelled" INTEGER NOT NULL DEFAULT 0,
    "settled_seq" INTEGER NOT NULL DEFAULT 0,
    "charged_micro" BIGINT NOT NULL DEFAULT 0,
    "reserved_micro" BIGINT NOT NULL DEFAULT 0,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "finished_at" TIMESTAMPTZ(6),

    CONSTRAINT "job_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "task" (
    "job_id" UUID NOT NULL,
    "index" INTEGER NOT NULL,
    "state" "task_state" NOT NULL DEFAULT 'QUEUED',
    "epoch" INTEGER NOT NULL DEFAULT 0,
    "failures" INTEGER NOT NULL DEFAULT 0,
    "lease_id" UUID,
    "input" BYTEA,
    "input_hash" TEXT,
    "input_bytes" INTEGER NOT NULL,

    CONSTRAINT "task_pkey" PRIMARY KEY ("job_id","index")
);

-- CreateTable
CREATE TABLE "attempt" (
    "job_id" UUID NOT NULL,
    "index" INTEGER NOT NULL,
    "epoch" INTEGER NOT NULL,
    "lease_id" UUID NOT NULL,
    "node_id" UUID NOT NULL,
    "outcome" "attempt_outcome" NOT NULL,
    "verdict" TEXT,
    "detail" TEXT,
    "exit_code" INTEGER,
    "fuel_used" BIGINT NOT NULL,
    "charge_micro" BIGINT NOT NULL,
    "output" BYTEA,
    "output_hash" TEXT,
    "output_bytes" INTEGER NOT NULL,
    "logs" TEXT NOT NULL,
    "wall_ms" DOUBLE PRECISION NOT NULL,
    "memory_peak_bytes" BIGINT NOT NULL,
    "seq" INTEGER,
    "finished_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "attempt_pkey" PRIMARY KEY ("job_id","index","epoch")
);

-- CreateTable
CREATE TABLE "lease" (
    "id" UUID NOT NULL,
    "slot_class" "slot_class" NOT NULL,
    "node_id" UUID NOT NULL,
    "slot_no" INTEGER NOT NULL,
    "owner_id" UUID NOT NULL,
    "job_id" UUID NOT NULL,
    "round_id" UUID NOT NULL,
    "price_micro" BIGINT NOT NULL,
    "task_max_micro" BIGINT NOT NULL,
    "epoch" INTEGER NOT NULL,
    "state" "lease_state" NOT NULL DEFAULT 'ACTIVE',
    "end_code" TEXT,
    "end_sentence" TEXT,
    "granted_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(6) NOT NULL,
    "ended_at" TIMESTAMPTZ(6),
    "fuel_charged" BIGINT NOT NULL DEFAULT 0,
    "tasks_charged" INTEGER NOT NULL DEFAULT 0,
    "charged_micro" BIGINT NOT NULL DEFAULT 0,

    CONSTRAINT "lease_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "round" (
    "id" UUID NOT NULL,
    "slot_class" "slot_class" NOT NULL,
    "number" BIGINT NOT NULL,
    "leader_epoch" BIGINT NOT NULL,
    "receipt" JSONB NOT NULL,
    "hash" TEXT NOT NULL,
    "previous_hash" TEXT,
    "cleared_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "round_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "market_leader" (
    "slot_class" "slot_class" NOT NULL,
    "epoch" BIGINT NOT NULL DEFAULT 0,

    CONSTRAINT "market_leader_pkey" PRIMARY KEY ("slot_class")
);

-- CreateIndex
CREATE UNIQUE INDEX "journal_key_key" ON "journal"("key");

-- CreateIndex
CREATE INDEX "journal_job_id_idx" ON "journal"("job_id");

-- CreateIndex
CREATE INDEX "journal_entry_account_id_idx" ON "journal_entry"("account_id");

-- CreateIndex
CREATE UNIQUE INDEX "hold_job_id_key" ON "hold"("job_id");

-- CreateIndex
CREATE INDEX "capture_lease_id_idx" ON "capture"("lease_id");

-- CreateIndex
CREATE INDEX "capture_hold_id_idx" ON "capture"("hold_id");

-- CreateIndex
CREATE UNIQUE INDEX "deposit_person_id_idempotency_key_key" ON "deposit"("person_id", "idempotency_key");

-- CreateIndex
CREATE UNIQUE INDEX "node_public_key_key" ON "node"("public_key");

-- CreateIndex
CREATE INDEX "node_owner_id_idx" ON "node"("owner_id");

-- CreateIndex
CREATE UNIQUE INDEX "job_person_id_idempotency_key_key" ON "job"("person_id", "idempotency_key");

-- CreateIndex
CREATE INDEX "lease_job_id_idx" ON "lease"("job_id");

-- CreateIndex
CREATE UNIQUE INDEX "round_slot_class_number_key" ON "round"("slot_class", "number");



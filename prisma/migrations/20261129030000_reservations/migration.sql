-- Standing slots and storage: what nodes offer to keep, who reserves it, and the leases of it.
CREATE TYPE "reservation_state" AS ENUM ('WAITING', 'RUNNING', 'DONE', 'CANCELLED', 'STOPPED');

-- AlterTable
ALTER TABLE "node" ADD COLUMN "heard_at" TIMESTAMPTZ(6),
ADD COLUMN "present_us" BIGINT NOT NULL DEFAULT 0;

-- AlterTable
ALTER TABLE "capture" ADD COLUMN "income" TEXT NOT NULL DEFAULT 'compute';

-- CreateTable
CREATE TABLE "kept_offer" (
    "node_id" UUID NOT NULL,
    "market" TEXT NOT NULL,
    "quantity" INTEGER NOT NULL,
    "leased" INTEGER NOT NULL DEFAULT 0,
    "set_price_micro" BIGINT,
    "asked_price_micro" BIGINT,
    "default_price_micro" BIGINT NOT NULL,
    "reserve_price_micro" BIGINT NOT NULL,
    "available" BOOLEAN NOT NULL,
    "session_epoch" INTEGER NOT NULL,
    "arrival" BIGSERIAL NOT NULL,
    "updated_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "kept_offer_pkey" PRIMARY KEY ("node_id","market")
);

-- CreateTable
CREATE TABLE "reservation" (
    "id" UUID NOT NULL,
    "person_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "market" TEXT NOT NULL,
    "state" "reservation_state" NOT NULL DEFAULT 'WAITING',
    "reason_code" TEXT NOT NULL,
    "reason_sentence" TEXT NOT NULL,
    "quantity" INTEGER NOT NULL,
    "max_price_micro" BIGINT NOT NULL,
    "hours" INTEGER,
    "budget_micro" BIGINT NOT NULL,
    "order_terms" JSONB NOT NULL,
    "deadline" TIMESTAMPTZ(6),
    "disconnect_wait_ms" INTEGER,
    "interruptible" BOOLEAN NOT NULL DEFAULT true,
    "preemption_notice_ms" INTEGER NOT NULL DEFAULT 0,
    "idempotency_key" TEXT NOT NULL,
    "request_hash" TEXT NOT NULL,
    "arrival" BIGSERIAL NOT NULL,
    "charged_micro" BIGINT NOT NULL DEFAULT 0,
    "reserved_micro" BIGINT NOT NULL DEFAULT 0,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "ends_at" TIMESTAMPTZ(6),
    "finished_at" TIMESTAMPTZ(6),

    CONSTRAINT "reservation_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "kept_lease" (
    "id" UUID NOT NULL,
    "market" TEXT NOT NULL,
    "node_id" UUID NOT NULL,
    "owner_id" UUID NOT NULL,
    "reservation_id" UUID NOT NULL,
    "quantity" INTEGER NOT NULL,
    "round_id" UUID NOT NULL,
    "price_micro" BIGINT NOT NULL,
    "epoch" INTEGER NOT NULL,
    "state" "lease_state" NOT NULL DEFAULT 'ACTIVE',
    "end_code" TEXT,
    "end_sentence" TEXT,
    "granted_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(6) NOT NULL,
    "ended_at" TIMESTAMPTZ(6),
    "renewals" INTEGER NOT NULL DEFAULT 0,
    "present_base_us" BIGINT NOT NULL,
    "kept_us" BIGINT NOT NULL DEFAULT 0,
    "audited_byte_hours" BIGINT NOT NULL DEFAULT 0,
    "charged_micro" BIGINT NOT NULL DEFAULT 0,
    "charged_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "limit_micro" BIGINT NOT NULL,
    "leaving_code" TEXT,
    "leaving_sentence" TEXT,
    "leave_by" TIMESTAMPTZ(6),

    CONSTRAINT "kept_lease_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "kept_claim" (
    "lease_id" UUID NOT NULL,
    "reservation_id" UUID NOT NULL,
    "round_id" UUID NOT NULL,
    "quantity" INTEGER NOT NULL,
    "price_micro" BIGINT NOT NULL,

    CONSTRAINT "kept_claim_pkey" PRIMARY KEY ("lease_id","reservation_id")
);

-- CreateIndex
CREATE UNIQUE INDEX "reservation_person_id_idempotency_key_key" ON "reservation"("person_id", "idempotency_key");
CREATE INDEX "reservation_person" ON "reservation"("person_id", "id");
CREATE INDEX "kept_lease_reservation" ON "kept_lease"("reservation_id");
CREATE INDEX "kept_lease_owner" ON "kept_lease"("owner_id", "id");
CREATE INDEX "kept_claim_reservation" ON "kept_claim"("reservation_id");

-- What Prisma's schema language cannot say.
ALTER TABLE capture ADD CONSTRAINT capture_income CHECK (income IN ('compute', 'storage'));
ALTER TABLE kept_offer ADD CONSTRAINT kept_offer_parts CHECK (
  market ~ '^(standing|storage):[a-z]+$' AND quantity >= 0 AND leased >= 0 AND reserve_price_micro >= 0
);
ALTER TABLE reservation ADD CONSTRAINT reservation_within_budget CHECK (
  charged_micro >= 0 AND reserved_micro >= 0 AND charged_micro + reserved_micro <= budget_micro
);
ALTER TABLE reservation ADD CONSTRAINT reservation_parts CHECK (
  market ~ '^(standing|storage):[a-z]+$' AND quantity > 0 AND budget_micro > 0 AND (hours IS NULL OR hours > 0)
  AND (state IN ('WAITING', 'RUNNING')) = (finished_at IS NULL)
);
ALTER TABLE kept_lease ADD CONSTRAINT kept_lease_parts CHECK (
  quantity > 0 AND kept_us >= 0 AND audited_byte_hours >= 0 AND charged_micro >= 0 AND charged_micro <= limit_micro
  AND (state = 'ENDED') = (ended_at IS NOT NULL) AND (state = 'ENDED') = (end_code IS NOT NULL)
  AND (leaving_code IS NULL) = (leave_by IS NULL)
);
ALTER TABLE kept_claim ADD CONSTRAINT kept_claim_parts CHECK (quantity > 0 AND price_micro >= 0);
CREATE INDEX kept_offer_available ON kept_offer (market, arrival) WHERE available AND quantity > 0;
CREATE INDEX reservation_live ON reservation (market, arrival) WHERE state IN ('WAITING', 'RUNNING');
CREATE INDEX kept_lease_open ON kept_lease (market, expires_at) WHERE state <> 'ENDED';
CREATE INDEX kept_lease_open_by_node ON kept_lease (node_id) WHERE state <> 'ENDED';
CREATE INDEX kept_lease_open_by_reservation ON kept_lease (reservation_id) WHERE state <> 'ENDED';

-- How long one unit of a market's price is: a slot-hour, or a GB-month of 30 days.
CREATE FUNCTION kept_unit_us(market text) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN market LIKE 'storage:%' THEN 2592000000000 ELSE 3600000000 END
$$;

-- How long a node has been heard of in all, read on to this moment: a lease begins to count from here.
CREATE FUNCTION presence_now(present_us bigint, heard_at timestamptz) RETURNS bigint LANGUAGE sql STABLE AS $$
  SELECT present_us + GREATEST(0, (extract(epoch FROM now() - COALESCE(heard_at, now())) * 1000000)::bigint)
$$;

-- What a developer's kept leases may still cost before midnight UTC.
CREATE FUNCTION kept_today(buyer uuid) RETURNS bigint LANGUAGE sql STABLE AS $$
  SELECT COALESCE(sum(LEAST(l.limit_micro - l.charged_micro, ceil(l.quantity::numeric * l.price_micro
    * GREATEST(0, extract(epoch FROM LEAST(l.expires_at, date_trunc('day', now(), 'UTC') + interval '24 hours') - l.charged_at)) * 1000000
    / kept_unit_us(l.market))::bigint)), 0)::bigint
  FROM kept_lease l JOIN reservation r ON r.id = l.reservation_id
  WHERE r.person_id = buyer AND r.state IN ('WAITING', 'RUNNING') AND l.state <> 'ENDED'
$$;

-- What the day's cap leaves for tasks that are not out yet and slots that are not leased yet; null without a cap.
CREATE OR REPLACE FUNCTION day_left(buyer uuid) RETURNS bigint LANGUAGE sql STABLE AS $$
  SELECT l.day_cap_micro - spent_today(buyer) - kept_today(buyer)
    - (SELECT COALESCE(sum(j.reserved_micro), 0)::bigint FROM job j WHERE j.person_id = buyer AND j.state IN ('QUEUED', 'RUNNING'))
  FROM buyer_limits l WHERE l.person_id = buyer AND l.day_cap_micro IS NOT NULL
$$;

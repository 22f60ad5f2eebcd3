-- AlterTable
ALTER TABLE "node" ADD COLUMN "labels" TEXT[] DEFAULT ARRAY[]::TEXT[],
ADD COLUMN "region" TEXT,
ADD COLUMN "trust" INTEGER NOT NULL DEFAULT 0;

-- AlterTable
ALTER TABLE "offer" ADD COLUMN "asked_price_micro" BIGINT,
ADD COLUMN "electricity_micro" BIGINT NOT NULL DEFAULT 1;
ALTER TABLE "offer" ALTER COLUMN "electricity_micro" DROP DEFAULT;

-- CreateTable
CREATE TABLE "owner_rules" (
    "owner_id" UUID NOT NULL,
    "region" TEXT,
    "time_zone" TEXT NOT NULL DEFAULT 'UTC',
    "price_per_kwh_micro" BIGINT,
    "margin_percent" INTEGER NOT NULL DEFAULT 25,
    "admits_only" BOOLEAN NOT NULL DEFAULT false,
    "allow_buyers" UUID[],
    "deny_buyers" UUID[],
    "workload_classes" TEXT[],
    "updated_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "owner_rules_pkey" PRIMARY KEY ("owner_id")
);

-- CreateTable
CREATE TABLE "price_hours" (
    "id" BIGSERIAL NOT NULL,
    "owner_id" UUID NOT NULL,
    "node_id" UUID,
    "position" INTEGER NOT NULL,
    "weekdays" INTEGER[],
    "from_hour" INTEGER NOT NULL,
    "to_hour" INTEGER NOT NULL,
    "price_micro" BIGINT NOT NULL,

    CONSTRAINT "price_hours_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "price_hours_owner_id_idx" ON "price_hours"("owner_id");

-- What Prisma's schema language cannot say.
ALTER TABLE price_hours ADD CONSTRAINT price_hours_within_a_day CHECK (
  from_hour BETWEEN 0 AND 23 AND to_hour BETWEEN 1 AND 24 AND from_hour <> to_hour AND price_micro >= 0
);

-- The owner's own price for a device at an instant, null where none is set. Weekday and hour are those of the owner's clock, so a price
-- until six holds until the clock shows six, also in nights that are an hour longer or shorter. Hours over midnight belong to the day on
-- which they begin. A device's own hours come before those of all devices.
CREATE FUNCTION price_by_hour(owner uuid, device uuid, at timestamptz) RETURNS TABLE (price bigint, of_device boolean)
LANGUAGE sql STABLE AS $$
  SELECT p.price_micro, p.node_id IS NOT NULL
  FROM price_hours p LEFT JOIN owner_rules r ON r.owner_id = p.owner_id
  CROSS JOIN LATERAL (SELECT at AT TIME ZONE COALESCE(r.time_zone, 'UTC') AS clock) AS local
  CROSS JOIN LATERAL (SELECT extract(isodow FROM clock)::int AS day, extract(hour FROM clock)::int AS hour) AS now
  WHERE p.owner_id = owner AND (p.node_id IS NULL OR p.node_id = device) AND CASE
    WHEN p.from_hour < p.to_hour THEN now.day = ANY(p.weekdays) AND now.hour >= p.from_hour AND now.hour < p.to_hour
    ELSE (now.day = ANY(p.weekdays) AND now.hour >= p.from_hour)
      OR ((now.day + 5) % 7 + 1 = ANY(p.weekdays) AND now.hour < p.to_hour)
  END
  ORDER BY p.node_id NULLS LAST, p.position LIMIT 1
$$;

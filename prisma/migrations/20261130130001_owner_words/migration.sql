-- What an owner says to a device, and what the device says is in force.
CREATE TABLE "device_word" (
    "node_id" UUID NOT NULL,
    -- The newest rules, wherever they were set; none yet at version 0.
    "version" INTEGER NOT NULL DEFAULT 0,
    "origin" TEXT NOT NULL DEFAULT 'device',
    "rules" JSONB,
    "set_at" TIMESTAMPTZ(6),
    "hold_version" INTEGER NOT NULL DEFAULT 0,
    "hold_origin" TEXT NOT NULL DEFAULT 'device',
    "held" BOOLEAN NOT NULL DEFAULT false,
    "held_until" TIMESTAMPTZ(6),
    -- What the device last said; null of one that has not said it yet.
    "heard_version" INTEGER,
    "heard_origin" TEXT,
    "heard_rules" JSONB,
    "heard_since" TIMESTAMPTZ(6),
    "heard_hold_version" INTEGER NOT NULL DEFAULT 0,
    "heard_hold_origin" TEXT NOT NULL DEFAULT 'device',
    "own_rules_only" BOOLEAN NOT NULL DEFAULT false,

    CONSTRAINT "device_word_pkey" PRIMARY KEY ("node_id"),
    CONSTRAINT "device_word_origins" CHECK ("origin" IN ('device', 'heap') AND "hold_origin" IN ('device', 'heap')),
    CONSTRAINT "device_word_held_until" CHECK ("held" OR "held_until" IS NULL)
);
-- Words said at the heap that the device has not confirmed: few, and looked for every few seconds.
CREATE INDEX "device_word_unheard" ON "device_word"("node_id")
  WHERE ("origin" = 'heap' AND NOT "own_rules_only" AND ("version", "origin") IS DISTINCT FROM ("heard_version", "heard_origin"))
     OR ("hold_origin" = 'heap' AND ("hold_version", "hold_origin") IS DISTINCT FROM ("heard_hold_version", "heard_hold_origin"));

-- What a new device of an owner's begins with.
CREATE TABLE "new_device_rules" (
    "owner_id" UUID NOT NULL,
    "rules" JSONB NOT NULL,
    "updated_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "new_device_rules_pkey" PRIMARY KEY ("owner_id")
);

-- Each time a device was given back while something ran, as the device measured it; the last 256 of each are kept.
CREATE TABLE "give_back" (
    "id" BIGSERIAL NOT NULL,
    "node_id" UUID NOT NULL,
    "at" TIMESTAMPTZ(6) NOT NULL,
    "reason_code" TEXT NOT NULL,
    "reason_sentence" TEXT NOT NULL,
    "took_ms" DOUBLE PRECISION NOT NULL,
    "leases" INTEGER NOT NULL,

    CONSTRAINT "give_back_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "give_back_node" ON "give_back"("node_id", "id");

-- What a device feels, as its heartbeats say: the last, and a sample of each quarter of an hour of the last day.
ALTER TABLE "node"
  ADD COLUMN "readings" JSONB,
  ADD COLUMN "readings_at" TIMESTAMPTZ(6),
  ADD COLUMN "groups" TEXT[] NOT NULL DEFAULT '{}';

CREATE TABLE "node_sample" (
    "node_id" UUID NOT NULL,
    "at" TIMESTAMPTZ(6) NOT NULL,
    "readings" JSONB NOT NULL,

    CONSTRAINT "node_sample_pkey" PRIMARY KEY ("node_id", "at")
);
CREATE INDEX "node_sample_at" ON "node_sample"("at");

-- What the heap tells people: a notice is written once for its cause, then delivered by the channels its person chose.
CREATE TYPE "notice_channel" AS ENUM ('email', 'push', 'webhook');
CREATE TYPE "delivery_state" AS ENUM ('PENDING', 'SENT', 'FAILED');

CREATE TABLE "notice" (
    "id" UUID NOT NULL,
    "person_id" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "cause" TEXT NOT NULL,
    "params" JSONB NOT NULL,
    "shown" BOOLEAN NOT NULL DEFAULT true,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "read_at" TIMESTAMPTZ(6),

    CONSTRAINT "notice_pkey" PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "notice_cause" ON "notice"("person_id", "cause");
CREATE INDEX "notice_person" ON "notice"("person_id", "id");
CREATE INDEX "notice_kind" ON "notice"("kind", "created_at");
CREATE INDEX notice_unread ON notice (person_id) WHERE shown AND read_at IS NULL;

CREATE TABLE "webhook" (
    "id" UUID NOT NULL,
    "person_id" UUID NOT NULL,
    "url" TEXT NOT NULL,
    "kinds" TEXT[],
    "state" TEXT NOT NULL DEFAULT 'ACTIVE',
    "reason_code" TEXT NOT NULL,
    "reason" TEXT NOT NULL,
    "generation" INTEGER NOT NULL DEFAULT 1,
    "old_until" TIMESTAMPTZ(6),
    "failing_since" TIMESTAMPTZ(6),
    "disabled_at" TIMESTAMPTZ(6),
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "webhook_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "webhook_person" ON "webhook"("person_id", "id");

CREATE TABLE "push_subscription" (
    "id" UUID NOT NULL,
    "person_id" UUID NOT NULL,
    "endpoint" TEXT NOT NULL,
    "p256dh" TEXT NOT NULL,
    "auth" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "last_sent_at" TIMESTAMPTZ(6),

    CONSTRAINT "push_subscription_pkey" PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "push_subscription_endpoint_key" ON "push_subscription"("endpoint");
CREATE INDEX "push_subscription_person" ON "push_subscription"("person_id");

CREATE TABLE "notice_delivery" (
    "id" UUID NOT NULL,
    "notice_id" UUID NOT NULL,
    "person_id" UUID NOT NULL,
    "channel" "notice_channel" NOT NULL,
    "webhook_id" UUID,
    "push_id" UUID,
    "grouped" BOOLEAN NOT NULL DEFAULT false,
    "state" "delivery_state" NOT NULL DEFAULT 'PENDING',
    "reason_code" TEXT NOT NULL,
    "reason" TEXT NOT NULL,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "claim" UUID,
    "next_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "sent_at" TIMESTAMPTZ(6),
    "response_status" INTEGER,
    "response_start" TEXT,

    CONSTRAINT "notice_delivery_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "notice_delivery_notice_id_fkey" FOREIGN KEY ("notice_id") REFERENCES "notice"("id") ON DELETE CASCADE ON UPDATE CASCADE,
    CONSTRAINT "notice_delivery_webhook_id_fkey" FOREIGN KEY ("webhook_id") REFERENCES "webhook"("id") ON DELETE CASCADE ON UPDATE CASCADE,
    CONSTRAINT "notice_delivery_push_id_fkey" FOREIGN KEY ("push_id") REFERENCES "push_subscription"("id") ON DELETE CASCADE ON UPDATE CASCADE
);
CREATE UNIQUE INDEX notice_delivery_once ON notice_delivery (notice_id, channel, webhook_id, push_id) NULLS NOT DISTINCT;
CREATE INDEX "notice_delivery_webhook" ON "notice_delivery"("webhook_id", "id");
CREATE INDEX "notice_delivery_push" ON "notice_delivery"("push_id");
CREATE INDEX "notice_delivery_person" ON "notice_delivery"("person_id", "channel", "sent_at");
CREATE INDEX notice_delivery_due ON notice_delivery (next_at) WHERE state = 'PENDING';

CREATE TABLE "notice_choice" (
    "person_id" UUID NOT NULL,
    "notice_group" TEXT NOT NULL,
    "channel" TEXT NOT NULL,
    "on" BOOLEAN NOT NULL,

    CONSTRAINT "notice_choice_pkey" PRIMARY KEY ("person_id", "notice_group", "channel")
);

CREATE TABLE "quiet_hours" (
    "person_id" UUID NOT NULL,
    "from_minute" INTEGER NOT NULL,
    "until_minute" INTEGER NOT NULL,
    "time_zone" TEXT NOT NULL,

    CONSTRAINT "quiet_hours_pkey" PRIMARY KEY ("person_id")
);

-- From which devices somebody has signed in: another one is news.
CREATE TABLE "known_device" (
    "person_id" UUID NOT NULL,
    "device" TEXT NOT NULL,
    "first_seen_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "known_device_pkey" PRIMARY KEY ("person_id", "device")
);

-- How far each watch has looked; what happened before it began is nobody's news.
CREATE TABLE "notice_watch" (
    "name" TEXT NOT NULL,
    "began_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "looked_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "notice_watch_pkey" PRIMARY KEY ("name")
);

-- Which jobs ended lately, without reading all there ever were.
CREATE INDEX job_finished ON job (finished_at) WHERE finished_at IS NOT NULL;
CREATE INDEX presence_change_at ON presence_change USING brin (changed_at);

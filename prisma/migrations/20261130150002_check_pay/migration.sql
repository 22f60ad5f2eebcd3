-- What nodes earn by checks: held like all earnings, and void if its node turns out to have lied.
CREATE TYPE "check_pay_state" AS ENUM ('HELD', 'RELEASED', 'VOIDED');
CREATE TABLE "check_pay" (
    "check_id" UUID NOT NULL,
    "job_id" UUID NOT NULL,
    "lease_id" UUID NOT NULL,
    "node_id" UUID NOT NULL,
    "owner_id" UUID NOT NULL,
    "amount" BIGINT NOT NULL,
    "state" "check_pay_state" NOT NULL DEFAULT 'HELD',
    "hold_code" TEXT NOT NULL,
    "earned_at" TIMESTAMPTZ(6) NOT NULL DEFAULT now(),
    "release_at" TIMESTAMPTZ(6) NOT NULL,
    "ended_at" TIMESTAMPTZ(6),

    CONSTRAINT "check_pay_pkey" PRIMARY KEY ("check_id")
);
CREATE INDEX "check_pay_owner" ON "check_pay"("owner_id", "earned_at");
CREATE INDEX "check_pay_node" ON "check_pay"("node_id");
CREATE INDEX check_pay_due ON check_pay (release_at) WHERE state = 'HELD';
ALTER TABLE check_pay ADD CONSTRAINT check_pay_parts CHECK (amount > 0 AND (state = 'HELD') = (ended_at IS NULL)
  AND hold_code IN ('verification', 'new_owner'));

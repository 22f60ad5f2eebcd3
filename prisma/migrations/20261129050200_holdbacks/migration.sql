-- How long a capture is held depends on who pays and who earns; a new owner leaves a part of each release in reserve.

-- AlterTable
ALTER TABLE "capture" ADD COLUMN     "hold_code" TEXT NOT NULL DEFAULT 'verification',
ADD COLUMN     "refunded" BIGINT NOT NULL DEFAULT 0,
ADD COLUMN     "refunded_net" BIGINT NOT NULL DEFAULT 0;

-- CreateTable
CREATE TABLE "earner" (
    "person_id" UUID NOT NULL,
    "first_earned_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "reserve_released_at" TIMESTAMPTZ(6),

    CONSTRAINT "earner_pkey" PRIMARY KEY ("person_id")
);

-- CreateIndex
CREATE INDEX "capture_owner" ON "capture"("owner_id", "captured_at");

-- What went back before there were parts went back whole.
UPDATE capture SET refunded = gross, refunded_net = net WHERE state = 'REFUNDED';
INSERT INTO earner (person_id, first_earned_at) SELECT owner_id, min(captured_at) FROM capture GROUP BY owner_id;

ALTER TABLE capture ADD CONSTRAINT capture_hold_code CHECK (hold_code IN ('verification', 'new_payer', 'new_owner'));
ALTER TABLE capture ADD CONSTRAINT capture_refunded CHECK (refunded >= 0 AND refunded <= gross AND refunded_net >= 0 AND refunded_net <= net
  AND CASE state WHEN 'REFUNDED' THEN refunded = gross AND refunded_net = net WHEN 'SPLIT' THEN refunded > 0 AND refunded < gross
    ELSE refunded = 0 AND refunded_net = 0 END);
CREATE INDEX capture_pending ON capture (owner_id, release_at) WHERE state IN ('CAPTURED', 'DISPUTED');

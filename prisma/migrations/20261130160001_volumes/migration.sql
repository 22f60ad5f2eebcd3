-- Volumes: what developers keep on devices, where its pieces are, and what proves that they are there.
CREATE TYPE "volume_state" AS ENUM ('WAITING', 'READY', 'ENDED');
CREATE TYPE "volume_file_state" AS ENUM ('UPLOADING', 'STORED', 'DELETED');
CREATE TYPE "piece_state" AS ENUM ('UNPLACED', 'PLANNED', 'SPOOLED', 'STORED', 'SUSPECT', 'LEAVING', 'MISSING', 'CORRUPT', 'GONE');
CREATE TABLE "volume" (
    "id" UUID NOT NULL,
    "person_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "class" TEXT NOT NULL,
    "gigabytes" INTEGER NOT NULL,
    "state" "volume_state" NOT NULL DEFAULT 'WAITING',
    "reason_code" TEXT NOT NULL,
    "reason_sentence" TEXT NOT NULL,
    "reservation_id" UUID,
    "idempotency_key" TEXT NOT NULL,
    "request_hash" TEXT NOT NULL,
    "repaired_bytes" BIGINT NOT NULL DEFAULT 0,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "ended_at" TIMESTAMPTZ(6),

    CONSTRAINT "volume_pkey" PRIMARY KEY ("id")
);
CREATE TABLE "volume_file" (
    "id" UUID NOT NULL,
    "volume_id" UUID NOT NULL,
    "idempotency_key" TEXT NOT NULL,
    "state" "volume_file_state" NOT NULL DEFAULT 'UPLOADING',
    "reason_code" TEXT NOT NULL,
    "reason_sentence" TEXT NOT NULL,
    "segments" INTEGER,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "stored_at" TIMESTAMPTZ(6),
    "deleted_at" TIMESTAMPTZ(6),

    CONSTRAINT "volume_file_pkey" PRIMARY KEY ("id")
);
CREATE TABLE "volume_segment" (
    "file_id" UUID NOT NULL,
    "ordinal" INTEGER NOT NULL,
    "volume_id" UUID NOT NULL,
    "data_bytes" INTEGER NOT NULL,
    "piece_bytes" INTEGER NOT NULL,
    "roots" TEXT[],
    "look_at" TIMESTAMPTZ(6),
    "repairing_at" TIMESTAMPTZ(6),

    CONSTRAINT "volume_segment_pkey" PRIMARY KEY ("file_id","ordinal")
);
CREATE TABLE "volume_piece" (
    "id" UUID NOT NULL,
    "file_id" UUID NOT NULL,
    "ordinal" INTEGER NOT NULL,
    "index" INTEGER NOT NULL,
    "volume_id" UUID NOT NULL,
    "bytes" INTEGER NOT NULL,
    "state" "piece_state" NOT NULL,
    "node_id" UUID,
    "lease_id" UUID,
    "cluster" TEXT,
    "spooled_at" TIMESTAMPTZ(6),
    "stored_at" TIMESTAMPTZ(6),
    "audited_at" TIMESTAMPTZ(6),
    "audit_due_at" TIMESTAMPTZ(6),
    "paid_to" TIMESTAMPTZ(6),
    "silent" INTEGER NOT NULL DEFAULT 0,
    "failures" INTEGER NOT NULL DEFAULT 0,
    "lost_at" TIMESTAMPTZ(6),
    "code" TEXT,
    "del_told_at" TIMESTAMPTZ(6),
    "deleted_at" TIMESTAMPTZ(6),

    CONSTRAINT "volume_piece_pkey" PRIMARY KEY ("id")
);
CREATE TABLE "piece_transfer" (
    "id" UUID NOT NULL,
    "piece_id" UUID NOT NULL,
    "node_id" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "state" TEXT NOT NULL DEFAULT 'OPEN',
    "code" TEXT,
    "told_at" TIMESTAMPTZ(6),
    "deadline_at" TIMESTAMPTZ(6) NOT NULL,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "ended_at" TIMESTAMPTZ(6),

    CONSTRAINT "piece_transfer_pkey" PRIMARY KEY ("id")
);
CREATE TABLE "relay_item" (
    "id" UUID NOT NULL,
    "bytes" INTEGER NOT NULL,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "draft_until" TIMESTAMPTZ(6),

    CONSTRAINT "relay_item_pkey" PRIMARY KEY ("id")
);
CREATE TABLE "held_piece" (
    "file_id" UUID NOT NULL,
    "ordinal" INTEGER NOT NULL,
    "index" INTEGER NOT NULL,
    "bytes" INTEGER NOT NULL,

    CONSTRAINT "held_piece_pkey" PRIMARY KEY ("file_id","ordinal","index")
);
CREATE TABLE "piece_audit" (
    "id" UUID NOT NULL,
    "node_id" UUID NOT NULL,
    "challenges" JSONB NOT NULL,
    "sent_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "deadline_at" TIMESTAMPTZ(6) NOT NULL,
    "outcome" TEXT,
    "ended_at" TIMESTAMPTZ(6),

    CONSTRAINT "piece_audit_pkey" PRIMARY KEY ("id")
);
CREATE TABLE "node_storage" (
    "node_id" UUID NOT NULL,
    "held" BIGINT NOT NULL DEFAULT 0,
    "bytes" BIGINT NOT NULL DEFAULT 0,
    "free_bytes" BIGINT NOT NULL DEFAULT 0,
    "said_at" TIMESTAMPTZ(6),
    "passed" BIGINT NOT NULL DEFAULT 0,
    "failed" BIGINT NOT NULL DEFAULT 0,
    "unanswered" BIGINT NOT NULL DEFAULT 0,
    "audited_at" TIMESTAMPTZ(6),
    "scores" JSONB,
    "corruption_score" DOUBLE PRECISION NOT NULL DEFAULT 1,
    "online_score" DOUBLE PRECISION NOT NULL DEFAULT 1,
    "vetted_at" TIMESTAMPTZ(6),
    "refuted_at" TIMESTAMPTZ(6),

    CONSTRAINT "node_storage_pkey" PRIMARY KEY ("node_id")
);
CREATE TABLE "volume_directory" (
    "id" TEXT NOT NULL,
    "volume_id" UUID NOT NULL,
    "version" INTEGER NOT NULL,
    "sealed" TEXT NOT NULL,
    "written_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "volume_directory_pkey" PRIMARY KEY ("id")
);
CREATE TABLE "repair_day" (
    "day" DATE NOT NULL,
    "bytes" BIGINT NOT NULL,

    CONSTRAINT "repair_day_pkey" PRIMARY KEY ("day")
);
CREATE UNIQUE INDEX "volume_reservation_id_key" ON "volume"("reservation_id");
CREATE UNIQUE INDEX "volume_person_id_idempotency_key_key" ON "volume"("person_id", "idempotency_key");
CREATE INDEX "volume_person" ON "volume"("person_id", "id");
CREATE UNIQUE INDEX "volume_file_volume_id_idempotency_key_key" ON "volume_file"("volume_id", "idempotency_key");
CREATE INDEX "volume_file_volume" ON "volume_file"("volume_id", "id");
CREATE INDEX "volume_segment_volume" ON "volume_segment"("volume_id");
CREATE INDEX "volume_piece_place" ON "volume_piece"("file_id", "ordinal", "index");
CREATE INDEX "volume_piece_volume" ON "volume_piece"("volume_id");
CREATE INDEX "volume_piece_node" ON "volume_piece"("node_id");
CREATE INDEX "volume_piece_lease" ON "volume_piece"("lease_id");
CREATE INDEX "piece_transfer_piece" ON "piece_transfer"("piece_id");
CREATE INDEX "piece_audit_node" ON "piece_audit"("node_id", "id");
CREATE INDEX "volume_directory_volume" ON "volume_directory"("volume_id");

ALTER TABLE "reservation" ADD COLUMN "max_per_node" INTEGER;

-- What Prisma's schema language cannot say.
ALTER TABLE reservation ADD CONSTRAINT reservation_max_per_node CHECK (max_per_node > 0);
ALTER TABLE volume ADD CONSTRAINT volume_parts CHECK (
  class IN ('standard', 'cold', 'small') AND gigabytes > 0 AND repaired_bytes >= 0 AND (state = 'ENDED') = (ended_at IS NOT NULL)
);
ALTER TABLE volume_file ADD CONSTRAINT volume_file_parts CHECK (
  (state <> 'STORED' OR (stored_at IS NOT NULL AND segments > 0)) AND (state = 'DELETED') = (deleted_at IS NOT NULL)
);
ALTER TABLE volume_segment ADD CONSTRAINT volume_segment_parts CHECK (ordinal >= 0 AND data_bytes > 0 AND piece_bytes > 0);
ALTER TABLE volume_piece ADD CONSTRAINT volume_piece_parts CHECK (
  bytes > 0 AND index >= 0 AND (state IN ('UNPLACED', 'GONE') OR node_id IS NOT NULL)
  AND (state NOT IN ('STORED', 'SUSPECT', 'LEAVING') OR stored_at IS NOT NULL)
);
-- One piece of an index is kept or on its way; a leaving one and its successor overlap, lost ones stay beside.
CREATE UNIQUE INDEX volume_piece_present ON volume_piece (file_id, ordinal, index)
  WHERE state IN ('UNPLACED', 'PLANNED', 'SPOOLED', 'STORED', 'SUSPECT');
CREATE INDEX volume_piece_audit ON volume_piece (audit_due_at) WHERE state IN ('STORED', 'SUSPECT', 'LEAVING');
CREATE INDEX volume_piece_unplaced ON volume_piece (file_id, ordinal) WHERE state = 'UNPLACED';
CREATE INDEX volume_piece_spooled ON volume_piece (node_id) WHERE state = 'SPOOLED';
CREATE INDEX volume_piece_gone ON volume_piece (node_id) WHERE state = 'GONE' AND deleted_at IS NULL;
CREATE INDEX volume_segment_look ON volume_segment (look_at) WHERE look_at IS NOT NULL;
CREATE INDEX volume_open ON volume (reservation_id) WHERE state <> 'ENDED';
CREATE INDEX volume_file_tombstone ON volume_file (deleted_at) WHERE state = 'DELETED';
ALTER TABLE piece_transfer ADD CONSTRAINT piece_transfer_parts CHECK (
  kind IN ('PUT', 'GET') AND state IN ('OPEN', 'DONE', 'FAILED') AND (state = 'OPEN') = (ended_at IS NULL)
);
-- One delivery of a piece to a device at a time.
CREATE UNIQUE INDEX piece_transfer_put ON piece_transfer (piece_id) WHERE state = 'OPEN' AND kind = 'PUT';
CREATE INDEX piece_transfer_open ON piece_transfer (deadline_at) WHERE state = 'OPEN';
CREATE INDEX piece_transfer_ended ON piece_transfer (ended_at) WHERE state <> 'OPEN';
ALTER TABLE piece_audit ADD CONSTRAINT piece_audit_outcome CHECK (outcome IN ('answered', 'silent', 'away') AND (outcome IS NULL) = (ended_at IS NULL));
CREATE INDEX piece_audit_open ON piece_audit (deadline_at) WHERE ended_at IS NULL;
CREATE UNIQUE INDEX piece_audit_one ON piece_audit (node_id) WHERE ended_at IS NULL;
CREATE INDEX piece_audit_ended ON piece_audit (ended_at) WHERE ended_at IS NOT NULL;
ALTER TABLE relay_item ADD CONSTRAINT relay_item_bytes CHECK (bytes > 0);

-- AlterTable
ALTER TABLE "job" ADD COLUMN "deadline" TIMESTAMPTZ(6),
ADD COLUMN "disconnect_wait_ms" INTEGER,
ADD COLUMN "interruptible" BOOLEAN NOT NULL DEFAULT true,
ADD COLUMN "order_terms" JSONB NOT NULL DEFAULT '{}',
ADD COLUMN "workload_class" TEXT NOT NULL DEFAULT 'general';

-- CreateTable
CREATE TABLE "buyer_limits" (
    "person_id" UUID NOT NULL,
    "job_cap_micro" BIGINT,
    "day_cap_micro" BIGINT,
    "not_owners" UUID[],
    "not_nodes" UUID[],
    "updated_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "buyer_limits_pkey" PRIMARY KEY ("person_id")
);

-- CreateIndex
CREATE INDEX "hold_person_id_idx" ON "hold"("person_id");

-- What Prisma's schema language cannot say.
CREATE INDEX job_deadline ON job (deadline) WHERE deadline IS NOT NULL AND state IN ('QUEUED', 'RUNNING');

-- What a developer was charged since midnight UTC. Holds that were resolved before have no captures since.
CREATE FUNCTION spent_today(buyer uuid) RETURNS bigint LANGUAGE sql STABLE AS $$
  SELECT COALESCE(sum(c.gross), 0)::bigint
  FROM hold h JOIN capture c ON c.hold_id = h.id
  WHERE h.person_id = buyer AND (h.resolved_at IS NULL OR h.resolved_at >= date_trunc('day', now(), 'UTC'))
    AND c.captured_at >= date_trunc('day', now(), 'UTC')
$$;

-- What the day's cap leaves for tasks that are not out yet; null without a cap.
CREATE FUNCTION day_left(buyer uuid) RETURNS bigint LANGUAGE sql STABLE AS $$
  SELECT l.day_cap_micro - spent_today(buyer)
    - (SELECT COALESCE(sum(j.reserved_micro), 0)::bigint FROM job j WHERE j.person_id = buyer AND j.state IN ('QUEUED', 'RUNNING'))
  FROM buyer_limits l WHERE l.person_id = buyer AND l.day_cap_micro IS NOT NULL
$$;

-- The same for somebody about to reserve it: claims of one developer's jobs queue up behind the cap's row, and each reads the sums anew
-- when its turn has come (a volatile function's statements see what was committed before each).
CREATE FUNCTION claimable_today(buyer uuid) RETURNS bigint LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  PERFORM 1 FROM buyer_limits WHERE person_id = buyer AND day_cap_micro IS NOT NULL FOR NO KEY UPDATE;
  IF NOT FOUND THEN
    RETURN NULL;
  END IF;
  RETURN GREATEST(0, day_left(buyer));
END $$;

-- Do an owner's rules still admit this buyer and class of work, and the buyer this node? Who wrote no rules admits what was admitted before.
CREATE FUNCTION still_admitted(owner uuid, device uuid, buyer uuid, work text) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT COALESCE((SELECT buyer <> ALL (r.deny_buyers) AND (NOT r.admits_only OR buyer = ANY (r.allow_buyers)) AND work = ANY (r.workload_classes)
                   FROM owner_rules r WHERE r.owner_id = owner), true)
     AND NOT EXISTS (SELECT 1 FROM buyer_limits b WHERE b.person_id = buyer AND (owner = ANY (b.not_owners) OR device = ANY (b.not_nodes)))
$$;

-- AlterTable
ALTER TABLE "lease" ADD COLUMN "leave_by" TIMESTAMPTZ(6),
ADD COLUMN "leaving_code" TEXT,
ADD COLUMN "leaving_sentence" TEXT,
ADD COLUMN "next_job_id" UUID,
ADD COLUMN "next_price_micro" BIGINT,
ADD COLUMN "next_round_id" UUID,
ADD COLUMN "renewals" INTEGER NOT NULL DEFAULT 0,
ADD COLUMN "term_fuel" BIGINT NOT NULL DEFAULT 0;

-- What Prisma's schema language cannot say.
ALTER TABLE lease ADD CONSTRAINT lease_leaving CHECK (
  (leaving_code IS NULL) = (leaving_sentence IS NULL)
  AND (next_job_id IS NULL) = (next_round_id IS NULL) AND (next_job_id IS NULL) = (next_price_micro IS NULL)
  AND (leaving_code IS NOT NULL OR (next_job_id IS NULL AND leave_by IS NULL))
);
CREATE INDEX lease_next_job ON lease (next_job_id) WHERE state <> 'ENDED' AND next_job_id IS NOT NULL;

-- The end of a term that begins at an instant: at most `term_ms` later, at a whole sixth of it by the clock. So the leases of a market come up
-- for renewal together, in one round at one price, and rounds that only renew are few.
CREATE FUNCTION term_end(since timestamptz, term_ms double precision) RETURNS timestamptz LANGUAGE sql IMMUTABLE AS $$
  SELECT to_timestamp(floor(extract(epoch FROM since + make_interval(secs => term_ms / 1000)) * 6000 / term_ms) * term_ms / 6000)
$$;

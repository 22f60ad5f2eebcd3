-- What an overturned penalty had taken comes back as a check's pay does: held first. Such pay has no lease, and a penalty by an admin no job.
ALTER TABLE "check_pay" ALTER COLUMN "job_id" DROP NOT NULL, ALTER COLUMN "lease_id" DROP NOT NULL;

-- Checks that a lease has out, and those that the heap paid: they count in what a cluster may execute of a job.
CREATE INDEX result_check_lease ON result_check (job_id, lease_id) WHERE lease_id IS NOT NULL AND (state = 'OUT' OR NOT awaited);

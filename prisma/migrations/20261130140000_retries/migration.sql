-- A job may run tasks of another again: which job, and which of its tasks each of its own is.
ALTER TABLE "job" ADD COLUMN "retry_of" UUID, ADD COLUMN "retry_indices" INTEGER[] NOT NULL DEFAULT '{}';

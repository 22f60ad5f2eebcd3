-- What the tasks of a job see beside their input and arguments; jobs that are there see nothing.
ALTER TABLE "job" ADD COLUMN "view" JSONB NOT NULL DEFAULT '{"env": {}, "files": [], "scratch": null, "seed": null, "clock_ms": null}';

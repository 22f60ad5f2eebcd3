-- Which of a developer's own jobs comes first; it says nothing to other developers.
ALTER TABLE "job" ADD COLUMN "priority" INTEGER NOT NULL DEFAULT 0;

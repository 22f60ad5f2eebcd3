-- Figures of the heap over time: one value of each a minute, and what minutes add up to in hours and days.
CREATE TABLE "heap_sample" (
    "metric" TEXT NOT NULL,
    "term_ms" INTEGER NOT NULL,
    "from_at" TIMESTAMPTZ(6) NOT NULL,
    "mean" DOUBLE PRECISION NOT NULL,
    "least" DOUBLE PRECISION NOT NULL,
    "most" DOUBLE PRECISION NOT NULL,
    "samples" INTEGER NOT NULL,

    CONSTRAINT "heap_sample_pkey" PRIMARY KEY ("metric", "term_ms", "from_at")
);

-- What an admin must look at, from the moment it is so to the moment it is not.
CREATE TABLE "heap_alert" (
    "id" UUID NOT NULL,
    "code" TEXT NOT NULL,
    "subject" TEXT NOT NULL DEFAULT '',
    "severity" TEXT NOT NULL,
    "weight" INTEGER NOT NULL,
    "sentence" TEXT NOT NULL,
    "link" TEXT NOT NULL,
    "raised_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "cleared_at" TIMESTAMPTZ(6),
    "acknowledged_at" TIMESTAMPTZ(6),
    "acknowledged_by" UUID,
    "note" TEXT,

    CONSTRAINT "heap_alert_pkey" PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX heap_alert_open ON heap_alert (code, subject) WHERE cleared_at IS NULL;
CREATE INDEX heap_alert_raised ON heap_alert (raised_at);

-- Attempts are only added, nearly in the order of their ends: what happened in the last minute is found for next to nothing.
CREATE INDEX attempt_finished ON attempt USING brin (finished_at) WITH (pages_per_range = 16, autosummarize = on);
-- Which jobs wait, and since when.
CREATE INDEX job_waiting ON job (created_at) WHERE state IN ('QUEUED', 'RUNNING') AND queued > 0;

-- Tasks that take their nodes down are set aside; leases that ended over one do not count against their node.
ALTER TABLE "task" ADD COLUMN "losses" INTEGER NOT NULL DEFAULT 0;
ALTER TABLE "lease" ADD COLUMN "excused" BOOLEAN NOT NULL DEFAULT false;

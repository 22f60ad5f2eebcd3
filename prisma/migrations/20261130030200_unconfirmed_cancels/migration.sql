-- Its node did not confirm in time that it had stopped what was cancelled.
ALTER TABLE "lease" ADD COLUMN "unconfirmed" BOOLEAN NOT NULL DEFAULT false;

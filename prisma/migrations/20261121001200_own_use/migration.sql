-- AlterTable
ALTER TABLE "capture" ADD COLUMN "own_use" BOOLEAN NOT NULL DEFAULT false;

-- CreateIndex
CREATE INDEX "lease_owner_id_id_idx" ON "lease"("owner_id", "id");

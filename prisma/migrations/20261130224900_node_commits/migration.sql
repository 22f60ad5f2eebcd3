-- Whether a node commits to results before it reveals them: what is not revealed waits only for such nodes.
ALTER TABLE "node" ADD COLUMN "commits" BOOLEAN NOT NULL DEFAULT false;

-- With which reason a node was last shown: one that rests for another reason is news.
ALTER TABLE "node" ADD COLUMN "presence_reason" TEXT;

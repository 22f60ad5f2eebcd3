-- When the leader of a market was last heard of, by the database's clock. A row of its own: the epoch's is locked for as long as a round takes.
CREATE TABLE "market_beat" (
    "market" TEXT NOT NULL,
    "seen_at" TIMESTAMPTZ(6) NOT NULL,

    CONSTRAINT "market_beat_pkey" PRIMARY KEY ("market")
);

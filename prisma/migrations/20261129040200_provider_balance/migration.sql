-- What the reconciliation last read of the provider's balance beside our accounts, at a moment when nothing was on its way (I15).

-- CreateTable
CREATE TABLE "provider_balance" (
    "currency" TEXT NOT NULL,
    "theirs" BIGINT NOT NULL,
    "ours" BIGINT NOT NULL,
    "made_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "provider_balance_pkey" PRIMARY KEY ("currency")
);

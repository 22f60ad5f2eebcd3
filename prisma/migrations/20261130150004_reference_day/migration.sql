-- What the heap's own runs burned, day by day of UTC: its operator bounds it.
CREATE TABLE "reference_day" (
    "day" DATE NOT NULL,
    "fuel" BIGINT NOT NULL,

    CONSTRAINT "reference_day_pkey" PRIMARY KEY ("day")
);

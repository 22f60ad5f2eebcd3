-- CreateTable
CREATE TABLE "candle" (
    "slot_class" "slot_class" NOT NULL,
    "term_ms" INTEGER NOT NULL,
    "from_at" TIMESTAMPTZ(6) NOT NULL,
    "open_micro" BIGINT NOT NULL,
    "close_micro" BIGINT NOT NULL,
    "high_micro" BIGINT NOT NULL,
    "low_micro" BIGINT NOT NULL,
    "volume" BIGINT NOT NULL,
    "rounds" INTEGER NOT NULL,
    "closed_at" TIMESTAMPTZ(6) NOT NULL,

    CONSTRAINT "candle_pkey" PRIMARY KEY ("slot_class","term_ms","from_at")
);

-- CreateTable
CREATE TABLE "fill" (
    "job_id" UUID NOT NULL,
    "slot_class" "slot_class" NOT NULL,
    "round_id" UUID NOT NULL,
    "filled_at" TIMESTAMPTZ(6) NOT NULL,
    "waited_ms" DOUBLE PRECISION NOT NULL,

    CONSTRAINT "fill_pkey" PRIMARY KEY ("job_id")
);

-- CreateIndex
CREATE INDEX "fill_market" ON "fill"("slot_class", "filled_at");

-- What Prisma's schema language cannot say.
ALTER TABLE candle ADD CONSTRAINT candle_prices CHECK (
  low_micro >= 0 AND low_micro <= LEAST(open_micro, close_micro) AND high_micro >= GREATEST(open_micro, close_micro) AND volume > 0 AND rounds > 0
);
ALTER TABLE fill ADD CONSTRAINT fill_waited CHECK (waited_ms >= 0);

-- A receipt says the same in its columns and in its text: whoever follows the chain by either follows one chain. Receipts from before are not
-- asked, they cannot be changed any more.
ALTER TABLE round ADD CONSTRAINT round_says_what_it_holds CHECK (
  receipt ->> 'hash' = hash AND receipt #>> '{body,previous_hash}' IS NOT DISTINCT FROM previous_hash AND receipt #>> '{body,round_id}' = id::text
) NOT VALID;

-- A round continues the last one of its market, or nothing is written: (slot_class, number) is unique, so that of two that continue the same
-- one the second fails.
CREATE FUNCTION check_round_continues() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  last record;
BEGIN
  SELECT number, hash INTO last FROM round WHERE slot_class = NEW.slot_class ORDER BY number DESC LIMIT 1;
  IF NEW.number <> COALESCE(last.number, 0) + 1 OR NEW.previous_hash IS DISTINCT FROM last.hash THEN
    RAISE EXCEPTION 'round % of % does not continue round %', NEW.number, NEW.slot_class, last.number
      USING ERRCODE = 'check_violation', CONSTRAINT = 'round_continues';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER round_continues BEFORE INSERT ON round FOR EACH ROW EXECUTE FUNCTION check_round_continues();

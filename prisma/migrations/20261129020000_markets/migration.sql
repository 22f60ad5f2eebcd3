-- Rounds, leaders, candles and fills are of a market by its name, not of a slot class: ten markets, of which four trade in work. `round` takes no
-- UPDATE; what is rewritten here is how its column is kept, and the receipts, which say the market's name, stay as they are.
ALTER TABLE "market_leader" ALTER COLUMN "slot_class" TYPE TEXT USING 'work:' || "slot_class"::text;
ALTER TABLE "market_leader" RENAME COLUMN "slot_class" TO "market";
ALTER TABLE "round" ALTER COLUMN "slot_class" TYPE TEXT USING 'work:' || "slot_class"::text;
ALTER TABLE "round" RENAME COLUMN "slot_class" TO "market";
ALTER INDEX "round_slot_class_number_key" RENAME TO "round_market_number_key";
ALTER TABLE "candle" ALTER COLUMN "slot_class" TYPE TEXT USING 'work:' || "slot_class"::text;
ALTER TABLE "candle" RENAME COLUMN "slot_class" TO "market";
ALTER TABLE "fill" ALTER COLUMN "slot_class" TYPE TEXT USING 'work:' || "slot_class"::text;
ALTER TABLE "fill" RENAME COLUMN "slot_class" TO "market";

ALTER TABLE market_leader ADD CONSTRAINT market_leader_name CHECK (market ~ '^(work|standing|storage):[a-z]+$');
ALTER TABLE round ADD CONSTRAINT round_market CHECK (market ~ '^(work|standing|storage):[a-z]+$' AND receipt #>> '{body,market}' = market) NOT VALID;

CREATE OR REPLACE FUNCTION check_round_continues() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  last record;
BEGIN
  SELECT number, hash INTO last FROM round WHERE market = NEW.market ORDER BY number DESC LIMIT 1;
  IF NEW.number <> COALESCE(last.number, 0) + 1 OR NEW.previous_hash IS DISTINCT FROM last.hash THEN
    RAISE EXCEPTION 'round % of % does not continue round %', NEW.number, NEW.market, last.number
      USING ERRCODE = 'check_violation', CONSTRAINT = 'round_continues';
  END IF;
  RETURN NEW;
END $$;

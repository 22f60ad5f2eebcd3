-- A granted appeal gives back what a penalty took, also how the node stood before it.
ALTER TABLE penalty ADD COLUMN standing_before JSONB;

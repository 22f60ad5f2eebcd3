-- A developer objects to captured work; it is decided for the owner, for the developer, or split. Alone in its migration: a new value
-- cannot be used in the transaction that adds it.

-- AlterEnum
ALTER TYPE "capture_state" ADD VALUE 'DISPUTED';
ALTER TYPE "capture_state" ADD VALUE 'SPLIT';

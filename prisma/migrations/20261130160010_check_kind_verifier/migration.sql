-- A value can be used only after the transaction that added it.
ALTER TYPE "check_kind" ADD VALUE 'verifier';

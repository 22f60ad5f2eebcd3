-- An execution that was ordered to check another one's result: paid as work, and never the task's result.
ALTER TYPE "attempt_outcome" ADD VALUE 'checked';

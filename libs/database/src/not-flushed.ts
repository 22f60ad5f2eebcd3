/**
 * An item of a FROM list, one row: the transaction of this statement is committed for everybody at once, and on the disk within a second. If
 * PostgreSQL dies before, it has not happened, and neither has anything that was committed after it. For what may be lost whole.
 */
export const NOT_FLUSHED = "set_config('synchronous_commit', 'off', true) AS flushed";

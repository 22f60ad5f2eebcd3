/**
 * Where a kind of notice comes from: a look at what the other stations have written, so that a cause cannot be missed however a process ends.
 * `sql` gives rows of `person_id, kind, cause, params`, and reads of `given`: `since` (what happened before is known or nobody's news),
 * `minimum` (the least that is paid out), `currency`.
 */
export interface Watch {
  name: string;
  /** Cheap ones look at every turn. */
  every_s: number;
  sql: string;
}

export const OFTEN_S = 0;
export const SELDOM_S = 60;
/** `given.since` as an expression. */
export const SINCE = '(SELECT since FROM given)';

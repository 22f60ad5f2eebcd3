export { Database, type DatabaseOptions, type Queryable, type Transaction } from './database.js';
export type { LockSession } from './lock-session.js';
export { NOT_FLUSHED } from './not-flushed.js';
export { isUnreachable, violatedConstraint } from './retries.js';

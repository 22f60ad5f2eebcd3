export { Database, type DatabaseOptions, type Queryable, type Transaction } from './database.js';
export type { LockSession } from './lock-session.js';
export { isUnreachable, violatedConstraint } from './retries.js';

export { Database, type DatabaseOptions, type Queryable, type Transaction } from './database.js';
export { isUnreachable, violatedConstraint } from './retries.js';

import { randomBytes } from 'node:crypto';
import { uuidv7 } from '#units';

/** A new identifier. Ids sort by this process's clock; nothing that must be exact reads a time out of one. */
export const newId = (): string => uuidv7(Date.now(), randomBytes(10));

/** The first id that could have been made so long ago: ids of a stretch of time are a stretch of their index. */
export function firstIdSince(age_ms: number): string {
  const since = Math.max(0, Math.floor(Date.now() - age_ms))
    .toString(16)
    .padStart(12, '0');
  return `${since.slice(0, 8)}-${since.slice(8)}-0000-0000-000000000000`;
}

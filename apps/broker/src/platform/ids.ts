import { randomBytes } from 'node:crypto';
import { uuidv7 } from '#units';

/** A new identifier. Ids sort by this process's clock; nothing that must be exact reads a time out of one. */
export const newId = (): string => uuidv7(Date.now(), randomBytes(10));

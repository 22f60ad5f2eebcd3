import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { HeapError } from '#units';
import { makeOnce } from '../make-once.js';

/**
 * The secret kept in the data folder, made at the first start.
 * @throws HeapError `configuration` when the folder cannot be written or the file holds no secret.
 */
export function authSecret(data_dir: string): string {
  const file = path.join(data_dir, 'auth-secret');
  try {
    makeOnce(file, () => `${randomBytes(32).toString('hex')}\n`);
    const secret = fs.readFileSync(file, 'utf8').trim();
    if (secret.length >= 32) return secret;
  } catch (error) {
    throw new HeapError(
      'configuration',
      `HEAP_DATA_DIR is "${data_dir}": ${(error as Error).message}. Name a folder that this user can write to. Example: /var/lib/open-heaps`,
      'platform',
    );
  }
  throw new HeapError(
    'configuration',
    `${file} holds no secret: delete it (everyone must sign in again) or set HEAP_AUTH_SECRET.`,
    'platform',
  );
}

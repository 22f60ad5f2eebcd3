import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { HeapError } from '#units';

/**
 * The secret kept in the data folder, made at the first start. Processes that start together on one folder agree on it:
 * the link succeeds for the first of them only, and everyone reads what is there.
 * @throws HeapError `configuration` when the folder cannot be written or the file holds no secret.
 */
export function authSecret(data_dir: string): string {
  const file = path.join(data_dir, 'auth-secret');
  try {
    if (!fs.existsSync(file)) make(data_dir, file);
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

function make(data_dir: string, file: string): void {
  fs.mkdirSync(data_dir, { recursive: true });
  const draft = `${file}.${process.pid}.${randomBytes(4).toString('hex')}`;
  fs.writeFileSync(draft, `${randomBytes(32).toString('hex')}\n`, { mode: 0o600 });
  try {
    fs.linkSync(draft, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    fs.rmSync(draft);
  }
}

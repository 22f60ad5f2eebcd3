import { realpathSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** The repository: compiled examples lie two folders below it, in dist/examples. */
export const root = fileURLToPath(new URL('../../', import.meta.url));

/** Was this file started, or imported by another? */
export function isMain(url: string): boolean {
  const [, script] = process.argv;
  return script !== undefined && pathToFileURL(realpathSync(script)).href === url;
}

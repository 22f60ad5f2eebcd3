import fs from 'node:fs';
import path from 'node:path';

function packageJson(folder: string): string {
  const file = path.join(folder, 'package.json');
  if (fs.existsSync(file) || folder === path.dirname(folder)) return file;
  return packageJson(path.dirname(folder));
}

/** The version of this heap's software, from the package.json above the compiled files. */
export const VERSION: string = JSON.parse(fs.readFileSync(packageJson(import.meta.dirname), 'utf8')).version;

import fs from 'node:fs';
import path from 'node:path';

/** /sys, /proc and their kind below a root that tests make up. */
export class SystemFiles {
  constructor(private readonly root: string) {}

  /** Null where it is not there, or not for us to read. */
  text(file: string): string | null {
    try {
      return fs.readFileSync(path.join(this.root, file), 'utf8').trim();
    } catch {
      return null;
    }
  }

  number(file: string): number | null {
    const text = this.text(file);
    return text === null || !/^-?\d+(\.\d+)?$/.test(text) ? null : Number(text);
  }

  /** Names in a folder; none where there is no such folder. */
  names(folder: string): string[] {
    try {
      return fs.readdirSync(path.join(this.root, folder)).sort();
    } catch {
      return [];
    }
  }

  /** When it was last read from, in ms since 1970. */
  readAtMs(file: string): number | null {
    try {
      return fs.statSync(path.join(this.root, file)).atimeMs;
    } catch {
      return null;
    }
  }
}

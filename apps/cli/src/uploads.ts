import { createHash } from 'node:crypto';
import { mkdir, open, readFile, realpath, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { profilePath } from '#sdk';

interface Journal {
  bytes: number;
  modified_ms: number;
  token: string;
}

/** What resumes the upload of a file, kept for who runs the same command again. It holds the keys of the file: only its owner reads it. */
export class UploadJournal {
  private constructor(
    private readonly path: string,
    private readonly now: Omit<Journal, 'token'>,
  ) {}

  /** @param about What else the upload depends on: the heap, the volume, the place it is linked at. */
  static async of(file: string, about: readonly string[]): Promise<UploadJournal> {
    const [path, { size, mtimeMs }] = await Promise.all([realpath(file), stat(file)]);
    const name = createHash('sha256')
      .update(JSON.stringify([path, ...about]))
      .digest('hex');
    return new UploadJournal(join(dirname(profilePath() ?? '.'), 'uploads', `${name}.json`), { bytes: size, modified_ms: mtimeMs });
  }

  /** Null when there is none, or the file has changed since. */
  async resume(): Promise<string | null> {
    const text = await readFile(this.path, 'utf8').catch(() => null);
    if (text === null) return null;
    try {
      const { token, bytes, modified_ms } = JSON.parse(text) as Journal;
      return bytes === this.now.bytes && modified_ms === this.now.modified_ms ? token : null;
    } catch {
      return null; // written half: the upload begins anew
    }
  }

  async keep(token: string): Promise<void> {
    await mkdir(dirname(this.path), { recursive: true, mode: 0o700 });
    const file = await open(`${this.path}.new`, 'w', 0o600);
    try {
      await file.writeFile(JSON.stringify({ ...this.now, token } satisfies Journal));
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(`${this.path}.new`, this.path);
  }

  async forget(): Promise<void> {
    await rm(this.path, { force: true });
  }
}

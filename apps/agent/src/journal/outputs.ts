import { createHash } from 'node:crypto';
import fs from 'node:fs/promises';
import path from 'node:path';

/** Large outputs, each in a file under its hash. */
export class Outputs {
  constructor(private readonly folder: string) {}

  async open(): Promise<void> {
    await fs.mkdir(this.folder, { recursive: true, mode: 0o700 });
  }

  /** Whole or not at all. */
  async write(hash: string, bytes: Uint8Array): Promise<void> {
    const draft = path.join(this.folder, `${hash}.part`);
    await fs.writeFile(draft, bytes, { mode: 0o600 });
    await fs.rename(draft, path.join(this.folder, hash));
  }

  /** Null when there is none, or when it is not what it was. */
  async read(hash: string): Promise<Uint8Array | null> {
    try {
      const bytes = await fs.readFile(path.join(this.folder, hash));
      return createHash('sha256').update(bytes).digest('hex') === hash ? bytes : null;
    } catch {
      return null;
    }
  }

  async remove(hash: string): Promise<void> {
    await fs.rm(path.join(this.folder, hash), { force: true });
  }

  /** Removes what no result names any more. */
  async keepOnly(hashes: ReadonlySet<string>): Promise<void> {
    for (const name of await fs.readdir(this.folder)) if (!hashes.has(name)) await this.remove(name);
  }
}

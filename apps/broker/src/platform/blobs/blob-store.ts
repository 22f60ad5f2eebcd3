import { createHash, randomUUID } from 'node:crypto';
import fs from 'node:fs/promises';
import path from 'node:path';
import { Global, Inject, Injectable, Module } from '@nestjs/common';
import { HeapError } from '#units';
import { CONFIG, type Config } from '../config/config.js';

/** Content-addressed bytes in a directory of the data folder. A name is the SHA-256 of what it holds. */
@Injectable()
export class BlobStore {
  private readonly root: string;
  constructor(@Inject(CONFIG) config: Config) {
    this.root = path.join(config.data_dir, 'blobs');
  }

  /** Durable when it resolves: a crash leaves the whole blob or none. */
  async put(bytes: Uint8Array): Promise<string> {
    const hash = createHash('sha256').update(bytes).digest('hex');
    const file = this.fileOf(hash);
    if (await exists(file)) return hash;
    await fs.mkdir(path.dirname(file), { recursive: true });
    const draft = `${file}.${randomUUID()}`;
    const handle = await fs.open(draft, 'wx', 0o600);
    try {
      await handle.writeFile(bytes);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await fs.rename(draft, file);
    return hash;
  }

  /** @throws HeapError `not_found`. */
  async get(hash: string): Promise<Buffer> {
    try {
      return await fs.readFile(this.fileOf(hash));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      throw new HeapError('not_found', `There are no bytes with the hash ${hash} here: put them first.`, 'user', { hash });
    }
  }

  async has(hash: string): Promise<boolean> {
    return exists(this.fileOf(hash));
  }

  private fileOf(hash: string): string {
    return path.join(this.root, hash.slice(0, 2), hash);
  }
}

const exists = (file: string): Promise<boolean> =>
  fs.access(file).then(
    () => true,
    () => false,
  );

@Global()
@Module({ providers: [BlobStore], exports: [BlobStore] })
export class BlobsModule {}

import type { View } from '#protocol';
import type { ViewFile } from '#sandbox';
import type { BlobCache } from './blob-cache.js';

/** The input files of a lease: fetched once by hash, checked, and the same list for all its tasks. */
export class LeaseFiles {
  private fetched: Promise<readonly ViewFile[]> | null = null;

  constructor(
    private readonly named: View['files'],
    private readonly cache: BlobCache,
    private readonly signal: AbortSignal,
  ) {}

  /** The files, or the error that keeps them away; the next call tries again. */
  get(): Promise<readonly ViewFile[] | Error> {
    this.fetched ??= Promise.all(
      this.named.map(async ({ path, hash, bytes }) => ({ path, hash, bytes: await this.cache.get(hash, bytes, this.signal) })),
    );
    return this.fetched.catch((error: unknown) => {
      this.fetched = null;
      return error instanceof Error ? error : new Error(String(error));
    });
  }
}

import type { Transfers } from './transfers.js';

/** The last few modules or files, by hash; leases of one job on several slots share one download. */
export class BlobCache {
  private readonly kept = new Map<string, { download: Promise<Uint8Array>; bytes: number }>();

  constructor(
    private readonly transfers: Pick<Transfers, 'get'>,
    private readonly limit_bytes: number,
  ) {}

  async get(hash: string, bytes: number, signal: AbortSignal): Promise<Uint8Array> {
    const known = this.kept.get(hash);
    if (known) {
      this.kept.delete(hash);
      this.kept.set(hash, known);
      const body = await known.download.catch(() => null);
      if (body?.length === bytes) return body;
    }
    const download = this.transfers.get(hash, bytes, signal);
    this.kept.set(hash, { download, bytes });
    download.catch(() => {
      if (this.kept.get(hash)?.download === download) this.kept.delete(hash);
    });
    this.evict();
    return download;
  }

  /** Oldest first; the newest stays, however large. */
  private evict(): void {
    let bytes = 0;
    for (const [hash, blob] of [...this.kept].reverse()) {
      bytes += blob.bytes;
      if (bytes > this.limit_bytes && bytes > blob.bytes) this.kept.delete(hash);
    }
  }
}

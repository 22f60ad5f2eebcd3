import type { ModuleRef } from '#protocol';
import type { ModuleSource } from '#sandbox';
import type { Transfers } from './transfers.js';

/** The last few modules, by hash; leases of one job on several slots share one download. */
export class ModuleStore {
  private readonly kept = new Map<string, { download: Promise<Uint8Array>; bytes: number }>();

  constructor(
    private readonly transfers: Pick<Transfers, 'get'>,
    private readonly limit_bytes: number,
  ) {}

  async get(ref: ModuleRef, signal: AbortSignal): Promise<ModuleSource> {
    const known = this.kept.get(ref.hash);
    if (known) {
      this.kept.delete(ref.hash);
      this.kept.set(ref.hash, known);
      const bytes = await known.download.catch(() => null);
      if (bytes) return { kind: ref.kind, codec: ref.codec, bytes };
    }
    const download = this.transfers.get(ref.hash, ref.bytes, signal);
    this.kept.set(ref.hash, { download, bytes: ref.bytes });
    download.catch(() => {
      if (this.kept.get(ref.hash)?.download === download) this.kept.delete(ref.hash);
    });
    this.evict();
    return { kind: ref.kind, codec: ref.codec, bytes: await download };
  }

  /** Oldest first; the newest stays, however large. */
  private evict(): void {
    let bytes = 0;
    for (const [hash, module] of [...this.kept].reverse()) {
      bytes += module.bytes;
      if (bytes > this.limit_bytes && bytes > module.bytes) this.kept.delete(hash);
    }
  }
}

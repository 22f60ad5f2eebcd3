import type { ModuleRef } from '#protocol';
import type { ModuleSource } from '#sandbox';
import type { Transfers } from './transfers.js';

/** The last few modules, by hash; leases of one job on several slots share one download. */
export class ModuleStore {
  private readonly kept = new Map<string, Promise<Uint8Array>>();

  constructor(
    private readonly transfers: Pick<Transfers, 'get'>,
    private readonly limit: number,
  ) {}

  async get(ref: ModuleRef, signal: AbortSignal): Promise<ModuleSource> {
    const known = this.kept.get(ref.hash);
    if (known) {
      this.kept.delete(ref.hash);
      this.kept.set(ref.hash, known);
      const bytes = await known.catch(() => null);
      if (bytes) return { kind: ref.kind, codec: ref.codec, bytes };
    }
    const download = this.transfers.get(ref.hash, ref.bytes, signal);
    this.kept.set(ref.hash, download);
    download.catch(() => {
      if (this.kept.get(ref.hash) === download) this.kept.delete(ref.hash);
    });
    for (const oldest of this.kept.keys()) {
      if (this.kept.size <= this.limit) break;
      this.kept.delete(oldest);
    }
    return { kind: ref.kind, codec: ref.codec, bytes: await download };
  }
}

import type { OpenSlot } from '#agent-core';
import { openBrowserSlot } from '#sandbox/browser';
import { HeapError } from '#units';

/** Where the page's own server keeps what runs in the sandbox. */
export interface SandboxAssets {
  /** `sandbox-worker.js`. */
  worker_url: string;
  /** `quickjs.wasm`. */
  engine_url: string;
}

/** Opens slots in the page; the scripts are fetched when the first is opened, once. */
export function slotOpener(document: Document, assets: SandboxAssets, moved: (bytes: number) => void): OpenSlot {
  let loading: Promise<{ worker_source: string; engine_bytes: Uint8Array }> | null = null;
  const load = async () => {
    const [worker, engine] = await Promise.all([bytesAt(assets.worker_url), bytesAt(assets.engine_url)]);
    moved(worker.length + engine.length);
    return { worker_source: new TextDecoder().decode(worker), engine_bytes: engine };
  };
  return async () => {
    loading ??= load().catch((error: unknown) => {
      loading = null;
      throw error;
    });
    // Without a spare: a phone keeps no second sandbox warm for a failure that seldom comes.
    return openBrowserSlot({ document, ...(await loading), spare: false });
  };
}

async function bytesAt(url: string): Promise<Uint8Array> {
  const response = await fetch(url, { credentials: 'omit' }).catch(() => null);
  if (!response?.ok) throw new HeapError('sandbox_unreachable', `The sandbox could not be fetched from ${url}.`, 'provider');
  return new Uint8Array(await response.arrayBuffer());
}

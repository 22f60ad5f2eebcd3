import { type Capacity, type OpenSlot } from '#agent-core';
import { openBrowserSlot } from '#sandbox/browser';
import { HeapError, type NodeKind, SLOT_MEMORY_BYTES, type SlotClass } from '#units';

/** Where the page's own server keeps what runs in the sandbox. */
export interface SandboxAssets {
  /** `sandbox-worker.js`. */
  worker_url: string;
  /** `quickjs.wasm`. */
  engine_url: string;
}

const GIB = 1024 ** 3;
/** More workers than this make a page unwieldy, whatever the device has. */
const SLOTS_MAX = 8;
/** Of the device's memory, for slots; a browser ends a page that takes too much, and with it what it ran. */
const MEMORY_SHARE = 1 / 8;
const SLOT_CLASS: SlotClass = 'micro';

/**
 * How many slots a device puts up for sale: a share of its cores, as far as its memory goes, one at least.
 * @param memory_gib as browsers round it; null where they do not tell.
 */
export function slotsOf(cores: number, share: number, memory_gib: number | null, kind: NodeKind): Capacity[] {
  const by_cores = Math.floor(cores * share);
  const assumed_gib = kind === 'phone' || kind === 'settop' ? 2 : 4;
  const by_memory = Math.floor(((memory_gib ?? assumed_gib) * GIB * MEMORY_SHARE) / SLOT_MEMORY_BYTES[SLOT_CLASS]);
  const count = Math.max(1, Math.min(by_cores, by_memory, SLOTS_MAX));
  return [{ slot_class: SLOT_CLASS, count, reserve_price_micro: null }];
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

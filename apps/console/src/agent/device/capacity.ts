import type { Capacity } from '#agent-core';
import { type NodeKind, SLOT_MEMORY_BYTES, type SlotClass } from '#units';

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

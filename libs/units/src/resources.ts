/** The four slot classes of the work market and the memory a slot of each holds (market.md). */
export const SLOT_CLASSES = ['nano', 'micro', 'small', 'large'] as const;
export type SlotClass = (typeof SLOT_CLASSES)[number];

const MIB = 1024 * 1024;
export const SLOT_MEMORY_BYTES: Readonly<Record<SlotClass, number>> = {
  nano: 32 * MIB,
  micro: 128 * MIB,
  small: 512 * MIB,
  large: 2048 * MIB,
};

/** WebAssembly's page. */
export const PAGE_BYTES = 65_536;

export const NODE_KINDS = ['phone', 'netbook', 'laptop', 'console', 'settop', 'board', 'server'] as const;
export type NodeKind = (typeof NODE_KINDS)[number];

/**
 * Fuel billed for starting a task, on top of what it burns: instantiating a module takes a node 55 to 170 µs (sandbox.md),
 * and a slot burns some 6 to 24 million fuel a millisecond. Without it a task of a few instructions would be work for nothing.
 */
export const TASK_BASE_FUEL = 1_000_000n;

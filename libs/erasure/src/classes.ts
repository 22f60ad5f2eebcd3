import type { Code } from './code.js';

export type StorageClass = 'standard' | 'cold' | 'small';

/** How a class of storage keeps its segments: any k of n pieces give one back, and pieces are made anew when `repairAt` or fewer are left. */
export interface ClassTerms extends Code {
  repairAt: number;
}

/** storage.md: what each is worth against events that take many devices at once. `small` is for heaps of few owners, and is not durable. */
export const CLASSES: Readonly<Record<StorageClass, Readonly<ClassTerms>>> = {
  standard: { k: 10, repairAt: 28, n: 40 },
  cold: { k: 16, repairAt: 46, n: 64 },
  small: { k: 3, repairAt: 7, n: 10 },
};

export const STORAGE_CLASSES = Object.keys(CLASSES) as readonly StorageClass[];

const MARGIN = 4;

/** How many pieces of a segment must be stored before its write is acknowledged: so far above repair that the first losses cause none. */
export const acknowledgeAt = (storage_class: StorageClass): number => {
  const { repairAt, n } = CLASSES[storage_class];
  return Math.min(n, repairAt + MARGIN);
};

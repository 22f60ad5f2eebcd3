import type { StorageClass, StorageMarketName } from './markets.js';

/** What a volume may be bought as. `small` is for heaps of few owners, is sold in the market of `standard`, and is not durable. */
export const VOLUME_CLASSES = ['standard', 'cold', 'small'] as const satisfies readonly (StorageClass | 'small')[];
export type VolumeClass = (typeof VOLUME_CLASSES)[number];

/** How a segment is kept: any `k` of its `n` pieces give it back, and pieces are made anew when `repair_at` or fewer are there. */
export interface VolumeCode {
  readonly k: number;
  readonly repair_at: number;
  readonly n: number;
}

/** storage.md: what each is worth against events that take many devices at once. */
export const VOLUME_CODES: Readonly<Record<VolumeClass, VolumeCode>> = {
  standard: { k: 10, repair_at: 28, n: 40 },
  cold: { k: 16, repair_at: 46, n: 64 },
  small: { k: 3, repair_at: 7, n: 10 },
};

export const volumeMarket = (volume_class: VolumeClass): StorageMarketName =>
  `storage:${volume_class === 'small' ? 'standard' : volume_class}`;

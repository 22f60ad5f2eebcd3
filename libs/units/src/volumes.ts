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

/** storage.md: with fewer independent owners a heap is small, and `standard` would not be what it says. */
export const STANDARD_OWNERS = 60;

/** What a volume asks of the storage market. */
export interface VolumeSpace {
  /** Independent devices that a segment has pieces on. */
  readonly needed: number;
  /** Devices asked for: a fifth more, so that placement has a choice and a device that leaves has a successor. */
  readonly reserved: number;
  /** GB of each. */
  readonly per_device: number;
  /** GB of all that are reserved. */
  readonly quantity: number;
}

export function volumeSpace(volume_class: VolumeClass, gigabytes: number): VolumeSpace {
  const { k, n } = VOLUME_CODES[volume_class];
  const per_device = Math.ceil(gigabytes / k);
  const reserved = n + Math.ceil(n / 5);
  return { needed: n, reserved, per_device, quantity: reserved * per_device };
}

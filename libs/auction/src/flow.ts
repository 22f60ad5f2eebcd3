import type { Supply } from './supply.js';

/** Who got how many slots of which grade. */
export interface Flow {
  /** Slots per order. */
  readonly filled: Int32Array;
  /** Per grade: how many of its sold slots each class has. */
  readonly units: readonly Map<number, number>[];
  readonly supply: Supply;
  /** Per grade: some competitive price in ticks, Infinity where nothing was ever for sale; only where classes have preferences. */
  readonly potential?: Float64Array;
}

import type { VolumeClass } from '#units';
import { VOLUME_CODES } from '#units';
import { type Device, isAlwaysOn } from './device.js';
import { independent } from './independent.js';
import { LIMITS } from './limits.js';
import type { HappinessReason } from './reasons.js';

/** What the heap could place this segment on: devices of the volume's reservation that stand for themselves (`independent`), and those always on among them. */
export interface Reach {
  readonly independent: number;
  readonly always_on: number;
}

export interface Happiness {
  readonly acknowledged: boolean;
  /** Stored pieces whose devices stand for themselves, and how many are needed. */
  readonly independent: number;
  readonly wanted: number;
  /** The same, always on. */
  readonly always_on: number;
  readonly wanted_always_on: number;
  readonly reason: HappinessReason;
}

/**
 * Whether the write of a segment may be acknowledged: repair threshold + 4 pieces are stored on devices no two of which share an owner cluster or a network
 * prefix, and k + 2 on such devices that are always on, or as many as the heap has. A small volume needs one piece more than its repair threshold, or all
 * independent devices of a heap that has fewer, but k: the heap keeps k pieces itself.
 *
 * @param stored the devices of the pieces that are stored, one for each index
 */
export function happiness(volume_class: VolumeClass, stored: readonly Device[], reach: Reach): Happiness {
  const { acknowledge, acknowledge_always_on } = LIMITS[volume_class];
  const { k } = VOLUME_CODES[volume_class];
  const wanted = volume_class === 'small' ? Math.max(k, Math.min(acknowledge, reach.independent)) : acknowledge;
  const wanted_always_on = Math.min(acknowledge_always_on, reach.always_on);
  const have = independent(stored);
  const always_on = independent(stored.filter(isAlwaysOn));
  return {
    acknowledged: have >= wanted && always_on >= wanted_always_on,
    independent: have,
    wanted,
    always_on,
    wanted_always_on,
    reason:
      have < wanted
        ? reach.independent < wanted
          ? { code: 'too_few_independent_devices', have: reach.independent, want: wanted }
          : { code: 'awaits_pieces', have, want: wanted }
        : always_on < wanted_always_on
          ? { code: 'awaits_always_on', have: always_on, want: wanted_always_on }
          : { code: 'acknowledged', have, want: wanted },
  };
}

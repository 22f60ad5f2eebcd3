import type { Bounds } from './bounds.js';

type BackoffBounds = Pick<Bounds, 'reconnect_base_ms' | 'reconnect_cap_ms'>;

/**
 * Full jitter (AWS Architecture Blog, "Exponential Backoff and Jitter", 2015): uniform in [0, min(cap, base × 2^attempt)).
 * @param attempt failures since the last good connection, from 0.
 */
export function backoff_ms(attempt: number, random: number, bounds: BackoffBounds): number {
  const ceiling_ms = Math.min(bounds.reconnect_cap_ms, bounds.reconnect_base_ms * 2 ** Math.min(attempt, 30));
  return Math.floor(random * ceiling_ms);
}

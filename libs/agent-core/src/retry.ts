import { HeapError } from '#units';
import { backoff_ms } from './backoff.js';
import type { Clock } from './ports.js';
import { pause } from './wait.js';

export interface RetryOptions {
  attempts: number;
  base_ms: number;
  cap_ms: number;
  random(): number;
  clock: Clock;
  /** Asked before each further attempt; false gives up. */
  wanted(): boolean;
}

const PASSING = new Set(['blob_unreachable', 'blob_unauthorised']);

/** Whether the same request may succeed later. */
export const isPassing = (error: unknown): boolean => error instanceof HeapError && PASSING.has(error.code);

/** Runs `attempt` again while it fails for a passing reason; throws its last error. */
export async function retry<T>(attempt: () => Promise<T>, options: RetryOptions): Promise<T> {
  for (let failures = 0; ; ) {
    try {
      return await attempt();
    } catch (error) {
      if (!isPassing(error) || ++failures >= options.attempts || !options.wanted()) throw error;
      await pause(
        options.clock,
        backoff_ms(failures, options.random(), { reconnect_base_ms: options.base_ms, reconnect_cap_ms: options.cap_ms }),
      );
      if (!options.wanted()) throw error;
    }
  }
}

import type { View } from '../view.js';

const NOT_SAID = { seed: null, clock_ms: null };

/**
 * What a task can see of chance and time. It follows from names alone, so that every device, and the heap when it checks, gives a task
 * the same world: unless the view says otherwise the seed names the job, and the clock starts at the job's creation (the milliseconds of its
 * UUIDv7, RFC 9562).
 */
export function taskWorld(
  job_id: string,
  index: number,
  view: Pick<View, 'seed' | 'clock_ms'> = NOT_SAID,
): { seed: string; clock_ms: number } {
  return {
    seed: `${view.seed ?? job_id}/${index}`,
    clock_ms: view.clock_ms ?? Number.parseInt(job_id.slice(0, 8) + job_id.slice(9, 13), 16),
  };
}

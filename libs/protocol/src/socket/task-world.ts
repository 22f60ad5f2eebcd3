/**
 * What a task can see of chance and time. It follows from names alone, so that every device, and the heap when it checks, gives a task
 * the same world: the seed names the job and the task, the clock starts at the job's creation (the milliseconds of its UUIDv7, RFC 9562).
 */
export function taskWorld(job_id: string, index: number): { seed: string; clock_ms: number } {
  return { seed: `${job_id}/${index}`, clock_ms: Number.parseInt(job_id.slice(0, 8) + job_id.slice(9, 13), 16) };
}

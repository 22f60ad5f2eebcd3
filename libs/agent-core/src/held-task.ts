import { type Body, EMPTY_SHA256, type Payload } from '#protocol';

/** A task this device was given and has not finished. */
export interface HeldTask {
  readonly index: number;
  readonly epoch: number;
  readonly input: Payload;
  cancelled: boolean;
  /** How often the sandbox itself failed under it. */
  host_failures: number;
  /** An input that comes by hash, on its way. */
  fetched: Promise<Uint8Array> | null;
}

export const heldTask = (task: Body<'tasks'>['tasks'][number]): HeldTask => ({
  ...task,
  cancelled: false,
  host_failures: 0,
  fetched: null,
});

export const inputBytes = (task: HeldTask): number => ('inline' in task.input ? task.input.inline.length : task.input.bytes);

/** The outcome of a task that this device could not give a verdict on: it runs elsewhere, nobody is blamed. */
export const noVerdict = (detail: string) => ({
  verdict: 'killed' as const,
  detail,
  exit_code: null,
  fuel_used: 0n,
  output: new Uint8Array(),
  output_hash: EMPTY_SHA256,
  logs: '',
  memory_peak_bytes: 0,
  wall_ms: 0,
});

import { HeapError, type Micro } from '#units';
import type { Job, JobInfo } from './job.js';
import type { TaskFailure, TaskResult } from './outcome.js';

/** How far a map is. */
export interface Progress {
  job_id: string;
  /** Inputs sent so far; all of them once `complete`. */
  sent: number;
  complete: boolean;
  done: number;
  failed: number;
  /** Charged for the settled tasks so far, in micro-units. */
  cost: Micro;
  state: JobInfo['state'];
  /** Why it is in this state, or what it waits for. */
  reason: { code: string; sentence: string };
  /** Nothing has settled for seconds: the reason is fresh, and says why. */
  quiet: boolean;
}

/** While nothing settles for so long, the heap is asked why. */
const QUIET_MS = 2_000;

/** Tells a listener about every settled task, and in quiet times what the job waits for. */
export class Reporter {
  readonly #progress: Progress;
  #timer: ReturnType<typeof setInterval> | undefined;
  #quiet = false;

  constructor(
    private readonly job: Job,
    placed: JobInfo,
    private readonly sent: () => { sent: number; complete: boolean },
    private readonly listener: ((progress: Progress) => void) | undefined,
  ) {
    this.#progress = { job_id: job.id, ...sent(), done: 0, failed: 0, cost: 0n, state: placed.state, reason: placed.reason, quiet: false };
    if (!listener) return;
    this.#tell();
    this.#timer = setInterval(() => {
      if (this.#quiet) void this.#ask();
      this.#quiet = true;
    }, QUIET_MS);
  }

  settled(result: TaskResult<unknown> | TaskFailure): void {
    this.#quiet = false;
    this.#progress.quiet = false;
    if (result.error) this.#progress.failed++;
    else this.#progress.done++;
    this.#progress.cost += result.cost;
    if (this.#progress.state === 'QUEUED') this.#progress.state = 'RUNNING';
    this.#tell();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  async #ask(): Promise<void> {
    try {
      const { state, reason } = await this.job.get();
      Object.assign(this.#progress, { state, reason });
    } catch (error) {
      // Only news for the listener: whether it ends the map is decided where results are read.
      if (error instanceof HeapError) this.#progress.reason = { code: error.code, sentence: error.message };
    }
    this.#progress.quiet = true;
    if (this.#timer) this.#tell();
  }

  #tell(): void {
    this.listener?.({ ...this.#progress, ...this.sent() });
  }
}

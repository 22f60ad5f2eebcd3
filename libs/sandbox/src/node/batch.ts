import { createHash } from 'node:crypto';
import { readOutcome, within } from '../outcome-check.js';
import type { RunLimits, RunOutcome, RunTask, Verdict } from '../port.js';
import type { SandboxConnection } from './connection.js';
import type { Frame } from './frames.js';
import type { Reply, TaskHeader } from './messages.js';

/** A chunk of tasks is one message; this much work keeps the messages few and the process never idle. */
const CHUNK_MS = 20;
const CHUNK_TASKS_MAX = 256;
const CHUNK_BYTES_MAX = 1024 * 1024;
/** Chunks on their way: one running, one waiting in the pipe. */
const CHUNKS_AHEAD = 2;
/** Beyond the wall limit: the messages' own way, and a host that is busy elsewhere. */
const GRACE_MS = 100;

const EMPTY_HASH = createHash('sha256').digest('hex');

/** A module that has broken out of its engine speaks through here. */
export function outcomeOf(said: unknown, body: Uint8Array): RunOutcome | null {
  if (typeof said !== 'object' || said === null) return null;
  const { fuel_used, output_bytes, ...rest } = said as Record<string, unknown>;
  if (typeof fuel_used !== 'string' || !/^\d{1,20}$/.test(fuel_used) || output_bytes !== body.length) return null;
  return readOutcome({ ...rest, fuel_used: BigInt(fuel_used), output: new Uint8Array(body) });
}

/** Works through tasks in order, over as many processes as it takes. */
export class Batch {
  private next_sent = 0;
  private next_outcome = 0;
  private chunks_out = 0;
  private task_ms = CHUNK_MS;
  private progress_at = 0;
  private timer: NodeJS.Timeout | undefined;
  private timed_out = false;

  constructor(
    private readonly key: string,
    private readonly tasks: readonly RunTask[],
    private readonly limits: RunLimits,
    private readonly onOutcome: (index: number, outcome: RunOutcome) => void,
  ) {}

  get finished(): boolean {
    return this.next_outcome >= this.tasks.length;
  }

  /**
   * Resolves when the tasks are done, or when the process had to be ended or ended by itself, in which case the task that was running has got
   * its outcome. Answers whether the process can go on being used.
   */
  async runOn(connection: SandboxConnection, signal?: AbortSignal): Promise<boolean> {
    this.next_sent = this.next_outcome;
    this.chunks_out = 0;
    let healthy = true;
    const stop = () => connection.kill();
    signal?.addEventListener('abort', stop, { once: true });
    try {
      await new Promise<void>((resolve, reject) => {
        const guarded = (step: () => void) => {
          try {
            step();
          } catch (error) {
            reject(error as Error); // a caller's callback threw
          }
        };
        connection.onEnd = () => {
          healthy = false;
          guarded(() => this.lost(connection, signal));
          resolve();
        };
        connection.onReply = (frame) =>
          guarded(() => {
            if (!this.take(frame, connection)) healthy = false;
            if (this.finished && this.chunks_out === 0) resolve();
            else this.fill(connection);
          });
        this.progress_at = performance.now();
        this.watch(connection);
        if (connection.alive) this.fill(connection);
        else connection.onEnd();
      });
    } finally {
      clearTimeout(this.timer);
      signal?.removeEventListener('abort', stop);
      connection.onEnd = () => undefined;
      connection.onReply = () => undefined;
    }
    return healthy && connection.alive;
  }

  private fill(connection: SandboxConnection): void {
    while (this.chunks_out < CHUNKS_AHEAD && this.next_sent < this.tasks.length) {
      const count = Math.min(CHUNK_TASKS_MAX, Math.max(1, Math.floor(CHUNK_MS / this.task_ms)));
      // One list of files a chunk: tasks of a job share theirs.
      const files = this.tasks[this.next_sent]?.files;
      const headers: TaskHeader[] = [];
      const inputs: Uint8Array[] = [];
      for (let bytes = 0; headers.length < count && bytes < CHUNK_BYTES_MAX; ) {
        const task = this.tasks[this.next_sent];
        if (!task || task.files !== files) break;
        const { input, files: _, ...rest } = task;
        headers.push({ ...rest, input_bytes: input.length });
        inputs.push(input);
        bytes += input.length;
        this.next_sent++;
      }
      this.chunks_out++;
      const limits = { ...this.limits, fuel: String(this.limits.fuel) };
      const named = (files ?? []).map(({ path, hash }) => ({ path, hash }));
      connection.send({ op: 'run', key: this.key, limits, files: named, tasks: headers }, inputs);
    }
  }

  /** Answers whether the process is still as good as new. */
  private take({ header, body }: Frame<Reply>, connection: SandboxConnection): boolean {
    this.progress_at = performance.now();
    if (header.op === 'done') {
      this.chunks_out--;
      connection.rss_bytes = header.rss_bytes;
      connection.cpu_s = header.cpu_s;
      return true;
    }
    if (header.op !== 'outcome') {
      connection.kill();
      return false;
    }
    const outcome = this.next_outcome < this.next_sent ? outcomeOf(header.outcome, body) : null;
    if (outcome === null || !within(outcome, this.limits)) {
      connection.kill('said what no sandbox of ours would');
      return false;
    }
    this.task_ms = Math.max(0.01, this.task_ms * 0.7 + outcome.wall_ms * 0.3);
    this.report(outcome);
    return outcome.verdict !== 'host-oom' && outcome.verdict !== 'host-stack';
  }

  private report(outcome: RunOutcome): void {
    this.onOutcome(this.next_outcome++, outcome);
  }

  private watch(connection: SandboxConnection): void {
    const limit = this.limits.wall_ms + GRACE_MS;
    const left = this.progress_at + limit - performance.now();
    this.timer = setTimeout(
      () =>
        // What has already arrived is read first: a busy parent must not be taken for a slow task.
        setImmediate(() => {
          if (!connection.alive) return;
          if (performance.now() - this.progress_at < limit) return this.watch(connection);
          this.timed_out = true;
          connection.kill();
        }),
      Math.max(1, left),
    );
  }

  /** The process is gone: the task it was at gets the verdict, unless the caller has stopped the batch. */
  private lost(connection: SandboxConnection, signal?: AbortSignal): void {
    if (signal?.aborted || this.finished) return;
    const verdict: Verdict = this.timed_out ? 'timeout' : connection.ranOutOfMemory ? 'host-oom' : 'killed';
    const wall_ms = performance.now() - this.progress_at;
    this.timed_out = false;
    const detail = verdict === 'timeout' ? `it ran longer than ${this.limits.wall_ms} ms` : `the sandbox process ${connection.failure}`;
    this.report({
      verdict,
      detail,
      exit_code: null,
      fuel_used: 0n,
      output: new Uint8Array(0),
      output_hash: EMPTY_HASH,
      logs: '',
      memory_peak_bytes: 0,
      wall_ms,
    });
  }
}

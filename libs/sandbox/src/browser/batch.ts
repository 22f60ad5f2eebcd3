import { within } from '../outcome-check.js';
import type { RunLimits, RunOutcome, RunTask, Verdict } from '../port.js';
import { sha256Hex } from '../runtime/sha256.js';
import type { WorkerConnection } from './connection.js';
import type { Reply } from './messages.js';

/** Tasks on their way to the worker beside the one that runs, so that it need not wait for the page. */
const TASKS_AHEAD = 16;
const BYTES_AHEAD = 1024 * 1024;
/** Beyond the wall limit: the messages' own way, and a device that is busy elsewhere. */
const GRACE_MS = 100;

const EMPTY_HASH = sha256Hex(new Uint8Array(0));

/** Works through tasks in order, over as many workers as it takes. */
export class Batch {
  private sent = 0;
  private answered = 0;
  private bytes_out = 0;
  private progress_at = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private timed_out = false;

  constructor(
    private readonly key: string,
    private readonly tasks: readonly RunTask[],
    private readonly limits: RunLimits,
    private readonly onOutcome: (index: number, outcome: RunOutcome) => void,
  ) {}

  get finished(): boolean {
    return this.answered >= this.tasks.length;
  }

  /**
   * Resolves when the tasks are done, or when the worker had to be ended or failed, in which case the task that was running has got its
   * outcome. Answers whether the worker can go on being used.
   */
  async runOn(connection: WorkerConnection, signal?: AbortSignal): Promise<boolean> {
    this.sent = this.answered;
    this.bytes_out = 0;
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
        connection.onReply = (reply) =>
          guarded(() => {
            if (!this.take(reply, connection)) healthy = false;
            if (this.finished) resolve();
            else this.fill(connection);
          });
        this.progress_at = performance.now();
        this.watch(connection);
        if (!connection.alive || this.finished) resolve();
        else this.fill(connection);
      });
    } finally {
      clearTimeout(this.timer);
      signal?.removeEventListener('abort', stop);
      connection.onEnd = () => undefined;
      connection.onReply = null;
    }
    return healthy && connection.alive;
  }

  private fill(connection: WorkerConnection): void {
    while (this.sent - this.answered <= TASKS_AHEAD && (this.bytes_out < BYTES_AHEAD || this.sent === this.answered)) {
      const task = this.tasks[this.sent];
      if (!task) return;
      this.sent++;
      this.bytes_out += task.input.length;
      connection.send({ op: 'run', key: this.key, task, limits: this.limits });
    }
  }

  /** Answers whether the worker is still as good as new. */
  private take(reply: Reply, connection: WorkerConnection): boolean {
    if (reply.op !== 'outcome' || this.answered === this.sent || !within(reply.outcome, this.limits)) {
      connection.kill('answered what the limits do not allow');
      return false;
    }
    this.progress_at = performance.now();
    this.bytes_out -= this.tasks[this.answered]?.input.length ?? 0;
    this.report(reply.outcome);
    return reply.outcome.verdict !== 'host-oom' && reply.outcome.verdict !== 'host-stack';
  }

  private report(outcome: RunOutcome): void {
    this.onOutcome(this.answered++, outcome);
  }

  private watch(connection: WorkerConnection): void {
    const limit_ms = this.limits.wall_ms + GRACE_MS;
    this.timer = setTimeout(
      () => {
        // What has already arrived is read first: a busy page must not be taken for a slow task.
        this.timer = setTimeout(() => {
          if (!connection.alive) return;
          if (performance.now() - this.progress_at < limit_ms) return this.watch(connection);
          this.timed_out = true;
          connection.kill();
        }, 1);
      },
      Math.max(1, this.progress_at + limit_ms - performance.now()),
    );
  }

  /** The worker is gone: the task it was at gets the verdict, unless the caller has stopped the batch. */
  private lost(connection: WorkerConnection, signal?: AbortSignal): void {
    if (signal?.aborted || this.finished) return;
    const verdict: Verdict = this.timed_out ? 'timeout' : 'killed';
    this.timed_out = false;
    this.report({
      verdict,
      detail: verdict === 'timeout' ? `it ran longer than ${this.limits.wall_ms} ms` : `the sandbox worker ${connection.failure}`,
      exit_code: null,
      fuel_used: 0n,
      output: new Uint8Array(0),
      output_hash: EMPTY_HASH,
      logs: '',
      memory_peak_bytes: 0,
      wall_ms: performance.now() - this.progress_at,
    });
  }
}

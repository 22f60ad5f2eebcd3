import { type Body, type LeaseTerms, taskWorld } from '#protocol';
import { describeView, type RunLimits, type RunOutcome, type RunTask, type ViewFile } from '#sandbox';
import { HeapError, type ViewClass, viewClassOf } from '#units';
import type { BlobCache } from './blob-cache.js';
import type { Bounds } from './bounds.js';
import { type HeldTask, noVerdict } from './held-task.js';
import { checkLease } from './lease-check.js';
import { LeaseFiles } from './lease-files.js';
import type { Cancel, Ports } from './ports.js';
import type { Place, SlotPool } from './slot-pool.js';
import { TaskInputs } from './task-inputs.js';
import { TaskQueue } from './task-queue.js';
import type { Transfers } from './transfers.js';

export interface Reason {
  code: string;
  sentence: string;
}

export interface LeaseSurroundings {
  ports: Pick<Ports, 'clock' | 'identity' | 'bytes' | 'log'>;
  bounds: Bounds;
  pool: SlotPool;
  modules: BlobCache;
  files: BlobCache;
  transfers: Transfers;
  /** False while too much finished work awaits confirmation. */
  hasRoom(): boolean;
  /** @param last no other task of this lease is at hand. */
  finished(lease: LeaseRun, task: HeldTask, outcome: RunOutcome, last: boolean): void;
  /** The device gives the lease back, for this reason. @param misfired something is wrong with the lease or the device. */
  yielded(lease: LeaseRun, reason: Reason, misfired: boolean): void;
  /** The slot is free again. */
  gone(lease: LeaseRun): void;
}

interface Batch {
  readonly tasks: readonly HeldTask[];
  done: number;
  /** When the task that runs began; null before the first. */
  began_ms: number | null;
  readonly abort: AbortController;
}

const TERM_OVER: Reason = { code: 'term_over', sentence: 'The term of the lease is over.' };
const MAX_HOST_FAILURES = 2;
const FETCHES_AHEAD = 4;

/** One lease from its grant to its end: one slot, its tasks in order. */
export class LeaseRun {
  readonly lease_id: string;
  readonly epoch: number;
  readonly view_class: ViewClass;
  /** What its tasks may see and use, in sentences for the owner. */
  readonly may: readonly string[];
  tasks_done = 0;
  fuel_used = 0n;
  private readonly queue: TaskQueue;
  private readonly inputs: TaskInputs;
  private readonly files: LeaseFiles;
  private batch: Batch | null = null;
  private place: Place | null = null;
  private readonly over = new AbortController();
  private finishing: Reason | null = null;
  private wake: (() => void) | null = null;
  /** Who waits for the running batch to be over. */
  private readonly stopped: (() => void)[] = [];
  private cancelExpiry: Cancel;
  private readonly limits: RunLimits;

  constructor(
    readonly terms: LeaseTerms,
    private readonly signature: string,
    private readonly around: LeaseSurroundings,
  ) {
    this.lease_id = terms.lease_id;
    this.epoch = terms.epoch;
    this.queue = new TaskQueue(around.bounds);
    this.inputs = new TaskInputs(around.ports.bytes, around.transfers, this.over.signal);
    this.files = new LeaseFiles(terms.view.files, around.files, this.over.signal);
    this.view_class = viewClassOf(terms.view);
    this.may = describeView(terms.view, terms.limits);
    this.limits = { ...terms.limits, fuel: BigInt(terms.limits.fuel) };
    this.cancelExpiry = this.expireIn(terms.term_ms);
  }

  get live(): boolean {
    return !this.over.signal.aborted;
  }

  get running(): boolean {
    return this.batch !== null;
  }

  get task_ms(): number | null {
    const began_ms = this.batch?.began_ms ?? null;
    return began_ms === null ? null : this.around.ports.clock.now_ms() - began_ms;
  }

  start(): void {
    void this.life();
  }

  give(tasks: Body<'tasks'>['tasks']): void {
    if (!this.live) return;
    this.stop(this.queue.add(tasks));
    if (!this.queue.overflows) return this.nudge();
    this.yield({ code: 'too_much_work', sentence: 'More work was sent at once than this device holds for one lease.' });
  }

  /** Stops these tasks, or all of the lease's; the lease goes on. Resolves when none of them runs any more. */
  async cancel(keys?: readonly (readonly [number, number])[]): Promise<void> {
    const tasks = keys ? this.queue.named(keys) : this.held();
    this.queue.cancel(tasks);
    if (this.stop(tasks)) await new Promise<void>((resolve) => this.stopped.push(resolve));
  }

  /** Interrupts the batch if one of these is in it; the rest of it goes on in a new one. @returns whether it did. */
  private stop(tasks: readonly HeldTask[]): boolean {
    if (!this.batch || !tasks.some((task) => this.batch?.tasks.includes(task))) return false;
    this.batch.abort.abort();
    return true;
  }

  private batchOver(): void {
    this.batch = null;
    for (const resolve of this.stopped.splice(0)) resolve();
  }

  renew(remaining_ms: number): void {
    if (!this.live) return;
    this.cancelExpiry();
    this.cancelExpiry = this.expireIn(remaining_ms);
  }

  /** Stops at once and reports nothing more of it. */
  end(): void {
    if (!this.live) return;
    this.cancelExpiry();
    this.over.abort();
    this.batch?.abort.abort();
    this.queue.clear();
    this.nudge();
  }

  /** Stops at once and tells the heap why. */
  yield(reason: Reason, misfired = false): void {
    if (!this.live) return;
    this.end();
    this.around.yielded(this, reason, misfired);
  }

  /** Lets the running task finish, then gives the lease back. */
  finish(reason: Reason): void {
    if (!this.live) return;
    if (!this.batch) return this.yield(reason);
    this.finishing = reason;
  }

  /** What is held, in the order it will run. */
  held(): HeldTask[] {
    const open = this.batch ? this.batch.tasks.slice(this.batch.done).filter((task) => !task.cancelled) : [];
    return [...open, ...this.queue.all()];
  }

  phaseOf(task: HeldTask): 'waiting' | 'running' {
    return this.batch?.tasks[this.batch.done] === task ? 'running' : 'waiting';
  }

  /** There may be something to do now. */
  nudge(): void {
    this.wake?.();
    this.wake = null;
  }

  /** The heap renews a lease on its own clock and says so with the next heartbeat: until then the lease goes on. */
  private expireIn(term_ms: number): Cancel {
    const { term_ms: most_ms, term_grace_ms } = this.around.bounds;
    return this.around.ports.clock.after(Math.min(term_ms, most_ms) + term_grace_ms, () => this.yield(TERM_OVER));
  }

  private async life(): Promise<void> {
    const { pool, ports, bounds } = this.around;
    try {
      await checkLease(this.terms, this.signature, ports.identity, bounds);
      this.place = await pool.acquire(this.terms.slot_class, this.terms.module.hash, this.over.signal);
      void this.files.get(); // on their way while the module is made ready
      await this.makeReady(this.place);
      while (this.live && this.place) {
        if (this.queue.empty || !this.around.hasRoom()) await new Promise<void>((resolve) => (this.wake = resolve));
        else await this.runSome(this.place);
      }
    } catch (error) {
      this.broken(error);
    }
    if (this.place) pool.release(this.place);
    this.place = null;
    this.batchOver();
    this.around.gone(this);
  }

  private broken(error: unknown): void {
    if (!this.live) return;
    const known = error instanceof HeapError ? error : new HeapError('sandbox_failed', `The sandbox failed: ${String(error)}`, 'platform');
    this.around.ports.log.warn({ lease_id: this.lease_id, code: known.code }, `Giving a lease back: ${known.message}`);
    this.yield({ code: known.code, sentence: known.message.slice(0, 512) }, true);
  }

  /** Loads the module, unless the lease ends meanwhile: a slot that is busy with that is stopped like one that runs a task. */
  private async makeReady(place: Place): Promise<void> {
    const { signal } = this.over;
    if (signal.aborted) return;
    const left = new Promise<boolean>((resolve) => signal.addEventListener('abort', () => resolve(true), { once: true }));
    const loaded = this.load(place).then(() => false);
    if (!(await Promise.race([loaded, left]))) return;
    loaded.catch(() => undefined); // nobody is interested any more
    this.place = null;
    this.around.pool.discard(place);
  }

  private async load(place: Place): Promise<void> {
    const { module } = this.terms;
    const bytes = await this.around.modules.get(module.hash, module.bytes, this.over.signal);
    if (!this.live) return;
    place.module_hash = null;
    const admission = await place.slot.load({ kind: module.kind, codec: module.codec, bytes });
    place.module_hash = module.hash;
    if (admission.meter_id !== module.meter_id)
      throw new HeapError(
        'meter_id_mismatch',
        `This device meters with ${admission.meter_id}, the lease asks for ${module.meter_id}: update the older of the two.`,
        'provider',
      );
    if (admission.metered_hash !== module.metered_hash)
      throw new HeapError(
        'metered_hash_mismatch',
        'The metered module differs from the one the heap promised; nothing of it was run.',
        'platform',
      );
  }

  private async runSome(place: Place): Promise<void> {
    const batch: Batch = { tasks: this.take(), done: 0, began_ms: null, abort: new AbortController() };
    this.batch = batch;
    const [files, inputs] = await Promise.all([this.files.get(), Promise.all(batch.tasks.map((task) => this.inputs.of(task)))]);
    if (batch.abort.signal.aborted || !this.live) return this.settle(batch, place, true, null);
    if (files instanceof Error) {
      this.report(batch, noVerdict(`A file of its view could not be fetched: ${String(files)}`));
      return this.settle(batch, place, true, null);
    }
    // A task without its input has its outcome already; the others run.
    const missing = inputs.findIndex((input) => input instanceof Error);
    if (missing === 0) {
      this.report(batch, noVerdict(`The input could not be fetched: ${String(inputs[0])}`));
      return this.settle(batch, place, true, null);
    }
    const ready = (missing < 0 ? inputs : inputs.slice(0, missing)) as Uint8Array[];
    this.inputs.ahead(this.queue.head(FETCHES_AHEAD));
    const failure = await this.runReady(batch, place, ready, files);
    await this.settle(batch, place, missing >= 0 && batch.done === missing, failure);
  }

  private async runReady(batch: Batch, place: Place, inputs: readonly Uint8Array[], files: readonly ViewFile[]): Promise<unknown> {
    const { job_id, view, module } = this.terms;
    const { args, env } = view;
    const tasks = inputs.map((input, i): RunTask => ({ input, args, env, files, ...taskWorld(job_id, batch.tasks[i]?.index ?? 0, view) }));
    const { signal } = batch.abort;
    batch.began_ms = this.around.ports.clock.now_ms();
    const run = place.slot
      .runBatch(
        module.hash,
        tasks,
        this.limits,
        (i, outcome) => {
          // A sandbox that reports out of order or too late is not believed.
          if (signal.aborted || i !== batch.done) return;
          // Ctrl-C reaches the sandboxes too: a task that dies of the stop is given back, not reported as a failure.
          if (!this.finishing || outcome.verdict !== 'killed') this.report(batch, outcome);
          if (this.finishing) this.yield(this.finishing);
        },
        signal,
      )
      .then(
        () => null,
        (error: unknown) => error ?? new Error('unknown failure'),
      );
    return Promise.race([run, this.overdue(signal)]);
  }

  /** Settles when an aborted run should long have stopped; never otherwise. */
  private overdue(signal: AbortSignal): Promise<unknown> {
    const { clock } = this.around.ports;
    return new Promise((resolve) =>
      signal.addEventListener('abort', () =>
        clock.after(this.around.bounds.abort_ms, () => resolve(new Error('the sandbox did not stop'))),
      ),
    );
  }

  private report(batch: Batch, outcome: RunOutcome): void {
    const task = batch.tasks[batch.done++];
    if (batch.began_ms !== null) batch.began_ms = this.around.ports.clock.now_ms();
    if (!task || task.cancelled) return;
    this.queue.done(task);
    this.tasks_done += 1;
    this.fuel_used += outcome.fuel_used;
    this.around.finished(this, task, outcome, batch.done === batch.tasks.length && this.queue.empty);
  }

  /** After a batch: what did not run goes back to the head of the line, and a sandbox that failed is replaced. */
  private async settle(batch: Batch, place: Place, expected: boolean, failure: unknown): Promise<void> {
    const [first] = batch.tasks.slice(batch.done);
    const short = first !== undefined && !batch.abort.signal.aborted && !expected;
    if ((short || failure !== null) && first && !batch.abort.signal.aborted && ++first.host_failures >= MAX_HOST_FAILURES)
      this.report(batch, noVerdict(`The sandbox failed: ${String(failure ?? 'it stopped early')}`));
    this.batchOver();
    if (this.live) this.queue.putBack(batch.tasks.slice(batch.done).filter((task) => !task.cancelled));
    if (failure !== null || short) {
      this.around.ports.log.warn({ lease_id: this.lease_id, failure: String(failure) }, 'A sandbox failed and is replaced.');
      this.place = null;
      if (this.live) this.place = await this.around.pool.replace(place);
      else this.around.pool.discard(place);
      if (this.place && this.live) await this.makeReady(this.place);
    }
    if (this.finishing) this.yield(this.finishing);
  }

  /** As many tasks as may sensibly be in memory at once, and at least one. */
  private take(): HeldTask[] {
    const { batch_tasks, batch_output_bytes, batch_input_bytes } = this.around.bounds;
    const by_output = Math.floor(batch_output_bytes / Math.max(1, this.limits.output_bytes));
    return this.queue.take(Math.max(1, Math.min(batch_tasks, by_output)), batch_input_bytes);
  }
}

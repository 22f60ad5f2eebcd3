import { type JobReceipt, type JobView, type ObjectionView, type ResponseOf, ROUTES } from '#protocol';
import { type Amount, type Money, microOf, withMoney } from './amount.js';
import type { HttpClient } from './http.js';
import { mapOrdered } from './ordered.js';
import { readOutcome, type TaskFailure, type TaskResult } from './outcome.js';
import { type Follow, settledTasks } from './settled.js';
import type { JobVerification } from './verification.js';

/** A job with its state, the reason for it, counts and money; `*_micro` members are bigints of micro-units. */
export type JobInfo = Money<JobView>;
/** An objection to charged work, as its buyer, an owner or an admin sees it. */
export type ObjectionInfo = Money<ObjectionView>;
export type Receipt = Money<JobReceipt>;
export type TaskLine = Money<ResponseOf<typeof ROUTES.listTasks>['tasks'][number]>;
export type TaskInfo = Money<ResponseOf<typeof ROUTES.getTask>>;

/** Which of a job's tasks to list. */
export interface TaskFilter {
  after?: number;
  state?: TaskLine['state'];
  /** How the last execution ended. */
  verdict?: NonNullable<TaskLine['verdict']>;
  /** Default and most: 100. */
  limit?: number;
}

/** Which tasks run again, and what is different then. */
export interface RetryChanges {
  tasks?: readonly number[];
  /** Default: those that failed. */
  states?: readonly ('FAILED' | 'CANCELLED')[];
  fuelLimit?: number;
  wallLimitMs?: number;
  maxPrice?: Amount;
  budget?: Amount;
}

/** Outputs fetched at a time. */
export const OUTPUT_FETCHES = 8;

/** A job on the heap, by its id. Every method throws HeapError `not_found` when the heap has no such job of yours. */
export class Job {
  constructor(
    private readonly http: HttpClient,
    readonly id: string,
  ) {}

  async get(signal?: AbortSignal): Promise<JobInfo> {
    return withMoney(await this.http.call(ROUTES.getJob, { params: { job_id: this.id }, signal }));
  }

  /**
   * The settled tasks in the order in which they settled, from the first or behind `after`, as they come; ends when the job does.
   * Failed tasks are yielded with their error. With `wait: 'final'` each comes when it can no longer be proven wrong, or was: its `standing`
   * says which.
   */
  async *results(follow: Pick<Follow, 'after' | 'signal' | 'wait'> = {}): AsyncGenerator<TaskResult<unknown> | TaskFailure, void, void> {
    const { codec } = await this.get(follow.signal);
    yield* mapOrdered(settledTasks(this.http, this.id, follow), OUTPUT_FETCHES, (outcome) =>
      readOutcome(this.http, this.id, codec, outcome, follow.signal),
    );
  }

  /** Stops it: finished tasks are paid, the rest of the budget returns at once. Harmless for a job that is over. */
  async cancel(signal?: AbortSignal): Promise<JobInfo> {
    return withMoney(await this.http.call(ROUTES.cancelJob, { params: { job_id: this.id }, body: undefined, repeatable: true, signal }));
  }

  /** How its results are checked and by whom, what is final of it, and what was paid back. */
  async verification(signal?: AbortSignal): Promise<JobVerification> {
    return withMoney(await this.http.call(ROUTES.getJobVerification, { params: { job_id: this.id }, signal }));
  }

  /** What was paid for, lease by lease; the lines add up to the charge. */
  async receipt(signal?: AbortSignal): Promise<Receipt> {
    return withMoney(await this.http.call(ROUTES.getReceipt, { params: { job_id: this.id }, signal }));
  }

  /**
   * Objects to work that was charged and is not released yet: to some tasks, a lease, or all of it. Its release stops until somebody has
   * decided.
   */
  async object(reason: string, what: { tasks?: readonly number[]; leaseId?: string } = {}): Promise<ObjectionInfo> {
    const body = { reason, tasks: [...(what.tasks ?? [])], ...(what.leaseId !== undefined && { lease_id: what.leaseId }) };
    return withMoney(await this.http.call(ROUTES.object, { params: { job_id: this.id }, body }));
  }

  /** One task with its attempts. */
  async task(index: number, signal?: AbortSignal): Promise<TaskInfo> {
    return withMoney(await this.http.call(ROUTES.getTask, { params: { job_id: this.id, index }, signal }));
  }

  /** Its tasks by index, with why each is where it is; `after` an index gives the page behind it. */
  async tasks(filter: TaskFilter = {}, signal?: AbortSignal): Promise<TaskLine[]> {
    const { tasks } = await this.http.call(ROUTES.listTasks, { params: { job_id: this.id }, query: { ...filter }, signal });
    return withMoney(tasks);
  }

  /**
   * Runs tasks again that failed, or were cancelled with the job, in a job of its own. What a task does follows from its input: one that trapped
   * traps again, one that ran out of fuel needs a higher limit.
   * @throws HeapError `nothing_to_retry`, `insufficient_funds`, `job_cap_exceeded`, ...
   */
  async retry(changes: RetryChanges = {}): Promise<JobInfo> {
    const { tasks, states, fuelLimit, wallLimitMs, maxPrice, budget } = changes;
    const body = {
      ...(tasks && { tasks: [...tasks] }),
      ...(states && { states: [...states] }),
      ...(fuelLimit !== undefined && { fuel_limit: fuelLimit }),
      ...(wallLimitMs !== undefined && { wall_ms_limit: wallLimitMs }),
      ...(maxPrice !== undefined && { max_price_micro: String(microOf(maxPrice, 'maxPrice')) }),
      ...(budget !== undefined && { budget_micro: String(microOf(budget, 'budget')) }),
    };
    return withMoney(await this.http.call(ROUTES.retryTasks, { params: { job_id: this.id }, body }));
  }
}

import { Injectable } from '@nestjs/common';
import type { ResponseOf, ROUTES, TaskOutcome } from '#protocol';
import { HeapError } from '#units';
import { TaskSetAside } from '../leases/leases.events.js';
import { JobEnded } from '../orders/orders.events.js';
import { type JobView, OrdersQuery } from '../orders/orders.query.js';
import { EventBus } from '../platform/bus/event-bus.js';
import type { StreamEvent } from '../platform/http/event-stream.js';
import { type AttemptHeadRow, OutcomesStore, type TaskFilter } from './outcomes.store.js';
import { TasksSettled } from './results.events.js';
import { outcomeView, taskLine, taskView } from './task-view.js';

const PAGE = 500;
/** Outputs of up to 32 KiB each: what is written at once must stay small. */
const TOGETHER = 50;
/** A stream looks for itself this often, in case an event was missed. */
const LOOK_AGAIN_MS = 5_000;
/** Nobody announces that results are final. */
const LOOK_FINAL_MS = 1_000;

@Injectable()
export class OutcomesService {
  constructor(
    private readonly orders: OrdersQuery,
    private readonly store: OutcomesStore,
    private readonly bus: EventBus,
  ) {}

  async page(
    person_id: string,
    job_id: string,
    after: number,
    limit: number,
    wait: 'provisional' | 'final' = 'provisional',
  ): Promise<{ results: TaskOutcome[]; job: JobView }> {
    // The job first: if it is over by then, the page that follows misses nothing.
    const job = await this.orders.ofPerson(person_id, job_id);
    return { results: untilOpen((await this.store.after(job_id, after, limit)).map(outcomeView), wait), job };
  }

  async task(person_id: string, job_id: string, index: number): Promise<ResponseOf<typeof ROUTES.getTask>> {
    await this.orders.ofPerson(person_id, job_id);
    const task = await this.store.task(job_id, index);
    if (!task) throw new HeapError('not_found', `This job has no task ${index}.`, 'user');
    return taskView(task, await this.store.attempts(job_id, index), await this.store.checksOf(job_id, index));
  }

  /** A page of a job's tasks, by index. */
  async tasks(person_id: string, job_id: string, filter: TaskFilter): Promise<ResponseOf<typeof ROUTES.listTasks>> {
    await this.orders.ofPerson(person_id, job_id);
    const tasks = await this.store.tasks(job_id, filter);
    const indices = tasks.map(({ index }) => index);
    const attempts = new Map<number, AttemptHeadRow[]>(indices.map((index) => [index, []]));
    for (const attempt of await this.store.attemptsOf(job_id, indices)) attempts.get(attempt.index)?.push(attempt);
    return { tasks: tasks.map((task) => taskLine(task, attempts.get(task.index) ?? [])) };
  }

  /** Settled tasks as they settle, from a place on, until the job is over; the job itself comes last. */
  async *follow(
    person_id: string,
    job_id: string,
    after: number,
    wait: 'provisional' | 'final',
    signal: AbortSignal,
  ): AsyncGenerator<StreamEvent | readonly StreamEvent[]> {
    const news = this.newsOf(job_id, wait, signal);
    try {
      for (let [seq, look] = [after, true]; !signal.aborted; ) {
        // The job first: if it is over by then, the page that follows misses nothing.
        const job = look ? await this.orders.ofPerson(person_id, job_id) : null;
        const rows = untilOpen((await this.store.after(job_id, seq, PAGE)).map(outcomeView), wait);
        for (let from = 0; from < rows.length; from += TOGETHER)
          yield rows.slice(from, from + TOGETHER).map((row) => ({ id: row.seq, event: 'result', data: row }));
        seq = rows.at(-1)?.seq ?? seq;
        if (rows.length === PAGE) continue;
        if (job && job.finished_at !== null && (wait === 'provisional' || seq >= job.tasks.done + job.tasks.failed)) {
          if (rows.length > 0) continue;
          yield { event: 'end', data: job };
          return;
        }
        look = await news.next();
      }
    } finally {
      news.stop();
    }
  }

  /** `next` resolves when something may have settled; to true when it may have been the end, which each settled group is not asked for. */
  private newsOf(job_id: string, wait: 'provisional' | 'final', signal: AbortSignal): { next: () => Promise<boolean>; stop: () => void } {
    let waiting: (() => void) | undefined;
    let [missed, over] = [false, false];
    const wake = () => {
      if (waiting) waiting();
      else missed = true;
      waiting = undefined;
    };
    const wakeToLook = () => {
      over = true;
      wake();
    };
    const unsubscribe = [
      this.bus.subscribe(TasksSettled, (event) => void (event.job_id === job_id && wake())),
      this.bus.subscribe(TaskSetAside, (event) => void (event.job_id === job_id && wake())),
      this.bus.subscribe(JobEnded, (event) => void (event.job_id === job_id && wakeToLook())),
    ];
    signal.addEventListener('abort', wake);
    return {
      next: async () => {
        if (!missed && !signal.aborted) {
          let timer: NodeJS.Timeout | undefined;
          await new Promise<void>((resolve) => {
            waiting = resolve;
            timer = setTimeout(wakeToLook, wait === 'final' ? LOOK_FINAL_MS : LOOK_AGAIN_MS);
          });
          clearTimeout(timer);
        }
        const look = over;
        [missed, over] = [false, false];
        return look;
      },
      stop: () => {
        signal.removeEventListener('abort', wake);
        for (const stop of unsubscribe) stop();
      },
    };
  }
}

/** Of who waits for final results, those before the first that is not. */
function untilOpen(results: TaskOutcome[], wait: 'provisional' | 'final'): TaskOutcome[] {
  const open = wait === 'final' ? results.findIndex(({ standing }) => standing === 'provisional') : -1;
  return open < 0 ? results : results.slice(0, open);
}

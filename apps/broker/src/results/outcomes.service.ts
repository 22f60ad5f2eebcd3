import { Injectable } from '@nestjs/common';
import type { ResponseOf, ROUTES, TaskOutcome } from '#protocol';
import { HeapError } from '#units';
import { TaskSetAside } from '../leases/leases.events.js';
import { JobEnded } from '../orders/orders.events.js';
import { type JobView, OrdersQuery } from '../orders/orders.query.js';
import { EventBus } from '../platform/bus/event-bus.js';
import type { StreamEvent } from '../platform/http/event-stream.js';
import { OutcomesStore } from './outcomes.store.js';
import { TasksSettled } from './results.events.js';
import { outcomeView, taskView } from './task-view.js';

const PAGE = 500;
/** A stream looks for itself this often, in case an event was missed. */
const LOOK_AGAIN_MS = 5_000;

@Injectable()
export class OutcomesService {
  constructor(
    private readonly orders: OrdersQuery,
    private readonly store: OutcomesStore,
    private readonly bus: EventBus,
  ) {}

  async page(person_id: string, job_id: string, after: number, limit: number): Promise<{ results: TaskOutcome[]; job: JobView }> {
    // The job first: if it is over by then, the page that follows misses nothing.
    const job = await this.orders.ofPerson(person_id, job_id);
    return { results: (await this.store.after(job_id, after, limit)).map(outcomeView), job };
  }

  async task(person_id: string, job_id: string, index: number): Promise<ResponseOf<typeof ROUTES.getTask>> {
    await this.orders.ofPerson(person_id, job_id);
    const task = await this.store.task(job_id, index);
    if (!task) throw new HeapError('not_found', `This job has no task ${index}.`, 'user');
    return taskView(task, await this.store.attempts(job_id, index));
  }

  /** Settled tasks as they settle, from a place on, until the job is over; the job itself comes last. */
  async *follow(person_id: string, job_id: string, after: number, signal: AbortSignal): AsyncGenerator<StreamEvent> {
    const news = this.newsOf(job_id, signal);
    try {
      for (let seq = after; !signal.aborted; ) {
        const { results, job } = await this.page(person_id, job_id, seq, PAGE);
        for (const result of results) {
          yield { id: result.seq, event: 'result', data: result };
          seq = result.seq;
        }
        if (results.length === PAGE) continue;
        if (job.finished_at !== null) {
          if (results.length > 0) continue;
          yield { event: 'end', data: job };
          return;
        }
        await news.next();
      }
    } finally {
      news.stop();
    }
  }

  private newsOf(job_id: string, signal: AbortSignal): { next: () => Promise<void>; stop: () => void } {
    let waiting: (() => void) | undefined;
    let missed = false;
    const wake = () => {
      if (waiting) waiting();
      else missed = true;
      waiting = undefined;
    };
    const tell = (event: { job_id: string }) => event.job_id === job_id && wake();
    const unsubscribe = [
      this.bus.subscribe(TasksSettled, (e) => void tell(e)),
      this.bus.subscribe(TaskSetAside, (e) => void tell(e)),
      this.bus.subscribe(JobEnded, (e) => void tell(e)),
    ];
    signal.addEventListener('abort', wake);
    return {
      next: async () => {
        const was_missed = missed;
        missed = false;
        if (was_missed || signal.aborted) return;
        let timer: NodeJS.Timeout | undefined;
        await new Promise<void>((resolve) => {
          waiting = resolve;
          timer = setTimeout(wake, LOOK_AGAIN_MS);
        });
        clearTimeout(timer);
      },
      stop: () => {
        signal.removeEventListener('abort', wake);
        for (const stop of unsubscribe) stop();
      },
    };
  }
}

import { HTTP_LIMITS, type JobView, job, ROUTES, type TaskOutcome, taskOutcome } from '#protocol';
import { HeapError } from '#units';
import { linkedController, sleep } from './abort.js';
import { type HttpClient, PASSING_STATUS } from './http.js';
import { readEvents } from './sse.js';

export interface Follow {
  /** Go on behind this place in the order of settlement. */
  after?: number;
  signal?: AbortSignal | undefined;
  /** `final` gives each task when its result is final or refuted. Default `provisional`: as soon as it settles. */
  wait?: 'provisional' | 'final' | undefined;
  /** A stream without a byte for so long is taken for dead. */
  idle_ms?: number;
  /** How long the heap may be away before we give up; the job itself goes on. */
  give_up_ms?: number;
}

const TRANSIENT = new Set(['unreachable', 'timeout', 'silent', 'unavailable']);
export const isTransient = (error: unknown) =>
  !(error instanceof HeapError) || TRANSIENT.has(error.code) || PASSING_STATUS.has(Number(error.details.status));

const parsed = <T>(schema: { safeParse(value: unknown): { success: true; data: T } | { success: false } }, text: string): T => {
  const result = schema.safeParse(JSON.parse(text));
  if (result.success) return result.data;
  throw new HeapError('unexpected_answer', 'The heap streamed a result that this SDK does not understand: update it.', 'platform');
};

/** Follows one job; `seq` numbers its settled tasks without gaps, so that nothing is lost or doubled whatever breaks in between. */
class Follower {
  #after: number;
  readonly #wait: 'provisional' | 'final';
  #end: JobView | null = null;

  constructor(
    private readonly http: HttpClient,
    private readonly job_id: string,
    private readonly signal: AbortSignal,
    follow: Follow,
  ) {
    this.#after = follow.after ?? 0;
    this.#wait = follow.wait ?? 'provisional';
  }

  get after(): number {
    return this.#after;
  }
  get end(): JobView | null {
    return this.#end;
  }

  /** What is the default at the heap is not said, so that older heaps understand. */
  get #query(): { after: number; wait?: 'final' } {
    return { after: this.#after, ...(this.#wait === 'final' && { wait: 'final' }) };
  }

  *#accept(outcome: TaskOutcome): Generator<TaskOutcome, boolean> {
    if (outcome.seq <= this.#after) return true;
    if (outcome.seq !== this.#after + 1) return false;
    this.#after = outcome.seq;
    yield outcome;
    return true;
  }

  /** Until the job ends or the stream breaks. */
  async *stream(idle_ms: number): AsyncGenerator<TaskOutcome, void, void> {
    // The stream's own signal: leaving this generator closes the connection.
    const connection = linkedController(this.signal);
    const late = setTimeout(() => connection.abort(new HeapError('timeout', 'The stream of results did not begin.', 'platform')), idle_ms);
    try {
      const response = await this.http.stream(ROUTES.streamResults, {
        params: { job_id: this.job_id },
        query: this.#query,
        headers: { 'last-event-id': String(this.#after) },
        signal: connection.signal,
      });
      clearTimeout(late);
      for await (const { event, data } of readEvents(response, idle_ms)) {
        // A gap means that we missed something: ask again from where we are.
        if (event === 'result' && !(yield* this.#accept(parsed(taskOutcome, data)))) return;
        if (event === 'end') {
          this.#end = this.#complete(parsed(job, data));
          return;
        }
      }
    } finally {
      clearTimeout(late);
      connection.abort();
      connection.release();
    }
  }

  /** Whatever is there now, page by page. */
  async *pages(): AsyncGenerator<TaskOutcome, void, void> {
    for (;;) {
      const limit = HTTP_LIMITS.results_page_items;
      const page = await this.http.call(ROUTES.listResults, {
        params: { job_id: this.job_id },
        query: { ...this.#query, limit },
        signal: this.signal,
      });
      for (const outcome of page.results) yield* this.#accept(outcome);
      this.#end = this.#complete(page.job);
      if (page.results.length < limit) return;
    }
  }

  /** A finished job counts as read only when all its settled tasks are: some may have settled between page and state. */
  #complete(view: JobView): JobView | null {
    return view.finished_at !== null && this.#after >= view.tasks.done + view.tasks.failed ? view : null;
  }
}

/**
 * The settled tasks of a job, each exactly once and in the order of settlement, as they come; returns the finished job. Streams, resumes
 * after any disconnect, and reads pages where streaming does not get through.
 * @throws HeapError when the heap refuses, or is away for longer than `give_up_ms`; the signal's reason when it fires.
 */
export async function* settledTasks(http: HttpClient, job_id: string, follow: Follow = {}): AsyncGenerator<TaskOutcome, JobView, void> {
  const { idle_ms = 45_000, give_up_ms = 300_000 } = follow;
  const signal = follow.signal ?? new AbortController().signal;
  const follower = new Follower(http, job_id, signal, follow);
  let reached_ms = Date.now();
  let wait_ms = 100;
  for (;;) {
    const before = follower.after;
    for (const read of [() => follower.stream(idle_ms), () => follower.pages()]) {
      try {
        yield* read();
        reached_ms = Date.now();
      } catch (error) {
        if (signal.aborted) throw signal.reason;
        if (!isTransient(error) || Date.now() - reached_ms > give_up_ms) throw error;
      }
      if (follower.end) return follower.end;
      signal.throwIfAborted();
    }
    wait_ms = follower.after > before ? 100 : Math.min(wait_ms * 2, 5_000);
    await sleep(wait_ms * (0.5 + Math.random() / 2), signal);
  }
}

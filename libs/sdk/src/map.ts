import { type JobView, ROUTES } from '#protocol';
import { HeapError } from '#units';
import { linkedController } from './abort.js';
import { withMoney } from './amount.js';
import { feed, type InputChunk, type Inputs, inputChunks, Window } from './feed.js';
import { hashFiles, withFiles } from './files.js';
import type { HttpClient } from './http.js';
import { Job, type JobInfo, OUTPUT_FETCHES } from './job.js';
import type { ModuleStore, UploadedModule, Work } from './module.js';
import { mapOrdered } from './ordered.js';
import { readOutcome, type TaskFailure, type TaskResult } from './outcome.js';
import { type Progress, Reporter } from './progress.js';
import { type Follow, settledTasks } from './settled.js';
import type { Storage } from './storage.js';
import { type Bounds, fixedBounds, orderOf, planOf, type Terms } from './terms.js';
import { verifierOf } from './verifier.js';

export interface MapOptions extends Terms {
  /** Fires to cancel the job; the iteration throws the signal's reason. */
  signal?: AbortSignal;
  /** `throw` (default) cancels the job at the first failed task; `yield` yields failed tasks with their `error`. */
  onTaskError?: 'throw' | 'yield';
  /**
   * `final` yields a result when it can no longer be proven wrong, or was: then its `value` is what is right. Default `provisional`, as soon as it is
   * there; with `verify` it is `final`.
   */
  wait?: 'provisional' | 'final';
  /** Yield in the order of the inputs instead of as they settle. */
  orderedResults?: boolean;
  /** Called for every settled task, and with the reason while nothing settles. */
  onProgress?: (progress: Progress) => void;
  /** Called once the budget is held and before any result. */
  onPlaced?: (job: JobInfo, plan: Bounds) => void;
  /** How many inputs may be ahead of the results. Default 10,000. */
  maxAhead?: number;
  /**
   * Puts the output of every task that succeeded into a volume, encrypted by this program, and gives its capability with the result. Default: none.
   * Nothing is placed when there is no such volume.
   */
  outputs?: { volume?: string };
}

type AnyResult = TaskResult<unknown> | TaskFailure;

interface Placed {
  resolve(job: Job): void;
  reject(error: unknown): void;
}

/** What a map needs of its heap. */
export interface MapContext {
  http: HttpClient;
  modules: ModuleStore;
  storage: Storage;
}

/** One job that runs while it is iterated: nothing is sent before the first `for await`, `all()` or `values()`. */
export class MapRun<R extends AnyResult> implements AsyncIterable<R> {
  /** Resolves when the job is placed; rejects when it cannot be, and with `no_inputs` when there is nothing to do. */
  readonly job: Promise<Job>;
  #start: (() => AsyncGenerator<AnyResult, void, void>) | null;

  constructor(context: MapContext, work: Work, inputs: Inputs<unknown>, options: MapOptions) {
    const placed = {} as Placed;
    this.job = new Promise((resolve, reject) => Object.assign(placed, { resolve, reject }));
    this.job.catch(() => undefined);
    this.#start = () => runMap(context, work, inputs, options, placed);
  }

  [Symbol.asyncIterator](): AsyncGenerator<R, void, void> {
    const start = this.#start;
    this.#start = null;
    if (!start) throw new HeapError('already_running', 'This map runs already: call heap.map again for another job.', 'developer');
    return start() as AsyncGenerator<R, void, void>;
  }

  /** Runs to the end; the results in the order of the inputs. */
  async all(): Promise<R[]> {
    const results: R[] = [];
    for await (const result of this) results[result.index] = result;
    return results;
  }

  /** Runs to the end; the values in the order of the inputs. */
  async values(): Promise<R['value'][]> {
    return (await this.all()).map((result) => result.value);
  }
}

async function* runMap(
  context: MapContext,
  work: Work,
  inputs: Inputs<unknown>,
  options: MapOptions,
  placed: Placed,
): AsyncGenerator<AnyResult, void, void> {
  const { http, modules } = context;
  const stop = linkedController(options.signal);
  const { signal } = stop;
  const state: { job: Job | null; over: boolean; failed: boolean } = { job: null, over: false, failed: false };
  let chunks: AsyncGenerator<InputChunk, void, void> | undefined;
  let reporter: Reporter | undefined;
  try {
    signal.throwIfAborted();
    const keep = await keeperOf(context, options, signal);
    const module = await modules.put(work, signal);
    const ahead_max = options.maxAhead ?? 10_000;
    chunks = inputChunks(context, inputs, module.codec, ahead_max, signal);
    const { value: first } = await chunks.next();
    if (!first || first.items.length === 0) throw noInputs();
    const { job, view } = await place(context, work, module, first, knownSize(inputs, first), options, signal);
    state.job = job;
    placed.resolve(job);

    const window = new Window(ahead_max);
    window.sent = first.items.length;
    let complete = first.last;
    reporter = new Reporter(job, view, () => ({ sent: window.sent, complete }), options.onProgress);
    if (!first.last)
      feed(http, job.id, chunks, window, signal).then(
        () => {
          complete = true;
        },
        (error) => stopUnlessOver(job, stop, error),
      );

    const end: { view?: JobView } = {};
    const results = mapOrdered(
      settled(http, job.id, { signal, wait: options.wait ?? (options.verify ? 'final' : undefined) }, end),
      OUTPUT_FETCHES,
      async (outcome) => keep(await readOutcome(http, job.id, module.codec, outcome, signal, module.places)),
    );
    const told = tell(results, window, reporter);
    for await (const result of options.orderedResults ? inOrder(told) : told) {
      if (result.error && options.onTaskError !== 'yield') throw result.error;
      yield result;
    }
    state.over = true;
    if (end.view && end.view.state !== 'DONE') throw ended(end.view);
  } catch (error) {
    if (error instanceof HeapError && error.code === 'no_inputs' && !state.job) {
      placed.reject(error);
      return;
    }
    state.failed = true;
    const cause = signal.aborted ? signal.reason : error;
    placed.reject(cause);
    throw cause;
  } finally {
    reporter?.stop();
    stop.abort(new HeapError('stopped', 'The map was left before its end.', 'developer'));
    stop.release();
    chunks?.return().catch(() => undefined);
    // Left early or failed: what has not run shall not be paid for. A second failure would hide the first.
    if (state.job && !state.over) await state.job.cancel().catch((error) => (state.failed ? undefined : Promise.reject(error)));
  }
}

/** Puts outputs where they shall be kept, of tasks that have one. @throws HeapError as `Volumes.find` does */
async function keeperOf({ storage }: MapContext, { outputs }: MapOptions, signal: AbortSignal) {
  if (!outputs) return async (result: AnyResult) => result;
  const volume = (await storage.volumes.find(outputs.volume)).id;
  return async (result: AnyResult): Promise<AnyResult> =>
    result.error ? result : { ...result, capability: await storage.put(result.output, { volume, signal }) };
}

/** What may be said about a job that is left to run. */
export type SubmitOptions = Terms & Pick<MapOptions, 'signal' | 'onPlaced'>;

/** Places a job with all its inputs and leaves it to run. What fails before the last input is sent cancels it. */
export async function submit(context: MapContext, work: Work, inputs: Inputs<unknown>, options: SubmitOptions): Promise<Job> {
  const { http, modules } = context;
  const stop = linkedController(options.signal);
  const { signal } = stop;
  let job: Job | null = null;
  let chunks: AsyncGenerator<InputChunk, void, void> | undefined;
  try {
    signal.throwIfAborted();
    const module = await modules.put(work, signal);
    chunks = inputChunks(context, inputs, module.codec, Number.POSITIVE_INFINITY, signal);
    const { value: first } = await chunks.next();
    if (!first || first.items.length === 0) throw noInputs();
    ({ job } = await place(context, work, module, first, knownSize(inputs, first), options, signal));
    if (!first.last) await feed(http, job.id, chunks, new Window(Number.POSITIVE_INFINITY), signal);
    return job;
  } catch (error) {
    await job?.cancel().catch(() => undefined);
    throw signal.aborted ? signal.reason : error;
  } finally {
    stop.release();
    chunks?.return().catch(() => undefined);
  }
}

const noInputs = () => new HeapError('no_inputs', 'There are no inputs, so no job was placed.', 'developer');

function ended(view: JobView): HeapError {
  return new HeapError(view.reason.code, `The job ended before its tasks did: ${view.reason.sentence}`, 'developer', {
    job_id: view.id,
    state: view.state,
    tasks: view.tasks,
  });
}

function knownSize(inputs: Inputs<unknown>, first: InputChunk): number | null {
  if (first.last) return first.items.length;
  if (Array.isArray(inputs)) return inputs.length;
  return inputs instanceof Set || inputs instanceof Map ? inputs.size : null;
}

const nameOf = (work: Work): string =>
  typeof work === 'function' ? work.name : 'file' in work ? (work.file.split(/[\\/]/).at(-1) ?? '') : '';

/** Holds the budget and sends the first inputs with the order, so that a small job is a single request. */
async function place(
  { http, modules, storage }: MapContext,
  work: Work,
  module: UploadedModule,
  first: InputChunk,
  tasks: number | null,
  options: MapOptions,
  signal: AbortSignal,
) {
  const plan = fixedBounds(options) ?? (await planOf(http, options, { tasks, work, signal }));
  const name = options.name ?? nameOf(work);
  const files = await hashFiles(options.files, storage, signal);
  const verifier = await verifierOf(modules, options, module.codec, signal);
  const body = { ...orderOf({ ...options, name }, plan, module, files), ...verifier, inputs: first.items, open: !first.last };
  const view = withMoney(await withFiles(http, files, () => http.call(ROUTES.placeJob, { body, signal }), signal));
  options.onPlaced?.(view, plan);
  return { job: new Job(http, view.id), view };
}

/** A heap that takes no more inputs because the job is over is no failure of ours: the end of the results says why. */
async function stopUnlessOver(job: Job, stop: AbortController, error: unknown): Promise<void> {
  if (stop.signal.aborted) return;
  const view = await job.get().catch(() => null);
  if (view?.finished_at == null) stop.abort(error);
}

async function* settled(http: HttpClient, job_id: string, follow: Pick<Follow, 'signal' | 'wait'>, end: { view?: JobView }) {
  end.view = yield* settledTasks(http, job_id, follow);
}

async function* tell(results: AsyncIterable<AnyResult>, window: Window, reporter: Reporter): AsyncGenerator<AnyResult, void, void> {
  for await (const result of results) {
    window.settle();
    reporter.settled(result);
    yield result;
  }
}

async function* inOrder(results: AsyncIterable<AnyResult>): AsyncGenerator<AnyResult, void, void> {
  const waiting = new Map<number, AnyResult>();
  let index = 0;
  for await (const result of results) {
    waiting.set(result.index, result);
    for (let next = waiting.get(index); next; next = waiting.get(index)) {
      waiting.delete(index++);
      yield next;
    }
  }
}

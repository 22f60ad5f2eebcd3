import { HeapError } from '#units';
import type { Admission, ModuleSource, RunLimits, RunOutcome, RunTask, SandboxSlot } from '../port.js';
import { moduleKey } from '../runtime/module-key.js';
import { sha256Hex } from '../runtime/sha256.js';
import { Batch } from './batch.js';
import { WorkerConnection } from './connection.js';
import { type PageDocument, subtle } from './dom.js';
import type { Reply, Request } from './messages.js';

export interface BrowserSlotOptions {
  /** The page's document; its body holds the sandbox's hidden frame. */
  document: PageDocument;
  /** The bundled script of `worker.ts` (`dist/browser/sandbox-worker.js`). */
  worker_source: string;
  /** quickjs-wasi's `quickjs.wasm`, as published. */
  engine_bytes: Uint8Array;
  /** Keep a second worker ready to step in for one that had to be ended. Default true; costs a few MiB. */
  spare?: boolean;
  /** A worker whose modules hold more than this is replaced between batches. Default 512 MiB; idle for a second, 32 MiB. */
  held_bytes_max?: number;
  /** How long instrumenting and compiling one module may take. Default 20 s. */
  load_ms_max?: number;
}

/** Modules a slot remembers; the one unused longest is forgotten, here and in the worker. */
const MODULES_MAX = 8;
/** A worker that is not there by then will not come. */
const START_MS_MAX = 20_000;
const MIB = 1024 * 1024;
/** A slot that has nothing to do gives back what its modules hold and left: no browser collects a sleeping worker's garbage. */
const IDLE_MS = 1000;
const IDLE_BYTES_MAX = 32 * MIB;

/**
 * Opens a slot in a browser: one worker in a frame of its own origin, which lives as long as it behaves and is replaced when it does not.
 * Throws `HeapError('sandbox_failed')` when the browser does not let it start; a page with a policy of its own must allow `FRAME_POLICY`.
 */
export async function openBrowserSlot(options: BrowserSlotOptions): Promise<SandboxSlot> {
  const slot = new WorkerSlot(options);
  await slot.start();
  return slot;
}

interface Known {
  source: ModuleSource;
  key: string;
}

class WorkerSlot implements SandboxSlot {
  private connection: WorkerConnection | null = null;
  private spare: WorkerConnection | null = null;
  private readonly modules = new Map<string, Known>();
  /** Keys this worker has compiled. */
  private warm = new Set<string>();
  private last: Promise<unknown> = Promise.resolve();
  /** Modules this worker has read in its life. */
  private loads = 0;
  private closed = false;
  private idle_timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly options: BrowserSlotOptions) {}

  async start(): Promise<void> {
    await this.exclusive(() => this.connected());
  }

  load(source: ModuleSource): Promise<Admission> {
    return this.exclusive(async () => {
      const copy = { ...source, bytes: source.bytes.slice() };
      const { admission, key } = await this.loadInto(await this.connected(), copy);
      this.remember(admission.module_hash, { source: copy, key });
      return admission;
    });
  }

  async run(module_hash: string, task: RunTask, limits: RunLimits): Promise<RunOutcome> {
    let outcome: RunOutcome | undefined;
    await this.runBatch(module_hash, [task], limits, (_, o) => {
      outcome = o;
    });
    if (!outcome) throw new HeapError('slot_closed', 'The slot was closed before the task was run.', 'platform');
    return outcome;
  }

  runBatch(
    module_hash: string,
    tasks: readonly RunTask[],
    limits: RunLimits,
    onOutcome: (index: number, outcome: RunOutcome) => void,
    signal?: AbortSignal,
  ): Promise<void> {
    return this.exclusive(async () => {
      const known = this.modules.get(module_hash);
      if (!known) throw new HeapError('module_not_loaded', `Module ${module_hash} is not loaded in this slot; load it first.`, 'platform');
      this.remember(module_hash, known);
      const batch = new Batch(known.key, tasks, limits, onOutcome);
      while (!batch.finished && !signal?.aborted && !this.closed) {
        const connection = await this.connected();
        if (!this.warm.has(known.key)) await this.loadInto(connection, known.source);
        const healthy = await batch.runOn(connection, signal);
        if (!healthy || connection.held_bytes > (this.options.held_bytes_max ?? 512 * MIB)) this.replace();
      }
    });
  }

  async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.idle_timer);
    this.replace();
    await this.last;
    this.replace();
    this.spare?.kill();
  }

  private remember(module_hash: string, known: Known): void {
    this.modules.delete(module_hash);
    this.modules.set(module_hash, known);
    if (this.modules.size <= MODULES_MAX) return;
    const [oldest] = this.modules;
    if (oldest === undefined) return;
    this.modules.delete(oldest[0]);
    if (this.warm.delete(oldest[1].key)) this.connection?.send({ op: 'forget', key: oldest[1].key });
  }

  private exclusive<T>(work: () => Promise<T>): Promise<T> {
    const result = this.last.then(() => {
      if (this.closed) throw new HeapError('slot_closed', 'The slot is closed.', 'platform');
      clearTimeout(this.idle_timer);
      return work();
    });
    this.last = result.catch(() => undefined).then(() => this.rest());
    return result;
  }

  private rest(): void {
    clearTimeout(this.idle_timer);
    if (this.closed) return;
    this.idle_timer = setTimeout(() => {
      if ((this.connection?.held_bytes ?? 0) > IDLE_BYTES_MAX || this.loads > MODULES_MAX) this.replace();
    }, IDLE_MS);
  }

  private replace(): void {
    this.connection?.kill();
    this.connection = null;
  }

  private newWorker(): WorkerConnection {
    return new WorkerConnection(this.options.document, this.options.worker_source);
  }

  private async connected(): Promise<WorkerConnection> {
    if (this.connection?.alive) return this.connection;
    const connection = this.spare?.alive ? this.spare : this.newWorker();
    this.connection = connection;
    this.warm = new Set();
    this.loads = 0;
    await this.ask(connection, START_MS_MAX, { op: 'engine', bytes: this.options.engine_bytes }, 'ready');
    this.spare = (this.options.spare ?? true) && !this.closed ? this.newWorker() : null;
    return connection;
  }

  private async loadInto(connection: WorkerConnection, source: ModuleSource): Promise<Extract<Reply, { op: 'loaded' }>> {
    this.loads++;
    const reply = await this.ask(connection, this.options.load_ms_max ?? 20_000, { op: 'load', ...source }, 'loaded');
    const { module_hash, kind, bytes } = reply.admission;
    // The worker may be a module's that broke out: what it says of another must not outlive it.
    if (
      module_hash !== (await sha256Of(source.bytes)) ||
      kind !== source.kind ||
      bytes !== source.bytes.length ||
      reply.key !== moduleKey(module_hash, source)
    ) {
      this.replace();
      throw new HeapError('sandbox_failed', 'The sandbox worker took a module for another.', 'platform');
    }
    this.warm.add(reply.key);
    return reply;
  }

  /** One request, one reply of the right kind, within its time; else the worker goes. */
  private async ask<Op extends Reply['op']>(
    connection: WorkerConnection,
    limit_ms: number,
    request: Request,
    expected: Op,
  ): Promise<Extract<Reply, { op: Op }>> {
    const reply = await connection.ask(request, limit_ms);
    if (reply?.op === 'refused' && request.op === 'load') throw new HeapError('module_refused', reply.message, 'developer', reply.details);
    if (reply?.op === expected) return reply as Extract<Reply, { op: Op }>;
    const why = connection.failure ?? (reply ? 'answered out of order' : `did not answer within ${limit_ms} ms`);
    this.replace();
    throw new HeapError('sandbox_failed', `The sandbox worker ${why}.`, 'platform');
  }
}

async function sha256Of(bytes: Uint8Array): Promise<string> {
  const digest = await subtle()?.digest('SHA-256', bytes);
  return digest ? Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('') : sha256Hex(bytes);
}

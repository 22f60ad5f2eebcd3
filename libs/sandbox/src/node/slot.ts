import { createHash } from 'node:crypto';
import { HeapError } from '#units';
import type { Admission, ModuleSource, RunLimits, RunOutcome, RunTask, SandboxSlot, ViewFile } from '../port.js';
import { moduleKey } from '../runtime/module-key.js';
import { Batch } from './batch.js';
import { SandboxConnection } from './connection.js';
import { hostIsolation } from './isolation/host.js';
import { CPU_S_MAX, seal } from './isolation/limits.js';
import { residentBytes, watchMemory } from './memory-watch.js';
import type { Reply } from './messages.js';
import { engineBytes } from './programs.js';

export interface SlotOptions {
  /** Added to the host's own priority, 0 (normal) to 19 (only what nobody else wants). Default 10. */
  niceness?: number;
  /** The largest `memory_bytes` this slot will be asked for; its process gets room for that and itself. Default 512 MiB. */
  memory_bytes_max?: number;
  /** An idle process that holds more than this, or 48 MiB more than after its first batch, is replaced. Default 512 MiB. */
  rss_bytes_max?: number;
  /** How long instrumenting and compiling one module may take. Default 20 s. */
  load_ms_max?: number;
}

/** Modules a slot remembers; the one unused longest is forgotten, and the process that compiled them all is replaced now and then. */
const MODULES_MAX = 32;

/** Handing over an input file is a copy through a pipe: slower than this is stuck. */
const FILES_MS_MAX = 60_000;

/** A process that is not there by then will not come. */
const START_MS_MAX = 20_000;

/** A killed process that is there after this will be there for long: whoever closes a slot goes on without it. */
const GONE_MS_MAX = 5_000;

const MIB = 1024 * 1024;
/** What Node.js, its compiler and the JavaScript engine need beside a task's memory. */
const OWN_BYTES = 768 * MIB;

/** An idle process may have grown by this much since its first batch. */
const GROWTH_BYTES = 48 * MIB;
const TIDY_MS_MAX = 2000;

/** What they hold in memory at most, of all that: beyond it something is not as it should be. */
const OWN_RSS_BYTES = 512 * MIB;

/** A slot of this host. */
export interface ProcessSlot extends SandboxSlot {
  /** The process that runs the tasks now; null while there is none. */
  pid(): Promise<number | null>;
}

/** Opens a slot: one process that lives as long as it behaves and is replaced when it does not. */
export async function openSlot(options: SlotOptions = {}): Promise<ProcessSlot> {
  const slot = new Slot(options);
  await slot.start();
  return slot;
}

interface Known {
  source: ModuleSource;
  admission: Admission;
  key: string;
}

class Slot implements ProcessSlot {
  private connection: SandboxConnection | null = null;
  private readonly modules = new Map<string, Known>();
  /** Keys this process has compiled. */
  private warm = new Set<string>();
  private last: Promise<unknown> = Promise.resolve();
  private closed = false;
  /** Killed, and not gone yet. */
  private readonly dying = new Set<Promise<void>>();

  constructor(private readonly options: SlotOptions) {}

  async start(): Promise<void> {
    await this.exclusive(() => this.connected());
  }

  load(source: ModuleSource): Promise<Admission> {
    return this.exclusive(async () => {
      const reply = await this.loadInto(await this.connected(), source);
      const known = { source: { ...source, bytes: source.bytes.slice() }, admission: reply.admission, key: reply.key };
      this.remember(reply.admission.module_hash, known);
      return reply.admission;
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
        await this.provide(connection, tasks);
        const healthy = await this.watched(connection, limits, () => batch.runOn(connection, signal));
        if (!healthy || (await this.worn(connection, known.key))) this.replace();
      }
      // Who stops a batch may want the device back: nothing is started for later.
      if (!signal?.aborted) this.startAhead();
    });
  }

  async pid(): Promise<number | null> {
    return this.connection?.alive ? this.connection.pid : null;
  }

  /** Whatever the engine may do: no process holds more than its task's memory and what it needs itself. */
  private async watched<T>(connection: SandboxConnection, limits: RunLimits, work: () => Promise<T>): Promise<T> {
    const pid = await connection.pid;
    if (pid === null) return work();
    // A scratch file that grows is there twice for a moment.
    const most = limits.memory_bytes + connection.file_bytes + 2 * (limits.file_bytes ?? 0) + OWN_RSS_BYTES;
    const stop = watchMemory(pid, most, (bytes) => {
      connection.kill(`held ${Math.round(bytes / MIB)} MB of memory, more than the ${Math.round(most / MIB)} MB it may`);
    });
    try {
      return await work();
    } finally {
      stop();
    }
  }

  /**
   * Does it hold more than it should between two batches, or has it used a good part of the processor time a process is granted in all? One that
   * has grown is told to tidy up first: most of it is garbage and modules of other jobs.
   */
  private async worn(connection: SandboxConnection, key: string): Promise<boolean> {
    if (connection.cpu_s > CPU_S_MAX / 3) return true;
    const most = this.options.rss_bytes_max ?? 512 * MIB;
    let bytes = await this.resident(connection);
    connection.rss_bytes_first ||= bytes;
    if (bytes <= Math.min(most, connection.rss_bytes_first + GROWTH_BYTES)) return false;
    const reply = await connection.ask(() => connection.send({ op: 'tidy', keep: key }, []), TIDY_MS_MAX);
    this.warm = new Set([key]);
    bytes = await this.resident(connection);
    return reply?.op !== 'tidied' || bytes > Math.min(most, connection.rss_bytes_first + GROWTH_BYTES);
  }

  private async resident(connection: SandboxConnection): Promise<number> {
    const pid = await connection.pid;
    return (pid === null ? null : await residentBytes(pid)) ?? connection.rss_bytes;
  }

  /** The next task should not wait for a process to start. */
  private startAhead(): void {
    if (this.connection?.alive || this.closed) return;
    void this.exclusive(() => this.connected()).catch(() => undefined); // tried again, and told, when it is needed
  }

  /** Resolves when the process is gone, and the processor and its memory are free. */
  async close(): Promise<void> {
    this.closed = true;
    this.replace();
    await this.last;
    this.replace();
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, GONE_MS_MAX);
    });
    await Promise.race([Promise.all(this.dying), patience]);
    clearTimeout(timer);
  }

  private remember(module_hash: string, known: Known): void {
    this.modules.delete(module_hash);
    this.modules.set(module_hash, known);
    const [oldest] = this.modules.keys();
    if (this.modules.size > MODULES_MAX && oldest !== undefined) this.modules.delete(oldest);
    if (this.warm.size > 2 * MODULES_MAX) this.replace();
  }

  private exclusive<T>(work: () => Promise<T>): Promise<T> {
    const result = this.last.then(() => {
      if (this.closed) throw new HeapError('slot_closed', 'The slot is closed.', 'platform');
      return work();
    });
    this.last = result.catch(() => undefined);
    return result;
  }

  private replace(): void {
    const { connection } = this;
    this.connection = null;
    if (!connection) return;
    connection.kill();
    const gone = connection.gone.then(() => {
      this.dying.delete(gone);
    });
    this.dying.add(gone);
  }

  private async connected(): Promise<SandboxConnection> {
    if (this.connection?.alive) return this.connection;
    const { niceness = 10, memory_bytes_max = 512 * MIB } = this.options;
    const { holds, groups } = await hostIsolation();
    this.replace();
    const connection = new SandboxConnection({ niceness, data_bytes_max: memory_bytes_max + OWN_BYTES, layers: holds, groups });
    this.connection = connection;
    this.warm = new Set();
    await this.ask(connection, START_MS_MAX, () => connection.send({ op: 'engine' }, [engineBytes()]));
    const pid = await connection.pid;
    if (pid !== null && holds.includes('rlimits')) await seal(pid);
    return connection;
  }

  private async loadInto(connection: SandboxConnection, source: ModuleSource): Promise<Extract<Reply, { op: 'loaded' }>> {
    const limit_ms = this.options.load_ms_max ?? 20_000;
    const reply = await this.ask(connection, limit_ms, () =>
      connection.send({ op: 'load', kind: source.kind, codec: source.codec }, [source.bytes]),
    );
    if (reply.op === 'refused') throw new HeapError(reply.code, reply.message, 'developer', reply.details);
    if (reply.op !== 'loaded') throw new HeapError('sandbox_failed', 'The sandbox process answered out of order.', 'platform');
    // The process may be a module's that broke out: what it says of another must not outlive it.
    const module_hash = createHash('sha256').update(source.bytes).digest('hex');
    if (reply.admission?.module_hash !== module_hash || reply.key !== moduleKey(module_hash, source)) {
      this.replace();
      throw new HeapError('sandbox_failed', 'The sandbox process took a module for another.', 'platform');
    }
    this.warm.add(reply.key);
    return reply;
  }

  /** Hands over the input files that these tasks name and the process has not got. */
  private async provide(connection: SandboxConnection, tasks: readonly RunTask[]): Promise<void> {
    const named = new Map<string, ViewFile>();
    for (const list of new Set(tasks.map((task) => task.files))) for (const file of list ?? []) named.set(file.hash, file);
    if (named.size === connection.files.size && [...named.keys()].every((hash) => connection.files.has(hash))) return;
    await this.ask(connection, FILES_MS_MAX, () => connection.send({ op: 'keep', hashes: [...named.keys()] }, []));
    for (const { hash, bytes } of named.values())
      if (!connection.files.has(hash)) await this.ask(connection, FILES_MS_MAX, () => connection.send({ op: 'file', hash }, [bytes]));
    connection.files = new Set(named.keys());
    connection.file_bytes = [...named.values()].reduce((sum, { bytes }) => sum + bytes.length, 0);
  }

  /** One request, one reply, within its time; else the process goes. */
  private async ask(connection: SandboxConnection, limit_ms: number, send: () => void): Promise<Reply> {
    const reply = await connection.ask(send, limit_ms);
    if (reply) return reply;
    const why = connection.failure ?? `did not answer within ${limit_ms} ms`;
    this.replace();
    throw new HeapError('sandbox_failed', `The sandbox process ${why}.`, 'platform', { stderr: connection.stderr });
  }
}

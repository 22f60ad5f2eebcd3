import type { RunLimits, RunTask } from '../port.js';
import type { ImportedFunction } from '../runtime/engine.js';
import { Random } from '../runtime/random.js';
import type { Call } from './calls.js';
import { Descriptors } from './descriptors.js';
import { ERRNO, Fault, fault } from './errno.js';
import { fdCalls } from './fd-calls.js';
import type { FileSystem } from './files/file-system.js';
import { filesOf } from './files/of-task.js';
import { Guest } from './guest.js';
import { pathCalls } from './path-calls.js';
import { pollCalls } from './poll.js';
import { processCalls, type Texts } from './process-calls.js';
import { WASI_SIGNATURES, type WasiName } from './signatures.js';
import { Streams } from './streams.js';

const encoder = new TextEncoder();
const terminated = (text: string): Uint8Array => encoder.encode(`${text}\0`);

/**
 * WASI preview 1 for one run at a time. The world holds what the job's view says and nothing else: arguments, environment, standard input
 * (the task's), standard output (the result), standard error (the logs), files in memory, a clock that advances with fuel and sleep, and
 * seeded randomness; no sockets, no signals. Every call is paid from the module's own fuel, by its length too.
 */
export class Wasi {
  readonly imports: Record<WasiName, ImportedFunction>;
  private readonly guest = new Guest();
  private readonly streams = new Streams();
  private readonly descriptors = new Descriptors();
  private readonly random = new Random();
  private files: FileSystem | null = null;
  private texts: Texts = { args: [], env: [] };

  constructor() {
    this.imports = this.functions();
  }

  get output(): Streams['output'] {
    return this.streams.output;
  }

  get logs(): Streams['logs'] {
    return this.streams.logs;
  }

  /** Throws `BadView` when the files make no tree. */
  begin(task: RunTask, limits: RunLimits): void {
    this.streams.begin(task.input, limits);
    this.guest.begin(task.clock_ms, limits.host_calls);
    this.random.seed(task.seed ?? '');
    this.texts = {
      args: ['task', ...(task.args ?? [])].map(terminated),
      env: Object.entries(task.env ?? {}).map(([name, value]) => terminated(`${name}=${value}`)),
    };
    this.files = filesOf(task, limits, this.guest);
    this.descriptors.begin(this.files);
  }

  attach(exports: Record<string, unknown>, fuel_at_start: bigint): void {
    this.guest.attach(exports, fuel_at_start);
  }

  /** Lets the instance and the task go. */
  end(): void {
    this.guest.end();
    this.streams.end();
    this.files = null;
    this.descriptors.begin(null);
  }

  private functions(): Record<WasiName, ImportedFunction> {
    const { guest, streams, descriptors } = this;
    const world = { guest, streams, descriptors };
    const calls: Record<string, Call> = {
      ...processCalls(world, this.random, () => this.texts),
      ...fdCalls(world, () => this.files),
      ...pathCalls(world),
      ...pollCalls(world),
    };
    const functions = {} as Record<WasiName, ImportedFunction>;
    for (const name of Object.keys(WASI_SIGNATURES) as WasiName[]) {
      const call = (calls[name] ?? (() => fault('nosys'))) as (...args: unknown[]) => void;
      functions[name] = (...args: unknown[]) => {
        guest.called();
        try {
          call(...args);
          return ERRNO.success;
        } catch (error) {
          if (error instanceof Fault) return error.errno;
          throw error;
        }
      };
    }
    return functions;
  }
}

import { EXPORTS } from '../meter/encode.js';
import type { Metered } from '../meter/meter.js';
import { moduleRefused } from '../meter/refusal.js';
import { START_FUEL, setupFuel, startPagesFuel } from '../meter/weights.js';
import type { RunLimits, RunOutcome, RunTask, Verdict } from '../port.js';
import { checkImports, signature } from '../wasi/allowed.js';
import { filesFuel } from '../wasi/files/of-task.js';
import { BadView } from '../wasi/files/tree.js';
import { WASI_MODULE } from '../wasi/signatures.js';
import { Wasi } from '../wasi/wasi.js';
import { type CompiledModule, type GlobalVariable, type Memory, PAGE_BYTES, wasm } from './engine.js';
import { fuelOf, STACK_BYTES_MAX } from './limits.js';
import { MemoryPool, withMemory } from './memory-pool.js';
import { Stop } from './stop.js';
import { isHostMemory, isHostStack, trapKind } from './trap.js';

/** What a run yields before the host adds the hash and the wall time. */
export type RawOutcome = Omit<RunOutcome, 'output_hash' | 'wall_ms'>;

const FUNCTION_KIND = 0;
const MEMORY_KIND = 2;

/** How a module is entered: as a WASI command, or as a reactor that is handed bytes. */
type Entry = 'command' | 'reactor';

/** What a reactor exports, beside `memory` and, if it likes, `_initialize`. */
const REACTOR = {
  /** length -> address of that many bytes for the input. */
  heap_alloc: 'i:i',
  /** address and length of the input -> address of the output in the upper half, its length in the lower. */
  heap_run: 'ii:I',
} as const;

/** A WebAssembly module: one run is one instance. */
export class Command {
  private readonly entry: Entry;
  private readonly memory_pages: { min_pages: number; max_pages: number };
  private readonly memories: MemoryPool;
  private readonly start_fuel: number;

  /** Throws `HeapError('module_refused')` when the module has the shape of neither a command nor a reactor. */
  constructor(
    private readonly module: CompiledModule,
    metered: Metered,
    private readonly onMemory?: (memory: Uint8Array) => void,
  ) {
    this.entry = entryOf(metered);
    this.memory_pages = metered.memory ?? { min_pages: 0, max_pages: 0 };
    this.memories = new MemoryPool(metered.memory);
    this.start_fuel = START_FUEL + startPagesFuel(this.memory_pages.min_pages) + setupFuel(metered.setup);
  }

  run(wasi: Wasi, task: RunTask, limits: RunLimits): RawOutcome {
    try {
      wasi.begin(task, limits);
    } catch (error) {
      if (error instanceof BadView) return this.outcome(wasi, 'refused', error.message, null, 0n, 0);
      throw error;
    }
    const pages = Math.min(Math.floor(limits.memory_bytes / PAGE_BYTES), this.memory_pages.max_pages);
    if (this.memory_pages.min_pages > pages)
      return this.outcome(wasi, 'refused', `it starts with ${this.memory_pages.min_pages * PAGE_BYTES} bytes of memory`, null, 0n, 0);
    const fuel = fuelOf(limits) - BigInt(this.start_fuel + filesFuel(task));
    if (fuel < 0n) return this.outcome(wasi, 'out-of-fuel', null, null, fuelOf(limits), 0);

    let exports: Record<string, unknown>;
    let memory: Memory | null = null;
    try {
      memory = this.memories.take();
      exports = new wasm.Instance(this.module, withMemory({ [WASI_MODULE]: wasi.imports }, memory)).exports;
    } catch (error) {
      if (isHostMemory(error)) return this.outcome(wasi, 'host-oom', null, null, 0n, 0);
      if (error instanceof wasm.RuntimeError) return this.outcome(wasi, 'trap', trapKind(error), null, fuelOf(limits) - fuel, 0);
      throw error;
    }
    const globals = exports as unknown as Globals;
    globals[EXPORTS.fuel].value = fuel;
    globals[EXPORTS.pages].value = pages;
    wasi.attach(exports, fuel);
    const ended = this.call(exports, globals, limits.stack_bytes, wasi, task.input);
    const left = globals[EXPORTS.fuel].value;
    const used = left < 0n ? fuelOf(limits) : fuelOf(limits) - left;
    const peak = memory?.buffer.byteLength ?? 0;
    const verdict = left < 0n && isOwnDoing(ended.verdict) ? 'out-of-fuel' : ended.verdict;
    const detail = verdict === ended.verdict ? ended.detail : null;
    const outcome = this.outcome(wasi, verdict, detail, verdict === ended.verdict ? ended.exit_code : null, used, peak);
    wasi.end();
    if (memory) this.onMemory?.(new Uint8Array(memory.buffer));
    this.memories.give(memory);
    return outcome;
  }

  private call(exports: Record<string, unknown>, globals: Globals, stack_bytes: number, wasi: Wasi, input: Uint8Array): Ended {
    const enter = (name: string, ...args: number[]): unknown => {
      globals[EXPORTS.stack].value = BigInt(Math.min(stack_bytes, STACK_BYTES_MAX));
      return (exports[name] as ((...args: number[]) => unknown) | undefined)?.(...args);
    };
    try {
      enter(EXPORTS.start);
      if (this.entry === 'command') enter('_start');
      else this.react(exports.memory as Memory, enter, wasi, input);
      return { verdict: 'ok', detail: null, exit_code: 0 };
    } catch (error) {
      return whatEnded(error, globals);
    }
  }

  private react(memory: Memory, enter: (name: string, ...args: number[]) => unknown, wasi: Wasi, input: Uint8Array): void {
    enter('_initialize');
    const at = (enter('heap_alloc', input.length) as number) >>> 0;
    if (at + input.length > memory.buffer.byteLength) throw new BadReactor('heap_alloc answered an address outside memory');
    new Uint8Array(memory.buffer).set(input, at);
    const result = BigInt.asUintN(64, enter('heap_run', at, input.length) as bigint);
    const [from, length] = [Number(result >> 32n), Number(result & 0xffff_ffffn)];
    if (from + length > memory.buffer.byteLength) throw new BadReactor('heap_run answered bytes outside memory');
    wasi.output.write(new Uint8Array(memory.buffer, from, length));
  }

  private outcome(
    wasi: Wasi,
    verdict: Verdict,
    detail: string | null,
    exit_code: number | null,
    fuel_used: bigint,
    memory_peak_bytes: number,
  ): RawOutcome {
    return { verdict, detail, exit_code, fuel_used, output: wasi.output.take(), logs: wasi.logs.text(), memory_peak_bytes };
  }
}

interface Ended {
  verdict: Verdict;
  detail: string | null;
  exit_code: number | null;
}

export interface Globals {
  [EXPORTS.fuel]: GlobalVariable<bigint>;
  [EXPORTS.stack]: GlobalVariable<bigint>;
  [EXPORTS.pages]: GlobalVariable<number>;
  [EXPORTS.lack]: GlobalVariable<number>;
}

/** Whatever a module did after its fuel was gone, being out of fuel is what happened; a lack of the host's stays one. */
function isOwnDoing(verdict: Verdict): boolean {
  return verdict !== 'host-oom' && verdict !== 'host-stack';
}

/** A reactor broke its side of the agreement. */
class BadReactor extends Error {}

function entryOf(metered: Metered): Entry {
  checkImports(metered.imports);
  const find = (name: string, kind: number) => metered.exports.find((e) => e.name === name && e.kind === kind);
  const has_memory = find('memory', MEMORY_KIND) !== undefined;
  const typed = (name: string, expected: string) => {
    const found = find(name, FUNCTION_KIND);
    if (found?.type && signature(found.type) !== expected)
      throw moduleRefused(`it exports ${name} with type ${signature(found.type)} instead of ${expected}`);
    return found !== undefined;
  };
  if (typed('_start', ':')) {
    if (metered.imports.length > 0 && !has_memory) throw moduleRefused('it uses WASI but does not export its memory as "memory"');
    return 'command';
  }
  const reacts = Object.entries(REACTOR).map(([name, type]) => typed(name, type));
  typed('_initialize', ':');
  if (metered.exports.some((e) => e.name === '_initialize' && e.kind !== FUNCTION_KIND))
    throw moduleRefused('it exports _initialize, which is not a function');
  if (reacts.every(Boolean)) {
    if (!has_memory) throw moduleRefused('it does not export its memory as "memory"');
    return 'reactor';
  }
  throw moduleRefused(
    'it does not export the function _start; build it as a WASI command (for example clang --target=wasm32-wasi), or export heap_alloc and heap_run',
  );
}

/** Reads the reason of an ended run from the error and the instrumentation's globals. Rethrows what only a defect of ours can raise. */
export function whatEnded(error: unknown, globals: Globals): Ended {
  const as = (verdict: Verdict, detail: string | null = null, exit_code: number | null = null) => ({ verdict, detail, exit_code });
  if (error instanceof Stop) {
    if (error.reason === 'exit') return as(error.exit_code === 0 ? 'ok' : 'exit', null, error.exit_code);
    if (error.reason === 'host-calls') return as('trap', 'it called the host more often than it may');
    return as(error.reason);
  }
  if (globals[EXPORTS.lack].value !== 0) return as('host-oom');
  if (globals[EXPORTS.fuel].value < 0n) return as('out-of-fuel');
  if (isHostStack(error)) return as('host-stack');
  if (globals[EXPORTS.stack].value < 0n) return as('stack-overflow');
  if (error instanceof wasm.RuntimeError) return as('trap', trapKind(error));
  if (error instanceof BadReactor) return as('trap', error.message);
  throw error;
}

import { CAPS } from '../meter/caps.js';
import { EXPORTS } from '../meter/encode.js';
import type { Metered } from '../meter/meter.js';
import { moduleRefused } from '../meter/refusal.js';
import { PAGE_FUEL, START_FUEL } from '../meter/weights.js';
import type { Codec, RunLimits, RunTask } from '../port.js';
import { type RawOutcome, whatEnded } from '../runtime/command.js';
import { type CompiledModule, PAGE_BYTES } from '../runtime/engine.js';
import { fuelOf, STACK_BYTES_MAX } from '../runtime/limits.js';
import { MemoryPool } from '../runtime/memory-pool.js';
import { seedState } from '../runtime/random.js';
import { filesFuel } from '../wasi/files/of-task.js';
import { BadView } from '../wasi/files/tree.js';
import { type Box, EVAL_MODULE, PROMISE } from './exports.js';
import { EngineHost } from './host.js';
import { NoRoom, type Snapshot, Thrown, Vm } from './vm.js';

const encoder = new TextEncoder();

/** What a module may use to be read and to run its top level. Not billed: it happens once per slot, not once per task. */
const LOAD_FUEL = 2_000_000_000n;
const LOAD_FUEL_PER_BYTE = 20_000n;
const LOAD_PAGES = 1024;
/** The engine's own stack, in its memory: small enough that deep recursion becomes an error a handler can catch, well before the budget. */
const ENGINE_STACK_BYTES = 96 * 1024;

export const FILE_NAME = 'task.js';

/** The metered engine, compiled once for all modules. */
export class JavaScriptEngine {
  private booted: Snapshot | null = null;
  readonly host = new EngineHost();
  stack_bytes = STACK_BYTES_MAX;

  constructor(
    private readonly module: CompiledModule,
    private readonly memory_pages: Metered['memory'],
  ) {}

  instance(): Vm {
    return new Vm(this.module, this.host, () => this.stack_bytes, new MemoryPool(this.memory_pages).take());
  }

  /** A machine with the prelude and nothing else. */
  fresh(): Vm {
    const vm = this.instance();
    vm.engine[EXPORTS.fuel].value = LOAD_FUEL;
    vm.engine[EXPORTS.pages].value = LOAD_PAGES;
    this.stack_bytes = STACK_BYTES_MAX;
    this.host.begin({}, { log_bytes: 0 }, LOAD_FUEL);
    if (this.booted) vm.restore(this.booted);
    else {
      vm.boot(ENGINE_STACK_BYTES);
      this.booted = vm.snapshot();
    }
    return vm;
  }
}

/** A JavaScript module after its top level ran: every task starts from the same memory, to the byte. */
export class Handler {
  private vm: Vm;
  private readonly snapshot: Snapshot;

  /** Throws `HeapError('module_refused')`, with the developer's own line, for source that does not parse, throws, or exports no handler. */
  constructor(
    private readonly engine: JavaScriptEngine,
    source: Uint8Array,
    private readonly codec: Codec,
    private readonly onMemory?: (memory: Uint8Array) => void,
  ) {
    if (source.length > CAPS.source_bytes)
      throw moduleRefused(`it is ${source.length} bytes long and at most ${CAPS.source_bytes} are allowed`);
    this.vm = engine.fresh();
    const fuel = LOAD_FUEL + LOAD_FUEL_PER_BYTE * BigInt(source.length);
    this.vm.engine[EXPORTS.fuel].value = fuel;
    engine.host.begin({}, { log_bytes: 0 }, fuel);
    try {
      this.evaluate(source);
    } catch (error) {
      throw this.refused(error);
    }
    this.snapshot = this.vm.snapshot();
  }

  private evaluate(source: Uint8Array): void {
    const { vm } = this;
    const promise = vm.evaluate(source, FILE_NAME, EVAL_MODULE);
    while (vm.engine.qjs_promise_state(promise) === PROMISE.pending && vm.runJob());
    const state = vm.engine.qjs_promise_state(promise);
    if (state === PROMISE.pending) throw moduleRefused('its top level awaits something that never happens');
    const result = vm.engine.qjs_promise_result(promise);
    if (state === PROMISE.rejected) throw new Thrown(result);
    vm.call(vm.bridge.adopt, [result]);
    while (vm.runJob());
  }

  private refused(error: unknown): unknown {
    const { vm } = this;
    if (error instanceof Thrown) {
      const { message, stack } = vm.describe(error.box);
      const line = ownLine(stack);
      return moduleRefused(message.replace(/\.$/, ''), line === null ? {} : { line: line.line });
    }
    if (error instanceof NoRoom) return moduleRefused('it is too large for the memory a module may use while it is read');
    if (error instanceof Error && error.name === 'HeapError') return error;
    const { verdict, detail } = whatEnded(error, vm.engine);
    return moduleRefused(`its top level ended with ${detail ?? verdict} while it was read`);
  }

  run(task: RunTask, limits: RunLimits): RawOutcome {
    const { snapshot } = this;
    const pages = Math.floor(limits.memory_bytes / PAGE_BYTES);
    const start_pages = snapshot.memory.length / PAGE_BYTES;
    if (start_pages > pages) return nothing('refused', `it starts with ${snapshot.memory.length} bytes of memory`, 0n);
    const granted = fuelOf(limits);
    const fuel = granted - BigInt(START_FUEL + start_pages * PAGE_FUEL + filesFuel(task));
    if (fuel < 0n) return nothing('out-of-fuel', null, granted);
    if (!this.vm.fits(snapshot)) this.vm = this.engine.instance();
    const { vm, engine } = this;
    vm.restore(snapshot);
    engine.stack_bytes = Math.min(limits.stack_bytes, STACK_BYTES_MAX);
    vm.engine[EXPORTS.fuel].value = fuel;
    vm.engine[EXPORTS.pages].value = pages;
    try {
      engine.host.begin(task, limits, fuel);
    } catch (error) {
      if (error instanceof BadView) return nothing('refused', error.message, 0n);
      throw error;
    }

    const outcome = this.attempt(task, limits);
    const left = vm.engine[EXPORTS.fuel].value;
    outcome.fuel_used = left < 0n ? granted : granted - left;
    outcome.memory_peak_bytes = vm.engine.memory.buffer.byteLength;
    outcome.logs = engine.host.logs.text();
    this.onMemory?.(new Uint8Array(vm.engine.memory.buffer));
    if (left < 0n && outcome.verdict !== 'host-oom' && outcome.verdict !== 'host-stack') {
      return { ...outcome, verdict: 'out-of-fuel', detail: null, exit_code: null, output: new Uint8Array(0) };
    }
    return outcome;
  }

  private attempt(task: RunTask, limits: RunLimits): RawOutcome {
    try {
      const output = this.vm.read(this.answer(task), limits.output_bytes);
      if (output === null) return nothing('output-limit', null, 0n);
      return { ...nothing('ok', null, 0n), exit_code: 0, output };
    } catch (error) {
      try {
        return this.ended(error);
      } catch (while_describing) {
        return this.ended(while_describing instanceof Thrown ? new NoRoom() : while_describing);
      }
    }
  }

  private ended(error: unknown): RawOutcome {
    if (error instanceof Thrown) {
      const { message, stack } = this.vm.describe(error.box);
      const line = ownLine(stack);
      return nothing('trap', line === null ? message : `${message} (${FILE_NAME}:${line.line}:${line.column})`, 0n);
    }
    if (error instanceof NeverSettled)
      return nothing('trap', "the handler's promise never settles: nothing is left that could settle it", 0n);
    if (error instanceof NoRoom) return nothing('trap', 'InternalError: out of memory', 0n);
    const { verdict, detail } = whatEnded(error, this.vm.engine);
    return nothing(verdict, detail, 0n);
  }

  private answer(task: RunTask): Box {
    const { vm } = this;
    const json = this.codec === 'json';
    const seed = task.seed ?? '';
    const context = JSON.stringify({ args: task.args ?? [], env: task.env ?? {}, seed, state: seedState(seed) });
    const input = json ? vm.string(task.input) : vm.bytes(task.input);
    let answer = vm.call(vm.bridge.start, [vm.boolean(json), input, vm.string(encoder.encode(context))]);
    while (vm.engine.qjs_is_undefined(answer)) {
      while (vm.runJob());
      answer = vm.call(vm.bridge.poll, []);
      if (!vm.engine.qjs_is_undefined(answer)) break;
      if (!vm.engine.qjs_get_bool(vm.call(vm.bridge.tick, []))) throw new NeverSettled();
    }
    return answer;
  }
}

class NeverSettled extends Error {}

function nothing(verdict: RawOutcome['verdict'], detail: string | null, fuel_used: bigint): RawOutcome {
  return { verdict, detail, exit_code: null, fuel_used, output: new Uint8Array(0), logs: '', memory_peak_bytes: 0 };
}

/** The innermost place of a stack trace that lies in the developer's file. */
function ownLine(stack: string): { line: number; column: number } | null {
  const match = /task\.js:(\d+)(?::(\d+))?/.exec(stack);
  return match === null ? null : { line: Number(match[1]), column: Number(match[2] ?? 1) };
}

import { EXPORTS } from '../meter/encode.js';
import { HOST_CALL_FUEL } from '../meter/weights.js';
import type { RunLimits, RunTask } from '../port.js';
import type { Imports } from '../runtime/engine.js';
import { LogSink } from '../runtime/sink.js';
import { HOST_CALLS, OUT_OF_FUEL } from '../runtime/stop.js';
import { DEFAULT_CLOCK_MS, NS_PER_MS, nanoseconds } from '../wasi/clock.js';
import { ERRNO } from '../wasi/errno.js';
import { WASI_MODULE } from '../wasi/signatures.js';
import type { Box, EngineExports } from './exports.js';
import { TaskFiles } from './files.js';

/** Host functions by the first letter of the name they were made with. */
export const HOST_FUNCTIONS = ['log', 'encode', 'decode', 'sleep', 'files'] as const;

const PATH_TEXT_BYTES_MAX = 8192;
const encoder = new TextEncoder();
const utf8 = new TextDecoder();

/** What the engine imports: a virtual clock, the logs, and conversions that only need its own functions. */
export class EngineHost {
  readonly imports: Imports;
  readonly logs = new LogSink();
  private engine: EngineExports | null = null;
  private scratch = 0;
  private clock_ns = 0n;
  private fuel_at_start = 0n;
  private calls_left = Number.POSITIVE_INFINITY;
  private files = new TaskFiles(this);

  constructor() {
    const nothing = () => 0;
    this.imports = {
      env: {
        host_call: (name: number, _length: number, _self: Box, argc: number, argv: number) => this.call(name, argc, argv),
        host_interrupt: nothing,
        host_promise_rejection: nothing,
        host_module_normalize: nothing,
        host_module_load: nothing,
        host_get_timezone_offset: nothing,
      },
      [WASI_MODULE]: {
        clock_time_get: (_clock: number, _precision: bigint, pointer: number) => this.clock(pointer),
        random_get: () => ERRNO.nosys,
        fd_write: () => ERRNO.badf,
        fd_close: () => ERRNO.badf,
        fd_fdstat_get: () => ERRNO.badf,
        fd_seek: () => ERRNO.badf,
      },
    };
  }

  /** `scratch`: twelve bytes of the engine's memory that nobody else uses. */
  attach(engine: EngineExports, scratch: number): void {
    this.engine = engine;
    this.scratch = scratch;
  }

  /** Throws `BadView` when the files of the task make no tree. Call it when the engine has its fuel. */
  begin(
    task: Pick<RunTask, 'clock_ms' | 'files'>,
    limits: Pick<RunLimits, 'log_bytes' | 'files' | 'file_bytes' | 'host_calls'>,
    fuel_at_start: bigint,
  ): void {
    this.logs.reset(limits.log_bytes);
    this.clock_ns = BigInt(Math.trunc(task.clock_ms ?? DEFAULT_CLOCK_MS)) * NS_PER_MS;
    this.fuel_at_start = fuel_at_start;
    this.calls_left = limits.host_calls ?? Number.POSITIVE_INFINITY;
    this.files.begin(task, limits);
  }

  private called(): void {
    if (--this.calls_left < 0) throw HOST_CALLS;
    this.charge(HOST_CALL_FUEL);
  }

  now(): bigint {
    return this.clock_ns + nanoseconds(this.engine === null ? 0n : this.fuel_at_start - this.engine[EXPORTS.fuel].value);
  }

  charge(fuel: number): void {
    if (this.engine === null) return;
    const global = this.engine[EXPORTS.fuel];
    const left = global.value - BigInt(fuel);
    global.value = left;
    if (left < 0n) throw OUT_OF_FUEL;
  }

  private clock(pointer: number): number {
    const engine = this.engine;
    if (engine === null) return ERRNO.nosys;
    this.called();
    new DataView(engine.memory.buffer).setBigUint64(pointer, this.now(), true);
    return ERRNO.success;
  }

  private call(name: number, argc: number, argv: number): Box {
    const engine = this.engine as EngineExports;
    this.called();
    const view = new DataView(engine.memory.buffer);
    if (argc < 1) return engine.qjs_get_undefined();
    const argument = view.getUint32(argv, true);
    switch (String.fromCharCode(view.getUint8(name))) {
      case 'l':
        return this.withText(engine, argument, (pointer, length) => {
          this.logs.write(new Uint8Array(engine.memory.buffer, pointer, length));
          return engine.qjs_get_undefined();
        });
      case 'e':
        return this.withText(engine, argument, (pointer, length) => engine.qjs_new_uint8_array(pointer, length));
      case 'd': {
        const { pointer, length } = this.bytesOf(engine, argument);
        this.charge(length >>> 1);
        return engine.qjs_new_string(pointer, length);
      }
      case 'f':
        return argc < 3
          ? engine.qjs_get_undefined()
          : this.file(engine, argument, view.getUint32(argv + 4, true), view.getUint32(argv + 8, true));
      default: {
        const ms = engine.qjs_get_float64(argument);
        if (ms > 0 && ms < Number.MAX_SAFE_INTEGER) this.clock_ns += BigInt(Math.trunc(ms)) * NS_PER_MS;
        return engine.qjs_get_undefined();
      }
    }
  }

  /** What to do, a path, and bytes to read into or to write; answers a text. */
  private file(engine: EngineExports, what: Box, path: Box, data: Box): Box {
    const [verb, where] = [this.text(engine, what), this.text(engine, path)];
    // Last, for making the texts may grow the memory and move it.
    const { pointer, length } = this.bytesOf(engine, data);
    const answer = encoder.encode(this.files.call(verb, where, new Uint8Array(engine.memory.buffer, pointer, length)));
    this.charge(answer.length >>> 1);
    const at = engine.wasm_malloc(answer.length + 1);
    if (at === 0) return engine.qjs_get_undefined();
    new Uint8Array(engine.memory.buffer).set(answer, at);
    const text = engine.qjs_new_string(at, answer.length);
    engine.wasm_free(at);
    return text;
  }

  private text(engine: EngineExports, value: Box): string {
    const pointer = engine.qjs_get_string_len(value, this.scratch);
    if (pointer === 0) return '';
    const length = new DataView(engine.memory.buffer).getUint32(this.scratch, true);
    this.charge(length >>> 1);
    const text = length > PATH_TEXT_BYTES_MAX ? null : utf8.decode(new Uint8Array(engine.memory.buffer, pointer, length));
    engine.qjs_free_cstring(pointer);
    return text ?? '\0';
  }

  private withText(engine: EngineExports, value: Box, use: (pointer: number, length: number) => Box): Box {
    const pointer = engine.qjs_get_string_len(value, this.scratch);
    if (pointer === 0) return engine.qjs_get_undefined();
    const length = new DataView(engine.memory.buffer).getUint32(this.scratch, true);
    this.charge(length >>> 1);
    const result = use(pointer, length);
    engine.qjs_free_cstring(pointer);
    return result;
  }

  /** Where the bytes of a Uint8Array lie. */
  bytesOf(engine: EngineExports, value: Box): { pointer: number; length: number } {
    const buffer = engine.qjs_get_typed_array_buffer(value, this.scratch, this.scratch + 4, this.scratch + 8);
    if (engine.qjs_is_exception(buffer)) {
      engine.qjs_free_value(engine.qjs_get_exception());
      return { pointer: 0, length: 0 };
    }
    const view = new DataView(engine.memory.buffer);
    const offset = view.getUint32(this.scratch, true);
    const length = view.getUint32(this.scratch + 4, true);
    const pointer = engine.qjs_get_array_buffer(buffer, this.scratch + 8);
    engine.qjs_free_value(buffer);
    // A buffer that was detached or made shorter meanwhile has nothing to show.
    if (pointer + offset + length > engine.memory.buffer.byteLength) return { pointer: 0, length: 0 };
    return { pointer: pointer + offset, length };
  }
}

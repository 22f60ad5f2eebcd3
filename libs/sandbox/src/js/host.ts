import { EXPORTS } from '../meter/encode.js';
import { HOST_CALL_FUEL } from '../meter/weights.js';
import type { RunLimits, RunTask } from '../port.js';
import type { Imports } from '../runtime/engine.js';
import { LogSink } from '../runtime/sink.js';
import { OUT_OF_FUEL } from '../runtime/stop.js';
import { DEFAULT_CLOCK_MS, nanoseconds } from '../wasi/clock.js';
import { ERRNO, WASI_MODULE } from '../wasi/signatures.js';
import type { Box, EngineExports } from './exports.js';

/** Host functions by the first letter of the name they were made with. */
export const HOST_FUNCTIONS = ['log', 'encode', 'decode', 'sleep'] as const;

const NS_PER_MS = 1_000_000n;

/** What the engine imports: a virtual clock, the logs, and conversions that only need its own functions. */
export class EngineHost {
  readonly imports: Imports;
  readonly logs = new LogSink();
  private engine: EngineExports | null = null;
  private scratch = 0;
  private clock_ns = 0n;
  private fuel_at_start = 0n;

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

  begin(task: Pick<RunTask, 'clock_ms'>, limits: Pick<RunLimits, 'log_bytes'>, fuel_at_start: bigint): void {
    this.logs.reset(limits.log_bytes);
    this.clock_ns = BigInt(Math.trunc(task.clock_ms ?? DEFAULT_CLOCK_MS)) * NS_PER_MS;
    this.fuel_at_start = fuel_at_start;
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
    this.charge(HOST_CALL_FUEL);
    const now = this.clock_ns + nanoseconds(this.fuel_at_start - engine[EXPORTS.fuel].value);
    new DataView(engine.memory.buffer).setBigUint64(pointer, now, true);
    return ERRNO.success;
  }

  private call(name: number, argc: number, argv: number): Box {
    const engine = this.engine as EngineExports;
    this.charge(HOST_CALL_FUEL);
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
      default: {
        const ms = engine.qjs_get_float64(argument);
        if (ms > 0 && ms < Number.MAX_SAFE_INTEGER) this.clock_ns += BigInt(Math.trunc(ms)) * NS_PER_MS;
        return engine.qjs_get_undefined();
      }
    }
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
    return { pointer: pointer + offset, length };
  }
}

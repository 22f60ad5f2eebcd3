import { EXPORTS } from '../meter/encode.js';
import { type CompiledModule, type Memory, PAGE_BYTES, wasm } from '../runtime/engine.js';
import { withMemory } from '../runtime/memory-pool.js';
import { type Box, type EngineExports, EVAL_BACKTRACE_BARRIER, EVAL_GLOBAL } from './exports.js';
import { EngineHost, HOST_FUNCTIONS } from './host.js';
import { PRELUDE } from './prelude.js';

const encoder = new TextEncoder();
const utf8 = new TextDecoder();

const SCRATCH_BYTES = 64;
/**
 * Free room in the snapshot every task starts from. A memory that has grown cannot be used again, and mapping a new one takes two milliseconds.
 * No program of test/programs grows beyond this much; every handler that is loaded holds it twice.
 */
const ROOM_BYTES = 256 * 1024;
const ARGUMENTS_AT = 16;

/** All that a machine is: the one mutable global of the engine is its stack pointer, and nothing writes to its table. */
export interface Snapshot {
  memory: Uint8Array;
  stack_pointer: number;
  scratch: number;
  bridge: Record<(typeof BRIDGE)[number], Box>;
}

const BRIDGE = ['adopt', 'start', 'poll', 'tick', 'describe'] as const;

/** The guest threw; `box` is what. */
export class Thrown extends Error {
  constructor(readonly box: Box) {
    super('the guest threw');
  }
}

/** One instance of the metered engine, with just enough of its interface to run handlers. */
export class Vm {
  readonly engine: EngineExports;
  private scratch = 0;
  bridge = {} as Snapshot['bridge'];

  constructor(
    module: CompiledModule,
    readonly host: EngineHost,
    private readonly stack_bytes: () => number,
    memory: Memory | null,
  ) {
    this.engine = new wasm.Instance(module, withMemory(host.imports, memory)).exports as unknown as EngineExports;
  }

  /** From nothing to a machine with the prelude in place. */
  boot(engine_stack_bytes: number): void {
    const { engine } = this;
    this.host.attach(engine, 0);
    this.arm();
    engine._initialize();
    this.arm();
    if (engine.qjs_init() !== 0) throw new Error('the JavaScript engine did not start');
    engine.qjs_set_max_stack_size(engine_stack_bytes);
    this.scratch = engine.wasm_malloc(SCRATCH_BYTES);
    this.host.attach(engine, this.scratch);
    const prelude = this.evaluate(PRELUDE, 'heap.js', EVAL_GLOBAL | EVAL_BACKTRACE_BARRIER);
    const bridge = this.call(
      prelude,
      HOST_FUNCTIONS.map((name) => this.withBytes(encoder.encode(name), (at, n) => engine.qjs_new_host_function(at, n, 0))),
    );
    for (const name of BRIDGE) this.bridge[name] = this.property(bridge, name);
    this.withBytes(new Uint8Array(ROOM_BYTES), () => undefined);
  }

  snapshot(): Snapshot {
    const { engine } = this;
    return {
      memory: new Uint8Array(engine.memory.buffer).slice(),
      stack_pointer: engine.__stack_pointer.value,
      scratch: this.scratch,
      bridge: { ...this.bridge },
    };
  }

  /** A memory that has grown cannot shrink: then a new instance is needed. */
  fits(snapshot: Snapshot): boolean {
    return this.engine.memory.buffer.byteLength === snapshot.memory.length;
  }

  restore(snapshot: Snapshot): void {
    const { engine } = this;
    const missing = snapshot.memory.length - engine.memory.buffer.byteLength;
    if (missing > 0) engine.memory.grow(missing / PAGE_BYTES);
    new Uint8Array(engine.memory.buffer).set(snapshot.memory);
    engine.__stack_pointer.value = snapshot.stack_pointer;
    engine[EXPORTS.lack].value = 0;
    this.scratch = snapshot.scratch;
    this.bridge = snapshot.bridge;
    this.host.attach(engine, snapshot.scratch);
  }

  /** Every call from outside begins with the whole stack. */
  private arm(): void {
    this.engine[EXPORTS.stack].value = BigInt(this.stack_bytes());
  }

  private check(box: Box): Box {
    if (this.engine.qjs_is_exception(box)) throw new Thrown(this.engine.qjs_get_exception());
    return box;
  }

  private withBytes<T>(bytes: Uint8Array, use: (pointer: number, length: number) => T): T {
    const { engine } = this;
    this.arm();
    this.host.charge(bytes.length >>> 2);
    const pointer = engine.wasm_malloc(bytes.length + 1);
    if (pointer === 0) throw new NoRoom();
    const memory = new Uint8Array(engine.memory.buffer);
    memory.set(bytes, pointer);
    memory[pointer + bytes.length] = 0;
    const result = use(pointer, bytes.length);
    engine.wasm_free(pointer);
    return result;
  }

  evaluate(source: string | Uint8Array, filename: string, flags: number): Box {
    const code = typeof source === 'string' ? encoder.encode(source) : source;
    const name = encoder.encode(filename);
    return this.check(
      this.withBytes(code, (at, n) =>
        this.withBytes(name, (name_at) => {
          this.arm();
          return this.engine.qjs_eval(at, n, name_at, flags);
        }),
      ),
    );
  }

  call(f: Box, args: readonly Box[]): Box {
    const { engine } = this;
    const view = new DataView(engine.memory.buffer);
    args.forEach((box, i) => {
      view.setUint32(this.scratch + ARGUMENTS_AT + 4 * i, box, true);
    });
    const self = engine.qjs_get_undefined();
    this.arm();
    const result = engine.qjs_call(f, self, args.length, this.scratch + ARGUMENTS_AT);
    engine.qjs_free_value(self);
    for (const box of args) engine.qjs_free_value(box);
    return this.check(result);
  }

  private property(object: Box, name: string): Box {
    return this.check(this.withBytes(encoder.encode(name), (at) => this.engine.qjs_get_prop_string(object, at)));
  }

  string(bytes: Uint8Array): Box {
    return this.check(this.withBytes(bytes, (at, n) => this.engine.qjs_new_string(at, n)));
  }

  bytes(bytes: Uint8Array): Box {
    return this.check(this.withBytes(bytes, (at, n) => this.engine.qjs_new_uint8_array(at, n)));
  }

  boolean(value: boolean): Box {
    return value ? this.engine.qjs_get_true() : this.engine.qjs_get_false();
  }

  /** Runs one job of the queue; false when there was none. A job that throws has nobody to tell. */
  runJob(): boolean {
    const { engine } = this;
    this.arm();
    if (!engine.qjs_is_job_pending()) return false;
    if (engine.qjs_execute_pending_job() < 0) engine.qjs_free_value(engine.qjs_get_exception());
    return true;
  }

  /** Copies a string (as UTF-8) or a Uint8Array out; null when it is longer than `limit`. */
  read(box: Box, limit: number): Uint8Array | null {
    const { engine } = this;
    this.arm();
    let pointer: number;
    let length: number;
    if (engine.qjs_is_string(box)) {
      pointer = engine.qjs_get_string_len(box, this.scratch);
      length = pointer === 0 ? 0 : new DataView(engine.memory.buffer).getUint32(this.scratch, true);
    } else {
      ({ pointer, length } = this.host.bytesOf(engine, box));
    }
    if (length > limit) return null;
    this.host.charge(length >>> 2);
    return new Uint8Array(engine.memory.buffer, pointer, length).slice();
  }

  /** Message and stack of what was thrown. */
  describe(thrown: Box): { message: string; stack: string } {
    const text = utf8.decode(
      this.read(this.call(this.bridge.describe, [thrown]), DESCRIPTION_BYTES_MAX) ?? encoder.encode('Error: (too long)\n'),
    );
    const line_end = text.indexOf('\n');
    return { message: text.slice(0, line_end), stack: text.slice(line_end + 1) };
  }
}

const DESCRIPTION_BYTES_MAX = 64 * 1024;

/** The engine has no room for what the host brings: the memory limit is the reason. */
export class NoRoom extends Error {
  constructor() {
    super('out of memory');
  }
}

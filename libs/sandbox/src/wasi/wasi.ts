import { EXPORTS } from '../meter/encode.js';
import { HOST_CALL_FUEL } from '../meter/weights.js';
import type { RunLimits, RunTask } from '../port.js';
import type { GlobalVariable, ImportedFunction, Memory } from '../runtime/engine.js';
import { Random } from '../runtime/random.js';
import { LogSink, OutputSink } from '../runtime/sink.js';
import { exit, OUT_OF_FUEL } from '../runtime/stop.js';
import { DEFAULT_CLOCK_MS, nanoseconds } from './clock.js';
import { ERRNO, WASI_SIGNATURES, type WasiName } from './signatures.js';

/** A list of buffers longer than this is an error of the caller's, not work. */
const IOVECS_MAX = 1024;
const SUBSCRIPTIONS_MAX = 64;
const SUBSCRIPTION_FUEL = 10_000;
const RANDOM_BYTE_FUEL = 100;
const NS_PER_MS = 1_000_000n;

const encoder = new TextEncoder();

/**
 * WASI preview 1 for one run at a time. The world holds arguments, standard input (the task's), standard output (the result), standard error
 * (the logs), a clock that advances with fuel and sleep, and seeded randomness. There are no directories, so every path is out of reach;
 * no environment, no sockets, no signals. Every call is paid from the module's own fuel, by its length too.
 */
export class Wasi {
  readonly imports: Record<string, ImportedFunction>;
  readonly output = new OutputSink();
  readonly logs = new LogSink();

  private memory: Memory | null = null;
  private fuel: GlobalVariable<bigint> = { value: 0n };
  private view = new DataView(new ArrayBuffer(0));
  private input: Uint8Array = new Uint8Array(0);
  private input_at = 0;
  private args: Uint8Array[] = [];
  private clock_ns = 0n;
  private fuel_at_start = 0n;
  private open = [true, true, true];
  private readonly random = new Random();

  constructor() {
    this.imports = this.functions();
  }

  begin(task: RunTask, limits: RunLimits): void {
    this.output.reset(limits.output_bytes);
    this.logs.reset(limits.log_bytes);
    this.input = task.input;
    this.input_at = 0;
    this.args = ['task', ...(task.args ?? [])].map((arg) => encoder.encode(`${arg}\0`));
    this.clock_ns = BigInt(Math.trunc(task.clock_ms ?? DEFAULT_CLOCK_MS)) * NS_PER_MS;
    this.random.seed(task.seed ?? '');
    this.open = [true, true, true];
  }

  attach(exports: Record<string, unknown>, fuel_at_start: bigint): void {
    this.memory = (exports.memory as Memory | undefined) ?? null;
    this.fuel = exports[EXPORTS.fuel] as GlobalVariable<bigint>;
    this.fuel_at_start = fuel_at_start;
  }

  /** Lets the instance go. */
  end(): void {
    this.memory = null;
    this.input = new Uint8Array(0);
    this.view = new DataView(new ArrayBuffer(0));
  }

  private charge(fuel: number): void {
    const left = this.fuel.value - BigInt(fuel);
    this.fuel.value = left;
    if (left < 0n) throw OUT_OF_FUEL;
  }

  /** A fresh view of the memory, for growth detaches the old one. */
  private data(): DataView {
    const buffer = this.memory?.buffer;
    if (buffer !== undefined && this.view.buffer !== buffer) this.view = new DataView(buffer);
    return this.view;
  }

  private within(pointer: number, length: number): boolean {
    return this.memory !== null && (pointer >>> 0) + (length >>> 0) <= this.memory.buffer.byteLength;
  }

  private slice(pointer: number, length: number): Uint8Array {
    return new Uint8Array((this.memory as Memory).buffer, pointer >>> 0, length >>> 0);
  }

  private now(): bigint {
    return this.clock_ns + this.worked();
  }

  private worked(): bigint {
    return nanoseconds(this.fuel_at_start - this.fuel.value);
  }

  private put32(pointer: number, value: number): number {
    if (!this.within(pointer, 4)) return ERRNO.fault;
    this.data().setUint32(pointer >>> 0, value, true);
    return ERRNO.success;
  }

  private put64(pointer: number, value: bigint): number {
    if (!this.within(pointer, 8)) return ERRNO.fault;
    this.data().setBigUint64(pointer >>> 0, value, true);
    return ERRNO.success;
  }

  private argsGet(pointers: number, bytes: number): number {
    let pointer = pointers >>> 0;
    let at = bytes >>> 0;
    for (const arg of this.args) {
      if (!this.within(pointer, 4) || !this.within(at, arg.length)) return ERRNO.fault;
      this.data().setUint32(pointer, at, true);
      this.slice(at, arg.length).set(arg);
      pointer += 4;
      at += arg.length;
    }
    return ERRNO.success;
  }

  /** Calls `visit` for each buffer until it answers false; an error number or the bytes visited. */
  private eachBuffer(iovecs: number, count: number, visit: (pointer: number, length: number) => boolean): number {
    if (count >>> 0 > IOVECS_MAX) return ERRNO.inval;
    if (!this.within(iovecs, count * 8)) return ERRNO.fault;
    for (let i = 0; i < count; i++) {
      const at = (iovecs >>> 0) + i * 8;
      const pointer = this.data().getUint32(at, true);
      const length = this.data().getUint32(at + 4, true);
      if (!this.within(pointer, length)) return ERRNO.fault;
      this.charge(64 + (length >>> 2));
      if (!visit(pointer, length)) break;
    }
    return ERRNO.success;
  }

  private fdWrite(fd: number, iovecs: number, count: number, written: number): number {
    if ((fd !== 1 && fd !== 2) || !this.open[fd]) return ERRNO.badf;
    const sink = fd === 1 ? this.output : this.logs;
    let total = 0;
    const error = this.eachBuffer(iovecs, count, (pointer, length) => {
      sink.write(this.slice(pointer, length));
      total += length;
      return true;
    });
    return error === ERRNO.success ? this.put32(written, total) : error;
  }

  private fdRead(fd: number, iovecs: number, count: number, read: number): number {
    if (fd !== 0 || !this.open[0]) return ERRNO.badf;
    let total = 0;
    const error = this.eachBuffer(iovecs, count, (pointer, length) => {
      const chunk = this.input.subarray(this.input_at, this.input_at + length);
      this.slice(pointer, chunk.length).set(chunk);
      this.input_at += chunk.length;
      total += chunk.length;
      return chunk.length === length;
    });
    return error === ERRNO.success ? this.put32(read, total) : error;
  }

  /** A character device with the rights its direction gives. */
  private fdstat(fd: number, pointer: number): number {
    if (!this.open[fd]) return ERRNO.badf;
    if (!this.within(pointer, 24)) return ERRNO.fault;
    const view = this.data();
    const at = pointer >>> 0;
    this.slice(at, 24).fill(0);
    view.setUint8(at, 2);
    view.setBigUint64(at + 8, fd === 0 ? 0x2n : 0x40n, true);
    return ERRNO.success;
  }

  private filestat(fd: number, pointer: number): number {
    if (!this.open[fd]) return ERRNO.badf;
    if (!this.within(pointer, 64)) return ERRNO.fault;
    this.slice(pointer, 64).fill(0);
    this.data().setUint8((pointer >>> 0) + 16, 2);
    return ERRNO.success;
  }

  /** Sleeping moves the clock, nothing else; reading and writing are always ready. */
  private poll(subscriptions: number, events: number, count: number, stored: number): number {
    if (count === 0 || count >>> 0 > SUBSCRIPTIONS_MAX) return ERRNO.inval;
    if (!this.within(subscriptions, count * 48) || !this.within(events, count * 32)) return ERRNO.fault;
    this.charge(count * SUBSCRIPTION_FUEL);
    const view = this.data();
    const wanted = Array.from({ length: count }, (_, i) => {
      const at = (subscriptions >>> 0) + i * 48;
      const type = view.getUint8(at + 8);
      if (type !== 0) return { at, type, due: this.now() };
      const timeout = view.getBigUint64(at + 24, true);
      const absolute = (view.getUint16(at + 40, true) & 1) === 1;
      return { at, type, due: absolute ? timeout : this.now() + timeout };
    });
    const first = wanted.reduce((least, { due }) => (due < least ? due : least), wanted[0]?.due ?? 0n);
    if (first > this.now()) this.clock_ns += first - this.now();
    const ready = wanted.filter(({ due }) => due <= first);
    ready.forEach(({ at, type }, i) => {
      const event = (events >>> 0) + i * 32;
      const user_data = view.getBigUint64(at, true);
      this.slice(event, 32).fill(0);
      view.setBigUint64(event, user_data, true);
      view.setUint8(event + 10, type);
    });
    return this.put32(stored, ready.length);
  }

  private randomGet(pointer: number, length: number): number {
    if (!this.within(pointer, length)) return ERRNO.fault;
    this.charge((length >>> 0) * RANDOM_BYTE_FUEL);
    this.random.fill(this.slice(pointer, length));
    return ERRNO.success;
  }

  private functions(): Record<WasiName, ImportedFunction> {
    const known: Partial<Record<WasiName, (...args: never[]) => unknown>> = {
      args_sizes_get: (count: number, bytes: number) =>
        this.put32(count, this.args.length) ||
        this.put32(
          bytes,
          this.args.reduce((sum, arg) => sum + arg.length, 0),
        ),
      args_get: (pointers: number, bytes: number) => this.argsGet(pointers, bytes),
      environ_sizes_get: (count: number, bytes: number) => this.put32(count, 0) || this.put32(bytes, 0),
      environ_get: () => ERRNO.success,
      clock_res_get: (clock: number, pointer: number) => (clock >>> 0 > 3 ? ERRNO.inval : this.put64(pointer, 1n)),
      clock_time_get: (clock: number, _precision: bigint, pointer: number) =>
        clock >>> 0 > 3 ? ERRNO.inval : this.put64(pointer, clock > 1 ? this.worked() : this.now()),
      random_get: (pointer: number, length: number) => this.randomGet(pointer, length),
      fd_write: (fd: number, iovecs: number, count: number, written: number) => this.fdWrite(fd, iovecs, count, written),
      fd_read: (fd: number, iovecs: number, count: number, read: number) => this.fdRead(fd, iovecs, count, read),
      fd_close: (fd: number) => {
        if (!this.open[fd]) return ERRNO.badf;
        this.open[fd] = false;
        return ERRNO.success;
      },
      fd_fdstat_get: (fd: number, pointer: number) => this.fdstat(fd, pointer),
      fd_fdstat_set_flags: (fd: number) => (this.open[fd] ? ERRNO.success : ERRNO.badf),
      fd_filestat_get: (fd: number, pointer: number) => this.filestat(fd, pointer),
      fd_seek: (fd: number) => (this.open[fd] ? ERRNO.spipe : ERRNO.badf),
      fd_tell: (fd: number) => (this.open[fd] ? ERRNO.spipe : ERRNO.badf),
      fd_sync: (fd: number) => (this.open[fd] ? ERRNO.success : ERRNO.badf),
      fd_datasync: (fd: number) => (this.open[fd] ? ERRNO.success : ERRNO.badf),
      poll_oneoff: (subscriptions: number, events: number, count: number, stored: number) =>
        this.poll(subscriptions, events, count, stored),
      proc_exit: (code: number) => exit(code),
      sched_yield: () => ERRNO.success,
      proc_raise: () => ERRNO.nosys,
    };
    const functions = {} as Record<WasiName, ImportedFunction>;
    for (const name of Object.keys(WASI_SIGNATURES) as WasiName[]) {
      const does = known[name] as ((...args: unknown[]) => unknown) | undefined;
      const without = name.startsWith('sock_') ? ERRNO.nosys : ERRNO.badf;
      functions[name] = (...args: unknown[]) => {
        this.charge(HOST_CALL_FUEL);
        return does === undefined ? without : does(...args);
      };
    }
    return functions;
  }
}

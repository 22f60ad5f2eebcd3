import { EXPORTS } from '../meter/encode.js';
import { HOST_CALL_FUEL } from '../meter/weights.js';
import type { GlobalVariable, Memory } from '../runtime/engine.js';
import { HOST_CALLS, OUT_OF_FUEL } from '../runtime/stop.js';
import { DEFAULT_CLOCK_MS, NS_PER_MS, nanoseconds } from './clock.js';
import { fault } from './errno.js';
import { moved } from './files/fuel.js';

/** A list of buffers longer than this is an error of the caller's, not work. */
const IOVECS_MAX = 1024;

const NO_BUFFER = new ArrayBuffer(0);
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The task as its host calls see it: its memory, its fuel, its clock. Addresses and lengths come from the task and are believed never. */
export class Guest {
  private memory: Memory | null = null;
  private fuel: GlobalVariable<bigint> = { value: 0n };
  private view = new DataView(NO_BUFFER);
  private clock_ns = 0n;
  private fuel_at_start = 0n;
  private calls_left = Number.POSITIVE_INFINITY;

  begin(clock_ms: number | undefined, host_calls: number | undefined): void {
    this.clock_ns = BigInt(Math.trunc(clock_ms ?? DEFAULT_CLOCK_MS)) * NS_PER_MS;
    this.calls_left = host_calls ?? Number.POSITIVE_INFINITY;
    this.fuel = { value: 0n };
    this.fuel_at_start = 0n;
  }

  attach(exports: Record<string, unknown>, fuel_at_start: bigint): void {
    this.memory = (exports.memory as Memory | undefined) ?? null;
    this.fuel = exports[EXPORTS.fuel] as GlobalVariable<bigint>;
    this.fuel_at_start = fuel_at_start;
  }

  /** Lets the instance go. */
  end(): void {
    this.memory = null;
    this.view = new DataView(NO_BUFFER);
  }

  /** What every call costs. */
  called(): void {
    if (--this.calls_left < 0) throw HOST_CALLS;
    this.charge(HOST_CALL_FUEL);
  }

  charge(fuel: number): void {
    const left = this.fuel.value - BigInt(fuel);
    this.fuel.value = left;
    if (left < 0n) throw OUT_OF_FUEL;
  }

  now(): bigint {
    return this.clock_ns + this.worked();
  }

  worked(): bigint {
    return nanoseconds(this.fuel_at_start - this.fuel.value);
  }

  sleepUntil(instant_ns: bigint): void {
    const missing = instant_ns - this.now();
    if (missing > 0n) this.clock_ns += missing;
  }

  /** A fresh view of the memory, for growth detaches the old one. */
  data(): DataView {
    const buffer = this.memory?.buffer;
    if (buffer !== undefined && this.view.buffer !== buffer) this.view = new DataView(buffer);
    return this.view;
  }

  check(pointer: number, length: number): void {
    if (this.memory === null || (pointer >>> 0) + length > this.memory.buffer.byteLength) fault('fault');
  }

  slice(pointer: number, length: number): Uint8Array {
    this.check(pointer, length >>> 0);
    return new Uint8Array((this.memory as Memory).buffer, pointer >>> 0, length >>> 0);
  }

  put32(pointer: number, value: number): void {
    this.check(pointer, 4);
    this.data().setUint32(pointer >>> 0, value, true);
  }

  put64(pointer: number, value: bigint): void {
    this.check(pointer, 8);
    this.data().setBigUint64(pointer >>> 0, value, true);
  }

  /** Text of at most `bytes_max` bytes. */
  text(pointer: number, length: number, bytes_max: number): string {
    const bytes = this.slice(pointer, length);
    if (bytes.length > bytes_max) fault('nametoolong');
    try {
      return utf8.decode(bytes);
    } catch {
      return fault('ilseq');
    }
  }

  /** Calls `visit` for each buffer of a list until it answers false. */
  eachBuffer(iovecs: number, count: number, visit: (buffer: Uint8Array) => boolean): void {
    if (count >>> 0 > IOVECS_MAX) fault('inval');
    this.check(iovecs, count * 8);
    for (let i = 0; i < count; i++) {
      const at = (iovecs >>> 0) + i * 8;
      const pointer = this.data().getUint32(at, true);
      const length = this.data().getUint32(at + 4, true);
      this.check(pointer, length);
      this.charge(moved(length));
      if (!visit(this.slice(pointer, length))) break;
    }
  }
}

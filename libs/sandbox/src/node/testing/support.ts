import { createHash } from 'node:crypto';
import wabt from 'wabt';
import type { Codec, RunLimits, RunTask } from '../../port.js';
import type { RawOutcome } from '../../runtime/command.js';
import { moduleKey } from '../../runtime/module-key.js';
import { Runtime } from '../../runtime/runtime.js';
import { engineBytes } from '../programs.js';

const MIB = 1024 * 1024;
const tools = await wabt();
const encoder = new TextEncoder();
const decoder = new TextDecoder();

export const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

/** Assembles WebAssembly text. */
export function wat(text: string, features: Record<string, boolean> = {}): Uint8Array {
  const module = tools.parseWat('test.wat', text, features);
  return module.toBinary({ write_debug_names: true }).buffer;
}

export const LIMITS: RunLimits = {
  fuel: 200_000_000n,
  stack_bytes: 256 * 1024,
  memory_bytes: 16 * MIB,
  output_bytes: 64 * 1024,
  log_bytes: 1024,
  wall_ms: 5_000,
};

let runtime: Runtime | undefined;

/** One runtime for a whole file: what a task leaves behind would show in the next. */
export function sharedRuntime(): Runtime {
  runtime ??= new Runtime({ sha256, engine: engineBytes });
  return runtime;
}

export type Ran = RawOutcome & { text: string };

function run(key: string, task: Partial<RunTask>, limits: Partial<RunLimits>): Ran {
  const outcome = sharedRuntime().run(key, { input: new Uint8Array(0), ...task }, { ...LIMITS, ...limits });
  return { ...outcome, text: decoder.decode(outcome.output) };
}

/** Runs a command module given as bytes or text. */
export function runWasm(module: Uint8Array | string, limits: Partial<RunLimits> = {}, task: Partial<RunTask> = {}): Ran {
  const bytes = typeof module === 'string' ? wat(module) : module;
  return run(sharedRuntime().load({ kind: 'wasm', codec: 'bytes', bytes }).module_hash, task, limits);
}

/** Runs a handler on a JSON value, or on bytes. */
export function runJs(source: string, input: unknown = null, limits: Partial<RunLimits> = {}, task: Partial<RunTask> = {}): Ran {
  const codec: Codec = input instanceof Uint8Array ? 'bytes' : 'json';
  const bytes = input instanceof Uint8Array ? input : encoder.encode(JSON.stringify(input));
  const loaded = { kind: 'javascript', codec, bytes: encoder.encode(source) } as const;
  return run(moduleKey(sharedRuntime().load(loaded).module_hash, loaded), { input: bytes, ...task }, limits);
}

/** The error a function throws; fails when it throws none. */
export function thrownBy(work: () => unknown): Error & { code?: string; details?: Record<string, unknown> } {
  try {
    work();
  } catch (error) {
    return error as Error;
  }
  throw new Error('nothing was thrown');
}

/** A command that writes the 32-bit word at address 0 of its memory; `body` puts it there. */
export function writing(body: string, more = ''): string {
  return `(module (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
    (memory (export "memory") 1) ${more}
    (func (export "_start") ${body}
      (i32.store (i32.const 100) (i32.const 0)) (i32.store (i32.const 104) (i32.const 8))
      (drop (call $write (i32.const 1) (i32.const 100) (i32.const 1) (i32.const 108)))))`;
}

const leb = (n: number): number[] => (n < 0x80 ? [n] : [(n & 0x7f) | 0x80, ...leb(n >>> 7)]);

/** A command whose body is given byte by byte, for what the assembler will not write. */
export function rawCommand(body: readonly number[]): Uint8Array {
  const section = (id: number, content: readonly number[]) => [id, ...leb(content.length), ...content];
  const name = [...encoder.encode('_start')];
  const code = [0, ...body, 0x0b];
  return Uint8Array.from([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [1, 0x60, 0, 0]),
    ...section(3, [1, 0]),
    ...section(7, [1, name.length, ...name, 0, 0]),
    ...section(10, [1, ...leb(code.length), ...code]),
  ]);
}

import { createHash } from 'node:crypto';
import { MEMORY_IMPORT } from '../../libs/sandbox/src/meter/encode.js';
import { meter } from '../../libs/sandbox/src/meter/meter.js';
import { RandomProgram } from './random-program.js';

const { Module, Instance, Memory, validate } = (globalThis as unknown as { WebAssembly: Engine }).WebAssembly;
interface Engine {
  Memory: new (limits: { initial: number; maximum: number }) => object;
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object, imports: object) => { exports: Exports };
  validate(bytes: Uint8Array): boolean;
}
interface Exports {
  run(): void;
  memory: { buffer: ArrayBuffer };
  g: { value: number };
  __heap_fuel: { value: bigint };
  __heap_stack: { value: bigint };
  __heap_pages: { value: number };
}

export interface Ended {
  /** It ended by a trap. */
  trapped: boolean;
  memory_hash: string;
  fuel_used: bigint;
}

const PLENTY = 1n << 40n;

function execute(bytes: Uint8Array, metered: boolean, fuel = PLENTY): Ended {
  const memory = new Memory({ initial: 1, maximum: 4 });
  const { exports } = new Instance(new Module(bytes), metered ? { [MEMORY_IMPORT.module]: { [MEMORY_IMPORT.name]: memory } } : {});
  if (metered) {
    exports.__heap_fuel.value = fuel;
    exports.__heap_stack.value = 262_144n;
    exports.__heap_pages.value = 4;
  }
  let trapped = false;
  try {
    exports.run();
  } catch {
    trapped = true;
  }
  const hash = createHash('sha256').update(new Uint8Array(exports.memory.buffer)).update(String(exports.g.value));
  return { trapped, memory_hash: hash.digest('hex'), fuel_used: metered ? fuel - exports.__heap_fuel.value : 0n };
}

export interface Fuzzed extends Ended {
  metered_hash: string;
  /** Without the meter this engine's own NaN bits would have shown in the memory the program leaves. */
  shows_nans: boolean;
}

/**
 * Runs the program of a seed metered, and plainly with every computed NaN made canonical by the program itself; throws at the first
 * difference.
 */
export function fuzzOne(seed: number): Fuzzed {
  const plain = new RandomProgram(seed, true).bytes();
  const original = new RandomProgram(seed, false).bytes();
  const expect = (holds: boolean, what: string) => {
    if (!holds) throw new Error(`seed ${seed}: ${what}`);
  };
  expect(validate(original) && validate(plain), 'the generator wrote an invalid module');
  const { bytes } = meter(original);
  expect(validate(bytes), 'the metered module is invalid');
  const expected = execute(plain, false);
  const got = execute(bytes, true);
  expect(expected.trapped === got.trapped, `plain ${expected.trapped ? 'traps' : 'ends'}, metered ${got.trapped ? 'traps' : 'ends'}`);
  expect(expected.memory_hash === got.memory_hash, 'memory differs between plain and metered');
  const again = execute(bytes, true);
  expect(again.fuel_used === got.fuel_used && again.memory_hash === got.memory_hash, 'two metered runs differ');
  if (!got.trapped) {
    const exact = execute(bytes, true, got.fuel_used);
    expect(!exact.trapped && exact.memory_hash === got.memory_hash, 'it does not run with exactly its fuel');
    expect(got.fuel_used > 0n, 'it was free');
  }
  const shows_nans = execute(original, false).memory_hash !== got.memory_hash;
  return { ...got, shows_nans, metered_hash: createHash('sha256').update(bytes).digest('hex') };
}

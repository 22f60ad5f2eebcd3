import type { Row } from '../code.js';
import { multiply } from '../galois.js';
import type { Kernel } from './kernel.js';
import { BLOCK, program, TABLE } from './program.js';

const PAGE = 65_536;
const BITS = 8;
const PIECES_MAX = 255;
/** Blocks of each piece that lie in the kernel's memory at a time: small enough for the processor's second cache. */
const BLOCKS = 16;
const SLAB = BLOCKS * BLOCK;
const NAMES = PIECES_MAX * BITS * PIECES_MAX * 2 * 4;
/** Of matrices: encoding uses one, each set of lost pieces another. */
const KEPT_MAX = 4;

const TABLES_AT = 0;
const SCRATCH_AT = TABLES_AT + PIECES_MAX * 2 * TABLE;
const NAMES_AT = SCRATCH_AT + BLOCK;
const INPUTS_AT = Math.ceil((NAMES_AT + NAMES) / PAGE) * PAGE;
const OUTPUTS_AT = INPUTS_AT + PIECES_MAX * SLAB;
const PAGES = (OUTPUTS_AT + PIECES_MAX * SLAB) / PAGE;

interface Exports {
  memory: { buffer: ArrayBuffer };
  planes(inputs: number, table: number, input: number, stride: number): void;
  sums(rows: number, inputs: number, names: number, output: number, stride: number, scratch: number): void;
}

/** The part of the WebAssembly JavaScript interface that is used; this library is compiled without the DOM's types. */
interface WebAssemblyApi {
  validate(bytes: Uint8Array): boolean;
  instantiate(bytes: Uint8Array): Promise<{ instance: { exports: Exports } }>;
}
const wasm = (globalThis as { WebAssembly?: WebAssemblyApi }).WebAssembly;

/** Which sum each half of each input adds to each plane of each output, as addresses in the kernel's memory. */
function namesOf(rows: readonly Row[]): Uint32Array {
  const names: number[] = [];
  for (const row of rows)
    for (let out = 0; out < BITS; out++)
      for (const [i, factor] of row.entries())
        for (const half of [0, 1]) {
          let sum = 0;
          for (let plane = 0; plane < 4; plane++) if ((multiply(factor, 1 << (half * 4 + plane)) >> out) & 1) sum |= 1 << plane;
          names.push(TABLES_AT + (2 * i + half) * TABLE + (sum * TABLE) / 16);
        }
  return Uint32Array.from(names);
}

class SimdKernel implements Kernel {
  readonly name = 'simd';
  private readonly bytes: Uint8Array;
  private readonly names: Uint32Array;
  private readonly kept = new Map<string, Uint32Array>();

  constructor(private readonly run: Exports) {
    this.bytes = new Uint8Array(run.memory.buffer);
    this.names = new Uint32Array(run.memory.buffer, NAMES_AT);
  }

  apply(rows: readonly Row[], inputs: readonly Uint8Array[], outputs: readonly Uint8Array[]): void {
    const length = inputs[0]?.length ?? 0;
    if (rows.length === 0 || length === 0) return;
    this.names.set(this.named(rows));
    for (let start = 0; start < length; start += SLAB) {
      const size = Math.min(SLAB, length - start);
      for (const [i, input] of inputs.entries()) this.bytes.set(input.subarray(start, start + size), INPUTS_AT + i * SLAB);
      for (let at = 0; at < size; at += BLOCK) {
        this.run.planes(inputs.length, TABLES_AT, INPUTS_AT + at, SLAB);
        this.run.sums(rows.length, inputs.length, NAMES_AT, OUTPUTS_AT + at, SLAB, SCRATCH_AT);
      }
      for (const [r, output] of outputs.entries())
        output.set(this.bytes.subarray(OUTPUTS_AT + r * SLAB, OUTPUTS_AT + r * SLAB + size), start);
    }
  }

  private named(rows: readonly Row[]): Uint32Array {
    const key = rows.join(';');
    const names = this.kept.get(key) ?? namesOf(rows);
    this.kept.delete(key);
    this.kept.set(key, names);
    if (this.kept.size > KEPT_MAX) this.kept.delete(this.kept.keys().next().value as string);
    return names;
  }
}

/** The kernel on vectors of WebAssembly; null where there are none. It holds about 5 MiB, more only virtually. */
export async function simdKernel(): Promise<Kernel | null> {
  const bytes = program(PAGES);
  if (wasm?.validate(bytes) !== true) return null;
  const { instance } = await wasm.instantiate(bytes);
  return new SimdKernel(instance.exports);
}

import type { Row } from '../code.js';
import { multiply } from '../galois.js';
import { DIGEST_BYTES, FIRST_STATE, pad, paddedBytes, ROUND_CONSTANTS } from '../sha256.js';
import { LANES } from './hash-program.js';
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

/** Longer messages are hashed one by one. */
const MESSAGE_MAX = 8_192;

const TABLES_AT = 0;
const SCRATCH_AT = TABLES_AT + PIECES_MAX * 2 * TABLE;
const NAMES_AT = SCRATCH_AT + BLOCK;
const INPUTS_AT = Math.ceil((NAMES_AT + NAMES) / PAGE) * PAGE;
const OUTPUTS_AT = INPUTS_AT + PIECES_MAX * SLAB;
const STATE_AT = OUTPUTS_AT + PIECES_MAX * SLAB;
const CONSTANTS_AT = STATE_AT + DIGEST_BYTES * LANES;
const MESSAGES_AT = CONSTANTS_AT + ROUND_CONSTANTS.byteLength;
const PAGES = Math.ceil((MESSAGES_AT + LANES * MESSAGE_MAX) / PAGE);

/** Each word for all lanes. */
const FIRST_STATES = Uint32Array.from({ length: FIRST_STATE.length * LANES }, (_, i) => FIRST_STATE[Math.floor(i / LANES)] as number);

interface Exports {
  memory: { buffer: ArrayBuffer };
  planes(inputs: number, table: number, input: number, stride: number): void;
  sums(rows: number, inputs: number, names: number, output: number, stride: number, scratch: number): void;
  hashes(message: number, stride: number, blocks: number, state: number, constants: number): void;
}

/** The part of the WebAssembly JavaScript interface that is used; this library is compiled without the DOM's types. */
interface WebAssemblyApi {
  validate(bytes: Uint8Array): boolean;
  instantiate(bytes: Uint8Array): Promise<{ instance: { exports: Exports } }>;
}
const wasm = (globalThis as unknown as { WebAssembly?: WebAssemblyApi }).WebAssembly;

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
  private readonly state: Uint32Array;
  private readonly kept = new Map<string, Uint32Array>();

  constructor(private readonly run: Exports) {
    this.bytes = new Uint8Array(run.memory.buffer);
    this.names = new Uint32Array(run.memory.buffer, NAMES_AT);
    this.state = new Uint32Array(run.memory.buffer, STATE_AT, FIRST_STATE.length * LANES);
    new Uint32Array(run.memory.buffer, CONSTANTS_AT).set(ROUND_CONSTANTS);
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

  digests(prefix: number, messages: Uint8Array, size: number): Uint8Array {
    const length = paddedBytes(1 + size);
    if (length > MESSAGE_MAX) throw new RangeError(`a message of ${size} bytes is too long for this kernel`);
    const count = messages.length / size;
    const digests = new DataView(new ArrayBuffer(count * DIGEST_BYTES));
    for (let lane = 0; lane < LANES; lane++) {
      this.bytes[MESSAGES_AT + lane * length] = prefix;
      pad(this.bytes, MESSAGES_AT + lane * length, 1 + size);
    }
    for (let first = 0; first < count; first += LANES) {
      const lanes = Math.min(LANES, count - first);
      for (let lane = 0; lane < lanes; lane++) {
        const from = (first + lane) * size;
        this.bytes.set(messages.subarray(from, from + size), MESSAGES_AT + lane * length + 1);
      }
      this.state.set(FIRST_STATES);
      this.run.hashes(MESSAGES_AT, length, length / 64, STATE_AT, CONSTANTS_AT);
      for (let lane = 0; lane < lanes; lane++)
        for (let word = 0; word < FIRST_STATE.length; word++)
          digests.setUint32((first + lane) * DIGEST_BYTES + 4 * word, this.state[word * LANES + lane] as number);
    }
    return new Uint8Array(digests.buffer);
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

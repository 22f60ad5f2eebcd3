import type { Row } from '../code.js';
import { multiply } from '../galois.js';
import { DIGEST_BYTES, FIRST_STATE, pad, paddedBytes, ROUND_CONSTANTS } from '../sha256.js';
import { LANES } from './hash-program.js';
import type { Kernel } from './kernel.js';
import { BLOCK, INPUT_SUMS, NAME_BYTES, program } from './program.js';

const PAGE = 65_536;
const BITS = 8;
const PIECES_MAX = 255;
/**
 * For as much of all pieces as is worked on at a time. It stays in the second cache of most processors; with less of it, copying takes more calls,
 * each of fewer bytes.
 */
const WORK = 768 * 1_024;
const NAMES = PIECES_MAX * BITS * PIECES_MAX * 2 * NAME_BYTES;
/** Of matrices: encoding uses one, each set of lost pieces another. */
const KEPT_MAX = 4;

/** Longer messages are hashed one by one. */
const MESSAGE_MAX = 8_192;

const SUMS_AT = 0;
const SCRATCH_AT = SUMS_AT + PIECES_MAX * INPUT_SUMS;
const NAMES_AT = SCRATCH_AT + BLOCK;
const WORK_AT = Math.ceil((NAMES_AT + NAMES) / PAGE) * PAGE;
const STATE_AT = WORK_AT + WORK;
const CONSTANTS_AT = STATE_AT + DIGEST_BYTES * LANES;
const MESSAGES_AT = CONSTANTS_AT + ROUND_CONSTANTS.byteLength;
const PAGES = Math.ceil((MESSAGES_AT + LANES * MESSAGE_MAX) / PAGE);

/** Each word for all lanes. */
const FIRST_STATES = Uint32Array.from({ length: FIRST_STATE.length * LANES }, (_, i) => FIRST_STATE[Math.floor(i / LANES)] as number);

interface Exports {
  memory: { buffer: ArrayBuffer };
  code(blocks: number, inputs: number, rows: number, input: number, output: number, stride: number): void;
  hashes(message: number, stride: number, blocks: number, state: number, constants: number): void;
}

/** The part of the WebAssembly JavaScript interface that is used; this library is compiled without the DOM's types. */
interface WebAssemblyApi {
  validate(bytes: Uint8Array): boolean;
  instantiate(bytes: Uint8Array): Promise<{ instance: { exports: Exports } }>;
}
const wasm = (globalThis as unknown as { WebAssembly?: WebAssemblyApi }).WebAssembly;

/** Which sum each half of each input adds to each plane of each output. */
function namesOf(rows: readonly Row[]): Uint16Array {
  const names: number[] = [];
  for (const row of rows)
    for (let out = 0; out < BITS; out++)
      for (const [i, factor] of row.entries())
        for (const half of [0, 1]) {
          let sum = 0;
          for (let plane = 0; plane < 4; plane++) if ((multiply(factor, 1 << (half * 4 + plane)) >> out) & 1) sum |= 1 << plane;
          names.push(16 * (2 * i + half) + sum);
        }
  return Uint16Array.from(names);
}

/**
 * How much of each of so many pieces is worked on at a time. An odd number of blocks: a power of 2 from each other, all pieces would want the
 * same few lines of the caches.
 */
const slabOf = (pieces: number): number => {
  const blocks = Math.floor(WORK / pieces / BLOCK);
  return BLOCK * (blocks % 2 === 0 ? blocks - 1 : blocks);
};

class SimdKernel implements Kernel {
  readonly name = 'simd';
  private readonly bytes: Uint8Array;
  private readonly names: Uint16Array;
  private readonly state: Uint32Array;
  private readonly kept = new Map<string, Uint16Array>();

  constructor(private readonly run: Exports) {
    this.bytes = new Uint8Array(run.memory.buffer);
    this.names = new Uint16Array(run.memory.buffer, NAMES_AT);
    this.state = new Uint32Array(run.memory.buffer, STATE_AT, FIRST_STATE.length * LANES);
    new Uint32Array(run.memory.buffer, CONSTANTS_AT).set(ROUND_CONSTANTS);
  }

  apply(rows: readonly Row[], inputs: readonly Uint8Array[], outputs: readonly Uint8Array[]): void {
    const length = inputs[0]?.length ?? 0;
    if (rows.length === 0 || length === 0) return;
    this.names.set(this.named(rows));
    const slab = slabOf(inputs.length + outputs.length);
    const outputs_at = WORK_AT + inputs.length * slab;
    for (let start = 0; start < length; start += slab) {
      const end = Math.min(length, start + slab);
      for (let i = 0; i < inputs.length; i++) this.bytes.set((inputs[i] as Uint8Array).subarray(start, end), WORK_AT + i * slab);
      this.run.code(Math.ceil((end - start) / BLOCK), inputs.length, rows.length, WORK_AT, outputs_at, slab);
      for (let r = 0; r < outputs.length; r++) {
        const at = outputs_at + r * slab;
        (outputs[r] as Uint8Array).set(this.bytes.subarray(at, at + end - start), start);
      }
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

  private named(rows: readonly Row[]): Uint16Array {
    const key = rows.join(';');
    const names = this.kept.get(key) ?? namesOf(rows);
    this.kept.delete(key);
    this.kept.set(key, names);
    if (this.kept.size > KEPT_MAX) this.kept.delete(this.kept.keys().next().value as string);
    return names;
  }
}

/** The kernel on vectors of WebAssembly; null where there are none. It holds about 1 MiB, more only virtually. */
export async function simdKernel(): Promise<Kernel | null> {
  const bytes = program({ pages: PAGES, sums: SUMS_AT, names: NAMES_AT, scratch: SCRATCH_AT });
  if (wasm?.validate(bytes) !== true) return null;
  const { instance } = await wasm.instantiate(bytes);
  return new SimdKernel(instance.exports);
}

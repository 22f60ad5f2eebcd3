import type { Reader } from './bytes.js';
import { readVector, skipImmediates } from './immediates.js';
import { NanFlow } from './nan-flow.js';
import { NAN, NANS, OP, PUSHES } from './opcodes.js';
import { EVENT, type Plan } from './plan.js';
import { refuse } from './refusal.js';
import { demandsOfShuffle, isNumberConstant, LANES, SIMD_OP, type SimdOp } from './simd.js';

/** The operand stack of one function as the analysis sees it: for every operand its node in the flow of NaNs. */
export class Operands {
  readonly nans = new NanFlow();
  height = 0;
  height_max = 0;
  /** Operands below belong to the blocks around. */
  floor = 0;
  private nodes = new Int32Array(256);

  constructor(private readonly plan: Plan) {}

  /** `followed`: 1 for every local that holds a float or a vector. */
  begin(followed: Uint8Array, params: number): void {
    this.height = 0;
    this.height_max = 0;
    this.floor = 0;
    this.nans.begin(followed, params);
  }

  push(node: number): void {
    if (this.height === this.nodes.length) {
      const larger = new Int32Array(this.nodes.length * 2);
      larger.set(this.nodes);
      this.nodes = larger;
    }
    this.nodes[this.height++] = node;
    if (this.height > this.height_max) this.height_max = this.height;
  }

  /** Operands whose bits are the same everywhere. */
  pushOwn(n: number): void {
    for (let i = 0; i < n; i++) this.push(0);
  }

  pop(at: number): number {
    if (this.height <= this.floor) return refuse('the operand stack is too short', at);
    return this.nodes[--this.height] as number;
  }

  /** Pops operands of which every bit can be seen. */
  observe(n: number, at: number): void {
    for (let i = 0; i < n; i++) this.nans.demand(this.pop(at), LANES.both);
  }

  /** The top operand is seen by the instruction at `at`: its NaN can be made canonical here as well as where it was made. */
  private observeLate(at: number, event: number, loop_depth: number): void {
    const node = this.pop(at);
    if (this.nans.isMixed(node)) this.nans.useLate(node, this.plan.add(event, at), loop_depth);
    else this.nans.demand(node, LANES.both);
  }

  /** What a numeric or memory instruction, or a constant, does to the operands; reads its immediates. */
  numeric(reader: Reader, op: number, pops: number, at: number, loop_depth: number): void {
    const { nans, plan } = this;
    const nan = NANS[op] as number;
    if (nan === NAN.observes) {
      const immediate_at = reader.at;
      skipImmediates(reader, op);
      if (op === OP.f64Store || op === OP.i64Reinterpret) this.observeLate(at, EVENT.canon64, loop_depth);
      else if (op === OP.f32Store || op === OP.i32Reinterpret) this.observeLate(at, EVENT.canon32, loop_depth);
      else if (pops > 0) this.observe(1, at);
      if (pops > 1) this.observe(pops - 1, at);
      if (PUSHES[op]) this.push(neverNaN(reader.bytes, immediate_at, op) ? nans.number : 0);
      return;
    }
    skipImmediates(reader, op);
    const top = this.pop(at);
    const below = pops > 1 ? this.pop(at) : 0;
    if (nan === NAN.makes64) this.push(nans.made(plan.add(EVENT.canon64, reader.at), LANES.f64));
    else if (nan === NAN.makes32) this.push(nans.made(plan.add(EVENT.canon32, reader.at), LANES.f32));
    else if (nan === NAN.passes) this.push(top);
    else if (nan === NAN.negates) this.push(nans.changed(top));
    else if (nan === NAN.signs) {
      nans.demand(top, LANES.both);
      this.push(nans.changed(below));
    } else this.push(0);
  }

  /** The same for an instruction on vectors, whose second number has been read. */
  vector(reader: Reader, number: number, op: SimdOp, at: number, loop_depth: number): void {
    const { nans } = this;
    const immediate_at = reader.at;
    readVector(reader, op);
    if (number === SIMD_OP.store) {
      this.observeLate(at, EVENT.canon128, loop_depth);
      this.observe(1, at);
      return;
    }
    const demands = number === SIMD_OP.shuffle ? demandsOfShuffle(reader.bytes, immediate_at) : op.demands;
    let kept = 0;
    for (let i = 0; i < op.pops; i++) {
      const node = this.pop(at);
      nans.demand(node, demands);
      if (op.result === 'kept') kept = nans.joined(kept, node);
    }
    if (op.pushes === 0) return;
    if (op.result === 'made32') this.push(nans.made(this.plan.add(EVENT.canon128, reader.at), LANES.f32));
    else if (op.result === 'made64') this.push(nans.made(this.plan.add(EVENT.canon128, reader.at), LANES.f64));
    else if (op.result === 'kept') this.push(kept);
    else this.push(number === SIMD_OP.constant && isNumberConstant(reader.bytes, immediate_at) ? nans.number : 0);
  }
}

/** Conversions from integers, and constants that are none. Exponent bits all ones: a NaN, or an infinity, for which it makes no difference. */
function neverNaN(bytes: Uint8Array, at: number, op: number): boolean {
  if (op === OP.f32Const) return ((bytes[at + 3] as number) & 0x7f) !== 0x7f || ((bytes[at + 2] as number) & 0x80) === 0;
  if (op === OP.f64Const) return ((bytes[at + 7] as number) & 0x7f) !== 0x7f || ((bytes[at + 6] as number) & 0xf0) !== 0xf0;
  return (op >= 0xb2 && op <= 0xb5) || (op >= 0xb7 && op <= 0xba);
}

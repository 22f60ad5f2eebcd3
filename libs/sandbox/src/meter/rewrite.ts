import type { Body } from './analyse.js';
import type { Writer } from './bytes.js';
import { OP, TYPE } from './opcodes.js';
import { EVENT, type Plan } from './plan.js';
import type { Segments } from './segments.js';
import type { FunctionType } from './shape.js';
import { LANES, SIMD_OP } from './simd.js';
import { FRAME_BYTES, LEAF_FRAME_BYTES } from './weights.js';

/** Indices of what the instrumenter adds to a module. */
export interface Added {
  /** Mutable i64 globals: fuel left, stack left. */
  fuel_global: number;
  stack_global: number;
  grow_function: number;
  /** Index of a type without parameters and with these results. */
  resultsType(results: Uint8Array): number;
}

const I64_SUB = 0x7d;
const I64_OR = 0x84;
const I64_EXTEND_I32_U = 0xad;
const I64_SHL = 0x86;
const I64_SHR_U = 0x88;
const F32_EQ = 0x5b;
const F64_EQ = 0x61;
const F32X4_EQ = 65;
const F64X2_EQ = 71;
const V128_BITSELECT = 82;
const CANONICAL_F32X4 = [0, 0, 0xc0, 0x7f, 0, 0, 0xc0, 0x7f, 0, 0, 0xc0, 0x7f, 0, 0, 0xc0, 0x7f];
const CANONICAL_F64X2 = [0, 0, 0, 0, 0, 0, 0xf8, 0x7f, 0, 0, 0, 0, 0, 0, 0xf8, 0x7f];

/**
 * Writes one body with its charges.
 *
 * Fuel lives in a local between calls and is written to the global before every call, at loop heads, when the function is left and before a
 * deliberate trap. After any other trap the global therefore holds the fuel of the last loop head or call: less than one pass through
 * one function is forgiven, and the same on every engine.
 *
 * Stack is charged per frame from the global; a function hands what is left to its callees by writing the global before a call, so that
 * returning needs no code. The global means something only while a call begins.
 */
export class Rewriter {
  private fuel = 0;
  private stack = 0;
  private length = 0;
  private scratch32 = -1;
  private scratch64 = -1;
  private scratch128 = -1;
  private extra: number[] = [];
  private next_local = 0;
  private at = 0;

  constructor(
    private readonly source: Uint8Array,
    private readonly added: Added,
    private readonly out: Writer,
  ) {}

  /** Leaves the declarations in `declarations` and the code in the writer given at construction. */
  run(body: Body, type: FunctionType, plan: Plan, segments: Segments, declarations: Writer): void {
    const { out } = this;
    out.clear();
    this.extra.length = 0;
    this.next_local = plan.locals;
    this.scratch32 = -1;
    this.scratch64 = -1;
    this.scratch128 = -1;
    this.length = -1;
    this.at = body.code_at;

    const keeps_fuel = plan.calls || plan.bulk || plan.loops > 0 || chargesAfterEntry(plan, segments);
    const frame_bytes = FRAME_BYTES + 8 * (plan.locals + plan.vector_locals) + (plan.vectors ? 16 : 8) * plan.operands_max;
    if (keeps_fuel) this.fuel = this.local(TYPE.i64);
    if (plan.calls) this.stack = this.local(TYPE.i64);
    this.enter(segments.costOf(0), keeps_fuel, plan.calls, frame_bytes);
    if (plan.branches_to_end) {
      out.u8(OP.block);
      this.blockType(type.results);
    }
    for (let i = 0; i < plan.count; i++) this.event(plan, i, segments, keeps_fuel);
    this.copyTo(body.end - 1);
    if (plan.branches_to_end) out.u8(OP.end);
    const needs_settling = keeps_fuel && !plan.ends_stale && (!plan.ends_dead || plan.branches_to_end);
    if (needs_settling) this.settle();
    out.u8(OP.end);

    declarations.clear();
    declarations.u32(body.groups + this.extra.length);
    declarations.copy(this.source, body.declarations_at, body.code_at);
    for (const t of this.extra) declarations.bytes(1, t);
  }

  private event(plan: Plan, i: number, segments: Segments, keeps_fuel: boolean): void {
    const a = plan.a(i);
    const kind = plan.kind(i);
    switch (kind) {
      case EVENT.charge:
        if (segments.costOf(a) === 0) return;
        this.copyTo(plan.at(i));
        this.subtract(segments.costOf(a));
        this.set(OP.localSet, this.fuel);
        return;
      case EVENT.chargeLoop:
        this.copyTo(plan.at(i));
        this.subtract(segments.costOf(a));
        this.set(OP.localTee, this.fuel);
        this.set(OP.globalSet, this.added.fuel_global);
        this.trapIfNegative(this.fuel);
        return;
      case EVENT.canon32:
      case EVENT.canon64:
        if (plan.b(i) === 0) return;
        this.copyTo(plan.at(i));
        this.canonical(kind === EVENT.canon64);
        return;
      case EVENT.canon128:
        if (plan.b(i) === LANES.none) return;
        this.copyTo(plan.at(i));
        this.canonicalVector(plan.b(i) === LANES.f64);
        return;
      case EVENT.settle:
        if (!keeps_fuel) return;
        this.copyTo(plan.at(i));
        this.settle();
        return;
      case EVENT.call:
        this.copyTo(plan.at(i));
        if (a === 1) this.settle();
        this.set(OP.localGet, this.stack);
        this.set(OP.globalSet, this.added.stack_global);
        return;
      case EVENT.reload:
        this.copyTo(plan.at(i));
        this.set(OP.globalGet, this.added.fuel_global);
        this.set(OP.localSet, this.fuel);
        return;
      case EVENT.bulk:
        this.copyTo(plan.at(i));
        this.bulk(a);
        return;
      case EVENT.grow:
        this.copyTo(plan.at(i));
        this.set(OP.call, this.added.grow_function);
        this.at += 2;
        return;
      case EVENT.drop:
        this.copyTo(plan.at(i));
        this.at = a;
        return;
    }
  }

  private copyTo(position: number): void {
    this.out.copy(this.source, this.at, position);
    this.at = position;
  }

  private local(type: number): number {
    this.extra.push(type);
    return this.next_local++;
  }

  private set(op: number, index: number): void {
    this.out.u8(op);
    this.out.u32(index);
  }

  private constant64(value: number): void {
    this.out.u8(OP.i64Const);
    this.out.s32(value);
  }

  private subtract(fuel: number): void {
    this.set(OP.localGet, this.fuel);
    this.constant64(fuel);
    this.out.u8(I64_SUB);
  }

  private settle(): void {
    this.set(OP.localGet, this.fuel);
    this.set(OP.globalSet, this.added.fuel_global);
  }

  /** The trap's cause is read from the globals afterwards: a negative one is the reason. */
  private trapIfNegative(local: number): void {
    this.set(OP.localGet, local);
    this.constant64(0);
    this.out.bytes(OP.i64LtS, OP.if, TYPE.empty, OP.unreachable, OP.end);
  }

  /** Pays for the first segment and, where it matters, takes the frame's stack: one branch tests both signs. */
  private enter(cost: number, keeps_fuel: boolean, calls: boolean, frame_bytes: number): void {
    const { out, added } = this;
    if (keeps_fuel || cost > 0) {
      this.set(OP.globalGet, added.fuel_global);
      this.constant64(cost);
      out.u8(I64_SUB);
      if (!keeps_fuel) this.set(OP.globalSet, added.fuel_global);
      else this.set(calls ? OP.localTee : OP.localSet, this.fuel);
    }
    if (!calls && frame_bytes <= LEAF_FRAME_BYTES) return;
    this.set(OP.globalGet, added.stack_global);
    this.constant64(frame_bytes);
    out.u8(I64_SUB);
    if (calls) {
      this.set(OP.localTee, this.stack);
      out.u8(I64_OR);
    }
    this.constant64(0);
    out.bytes(OP.i64LtS, OP.if, TYPE.empty);
    if (calls) {
      this.settle();
      this.set(OP.localGet, this.stack);
    } else {
      this.constant64(-1);
    }
    this.set(OP.globalSet, added.stack_global);
    out.bytes(OP.unreachable, OP.end);
  }

  private bulk(shift: number): void {
    const { out } = this;
    if (this.length < 0) this.length = this.local(TYPE.i32);
    this.set(OP.localTee, this.length);
    this.set(OP.localGet, this.fuel);
    this.set(OP.localGet, this.length);
    out.u8(I64_EXTEND_I32_U);
    if (shift !== 0) {
      this.constant64(Math.abs(shift));
      out.u8(shift > 0 ? I64_SHR_U : I64_SHL);
    }
    out.u8(I64_SUB);
    this.set(OP.localTee, this.fuel);
    this.set(OP.globalSet, this.added.fuel_global);
    this.trapIfNegative(this.fuel);
  }

  /** x is a NaN exactly if it differs from itself; then the canonical one takes its place. */
  private canonical(wide: boolean): void {
    const { out } = this;
    let scratch = wide ? this.scratch64 : this.scratch32;
    if (scratch < 0) {
      scratch = this.local(wide ? TYPE.f64 : TYPE.f32);
      if (wide) this.scratch64 = scratch;
      else this.scratch32 = scratch;
    }
    this.set(OP.localTee, scratch);
    if (wide) out.bytes(OP.f64Const, 0, 0, 0, 0, 0, 0, 0xf8, 0x7f);
    else out.bytes(OP.f32Const, 0, 0, 0xc0, 0x7f);
    this.set(OP.localGet, scratch);
    this.set(OP.localGet, scratch);
    out.bytes(wide ? F64_EQ : F32_EQ, OP.select);
  }

  /** The same in every lane. */
  private canonicalVector(wide: boolean): void {
    const { out } = this;
    if (this.scratch128 < 0) this.scratch128 = this.local(TYPE.v128);
    this.set(OP.localTee, this.scratch128);
    out.bytes(OP.vector, SIMD_OP.constant, ...(wide ? CANONICAL_F64X2 : CANONICAL_F32X4));
    this.set(OP.localGet, this.scratch128);
    this.set(OP.localGet, this.scratch128);
    out.bytes(OP.vector, wide ? F64X2_EQ : F32X4_EQ, OP.vector, V128_BITSELECT);
  }

  private blockType(results: Uint8Array): void {
    if (results.length === 0) this.out.u8(TYPE.empty);
    else if (results.length === 1) this.out.u8(results[0] as number);
    else this.out.s32(this.added.resultsType(results));
  }
}

function chargesAfterEntry(plan: Plan, segments: Segments): boolean {
  for (let i = 0; i < plan.count; i++) if (plan.kind(i) === EVENT.charge && segments.costOf(plan.a(i)) > 0) return true;
  return false;
}

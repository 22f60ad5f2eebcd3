import { Reader } from './bytes.js';
import { CAPS } from './caps.js';
import { valueType } from './decode.js';
import { readPrefixed, skipImmediates, skipToEnd, unsupported, vectorNumber } from './immediates.js';
import { NAN, OP, POPS, TYPE } from './opcodes.js';
import { Operands } from './operands.js';
import { EVENT, Plan } from './plan.js';
import { refuse } from './refusal.js';
import { Segments } from './segments.js';
import type { FunctionType, Shape } from './shape.js';
import { SIMD, type SimdOp } from './simd.js';
import { ENTRY_WEIGHTS, PREFIXED_WEIGHTS, SIMD_WEIGHTS, WEIGHTS } from './weights.js';

interface Frame {
  op: number;
  params: number;
  results: number;
  /** Operands below belong to the frames around. */
  height: number;
  /** The segment that was open when the frame was entered. */
  segment: number;
  branched_to: boolean;
  /** A branch table leads here: its arms are not merged, or every arm would pay for all. */
  switched_to: boolean;
}

/** Where a body's instructions and its groups of locals lie. */
export interface Body {
  declarations_at: number;
  groups: number;
  code_at: number;
  end: number;
}

/** Walks one validated body once and plans what to insert. Linear in the body; every quantity an engine could choke on is capped. */
export class Analysis {
  readonly plan = new Plan();
  readonly segments = new Segments();
  private readonly operands = new Operands(this.plan);
  private readonly nans = this.operands.nans;
  private frames: Frame[] = [];
  private loop_depth = 0;
  private current = 0;
  /** The global holds the fuel and the local does not: a call happened and nothing was charged since. */
  private stale = false;
  private reader = new Reader(new Uint8Array(0));

  constructor(private readonly shape: Shape) {}

  run(body: Body, type: FunctionType): Plan {
    const { plan, segments } = this;
    plan.clear();
    segments.clear();
    this.loop_depth = 0;
    this.stale = false;
    this.frames.length = 0;
    this.reader = new Reader(this.shape.bytes, body.declarations_at, body.end);
    this.readLocals(body, type);
    this.current = segments.open(-1);
    this.frames.push(this.frame(OP.block, 0, type.results.length));
    while (this.frames.length > 0) this.step();
    if (this.reader.at !== body.end) refuse('instructions follow the end of the function', this.reader.at);
    plan.operands_max = this.operands.height_max;
    this.checkSize(body);
    this.nans.solve((event, kind) => plan.enable(event, kind));
    segments.add(0, ENTRY_WEIGHTS[0] as number);
    if (plan.calls) segments.add(0, ENTRY_WEIGHTS[1] as number);
    segments.merge();
    return plan;
  }

  private readLocals(body: Body, type: FunctionType): void {
    const { reader, plan } = this;
    const types: number[] = [...type.params];
    for (let i = 0; i < body.groups; i++) {
      const n = reader.u32();
      const t = valueType(reader);
      if (types.length + n > CAPS.locals) refuse(`it has more than ${CAPS.locals} locals`, reader.at);
      for (let k = 0; k < n; k++) types.push(t);
    }
    plan.locals = types.length;
    plan.vector_locals = types.filter((t) => t === TYPE.v128).length;
    plan.vectors = plan.vector_locals > 0 || this.shape.vectors;
    this.operands.begin(
      Uint8Array.from(types, (t) => (t === TYPE.f32 || t === TYPE.f64 || t === TYPE.v128 ? 1 : 0)),
      type.params.length,
    );
    reader.at = body.code_at;
  }

  private checkSize(body: Body): void {
    const { plan, segments } = this;
    if (plan.loops > CAPS.loops_per_function)
      refuse(`it has ${plan.loops} loops and at most ${CAPS.loops_per_function} are allowed`, body.code_at);
    const product = (plan.locals + plan.vector_locals + 1) * segments.count;
    if (product > CAPS.locals_times_blocks)
      refuse(
        `it is too complex (${plan.locals} locals times ${segments.count} blocks is more than ${CAPS.locals_times_blocks})`,
        body.code_at,
      );
  }

  private step(): void {
    const { reader } = this;
    const at = reader.at;
    const op = reader.u8();
    const pops = POPS[op] as number;
    if (pops >= 0) this.plain(op, pops, at);
    else if (op === OP.prefixed) this.prefixed(at);
    else if (op === OP.vector) this.vector(at);
    else this.byName(op, at);
  }

  /** Numeric and memory instructions, constants. */
  private plain(op: number, pops: number, at: number): void {
    this.pay(WEIGHTS[op] as number);
    this.operands.numeric(this.reader, op, pops, at, this.loop_depth);
  }

  private vector(at: number): void {
    const number = vectorNumber(this.reader, at);
    this.pay(SIMD_WEIGHTS[number] as number);
    this.plan.vectors = true;
    this.operands.vector(this.reader, number, SIMD[number] as SimdOp, at, this.loop_depth);
  }

  private prefixed(at: number): void {
    const { number, info } = readPrefixed(this.reader, at);
    this.pay(PREFIXED_WEIGHTS[number] as number);
    if (info.bulk_shift !== null) {
      this.refresh(at);
      this.plan.bulk = true;
      this.plan.add(EVENT.bulk, at, info.bulk_shift);
    }
    if (info.nan === NAN.ignores) this.pop();
    else this.observe(info.pops);
    if (info.pushes) this.push(0);
  }

  private byName(op: number, at: number): void {
    const { reader, plan, nans } = this;
    switch (op) {
      case OP.nop:
        break;
      case OP.unreachable:
        this.pay(WEIGHTS[op] as number);
        if (!this.stale) plan.add(EVENT.settle, at);
        this.die();
        break;
      case OP.block:
        this.enter(op);
        break;
      case OP.loop:
        this.refresh(at);
        nans.leave();
        plan.loops++;
        this.loop_depth++;
        this.enter(op);
        nans.join();
        this.current = this.segments.open(-1);
        plan.add(EVENT.chargeLoop, reader.at, this.current);
        this.pay(WEIGHTS[op] as number);
        break;
      case OP.if:
        this.pay(WEIGHTS[op] as number);
        this.observe(1);
        this.refresh(at);
        nans.leave();
        this.enter(op);
        this.openSegment(this.current);
        break;
      case OP.else:
        this.otherwise(at);
        break;
      case OP.end:
        this.leaveFrame(at);
        break;
      case OP.br: {
        this.pay(WEIGHTS[op] as number);
        const target = this.target(reader.u32(), at);
        this.refresh(at);
        this.observe(arity(target));
        nans.leave();
        this.die();
        break;
      }
      case OP.brIf: {
        this.pay(WEIGHTS[op] as number);
        this.observe(1);
        const target = this.target(reader.u32(), at);
        this.refresh(at);
        this.observe(arity(target));
        this.operands.pushOwn(arity(target));
        nans.leave();
        this.openSegment(target.op === OP.loop ? -1 : this.current);
        break;
      }
      case OP.brTable:
        this.branchTable(at);
        break;
      case OP.return:
        this.pay(WEIGHTS[op] as number);
        this.observe((this.frames[0] as Frame).results);
        if (!this.stale) plan.add(EVENT.settle, at);
        this.die();
        break;
      case OP.call: {
        const index = reader.u32();
        const type = this.shape.types[this.shape.function_types[index] ?? -1];
        if (!type) throw refuse(`function ${index} does not exist`, at);
        this.call(type, WEIGHTS[op] as number, at);
        break;
      }
      case OP.callIndirect: {
        const type = this.shape.types[reader.u32()];
        reader.skipLeb();
        this.observe(1);
        if (!type) throw refuse('the type of an indirect call does not exist', at);
        this.call(type, WEIGHTS[op] as number, at);
        break;
      }
      case OP.memoryGrow:
        reader.skip(1);
        this.observe(1);
        this.call(GROW_TYPE, WEIGHTS[op] as number, at);
        plan.add(EVENT.grow, at);
        this.push(0);
        break;
      case OP.drop:
        this.pay(WEIGHTS[op] as number);
        this.pop();
        break;
      case OP.selectTyped:
      case OP.select: {
        skipImmediates(reader, op);
        this.pay(WEIGHTS[op] as number);
        this.observe(1);
        const b = this.pop();
        this.push(nans.joined(this.pop(), b));
        break;
      }
      case OP.localGet:
        this.pay(WEIGHTS[op] as number);
        this.push(nans.readLocal(this.local(at)));
        break;
      case OP.localSet:
        this.pay(WEIGHTS[op] as number);
        nans.writeLocal(this.local(at), this.pop(), this.loop_depth);
        break;
      case OP.localTee: {
        this.pay(WEIGHTS[op] as number);
        const value = this.pop();
        nans.writeLocal(this.local(at), value, this.loop_depth);
        this.push(value);
        break;
      }
      case OP.globalGet:
      case OP.refFunc:
        reader.skipLeb();
        this.pay(WEIGHTS[op] as number);
        this.push(0);
        break;
      case OP.refNull:
        valueType(reader);
        this.pay(WEIGHTS[op] as number);
        this.push(0);
        break;
      case OP.globalSet:
        reader.skipLeb();
        this.pay(WEIGHTS[op] as number);
        this.observe(1);
        break;
      case OP.tableGet:
      case OP.refIsNull:
        skipImmediates(reader, op);
        this.pay(WEIGHTS[op] as number);
        this.observe(1);
        this.push(0);
        break;
      case OP.tableSet:
        reader.skipLeb();
        this.pay(WEIGHTS[op] as number);
        this.observe(2);
        break;
      default:
        refuse(unsupported(op), at);
    }
  }

  // Operands

  private push(node: number): void {
    this.operands.push(node);
  }

  private pop(): number {
    return this.operands.pop(this.reader.at);
  }

  private observe(n: number): void {
    this.operands.observe(n, this.reader.at);
  }

  private local(at: number): number {
    const index = this.reader.u32();
    return index < this.plan.locals ? index : refuse(`local ${index} does not exist`, at);
  }

  // Fuel

  private pay(fuel: number): void {
    this.segments.add(this.current, fuel);
  }

  private openSegment(dominator: number): void {
    this.current = this.segments.open(dominator);
    this.plan.add(EVENT.charge, this.reader.at, this.current);
  }

  /** Paths that meet must agree where the fuel is: in the local. */
  private refresh(at: number): void {
    if (this.stale) this.plan.add(EVENT.reload, at);
    this.stale = false;
  }

  private call(type: FunctionType, fuel: number, at: number): void {
    this.pay(fuel);
    this.plan.calls = true;
    this.plan.add(EVENT.call, at, this.stale ? 0 : 1);
    this.stale = true;
    if (type === GROW_TYPE) return;
    this.observe(type.params.length);
    this.operands.pushOwn(type.results.length);
  }

  // Control

  private frame(op: number, params: number, results: number): Frame {
    return { op, params, results, height: this.operands.height, segment: this.current, branched_to: false, switched_to: false };
  }

  private enter(op: number): void {
    if (this.frames.length > CAPS.nesting) refuse(`blocks are nested more than ${CAPS.nesting} deep`, this.reader.at);
    const at = this.reader.at;
    const number = this.reader.s33();
    let params = 0;
    let results = number === -64 ? 0 : 1;
    if (number >= 0) {
      const type = this.shape.types[number];
      if (!type) throw refuse(`type ${number} does not exist`, at);
      params = type.params.length;
      results = type.results.length;
    }
    this.observe(params);
    this.frames.push(this.frame(op, params, results));
    this.operands.floor = this.operands.height;
    this.operands.pushOwn(params);
  }

  private target(depth: number, at: number): Frame {
    const frame = this.frames[this.frames.length - 1 - depth];
    if (!frame) return refuse(`a branch leaves ${depth} blocks, more than there are`, at);
    if (frame === this.frames[0]) this.plan.branches_to_end = true;
    frame.branched_to = true;
    return frame;
  }

  private branchTable(at: number): void {
    this.pay(WEIGHTS[OP.brTable] as number);
    this.observe(1);
    const n = this.reader.u32();
    if (n > this.reader.end - this.reader.at) refuse('a branch table is longer than its function', at);
    let values = 0;
    for (let i = 0; i <= n; i++) {
      const target = this.target(this.reader.u32(), at);
      target.switched_to = true;
      values = arity(target);
    }
    this.refresh(at);
    this.observe(values);
    this.nans.leave();
    this.die();
  }

  private otherwise(at: number): void {
    const frame = this.frames[this.frames.length - 1] as Frame;
    if (frame.op !== OP.if) refuse('else without if', at);
    this.refresh(at);
    this.observe(this.operands.height - frame.height);
    this.nans.leave();
    this.nans.join();
    frame.op = OP.else;
    this.operands.pushOwn(frame.params);
    this.openSegment(frame.segment);
  }

  private leaveFrame(at: number): void {
    const frame = this.frames[this.frames.length - 1] as Frame;
    if (this.frames.length === 1) {
      this.leaveFunction(frame, at);
      return;
    }
    const joins = frame.op !== OP.block || frame.branched_to;
    if (joins) this.refresh(at);
    this.observe(this.operands.height - frame.height);
    if (frame.op === OP.loop) this.loop_depth--;
    this.frames.pop();
    this.operands.floor = this.frames[this.frames.length - 1]?.height ?? 0;
    this.operands.pushOwn(frame.results);
    if (!joins) return;
    this.nans.leave();
    this.nans.join();
    this.openSegment(frame.switched_to ? -1 : frame.segment);
  }

  private leaveFunction(frame: Frame, at: number): void {
    if (frame.branched_to) this.refresh(at);
    this.plan.ends_stale = this.stale;
    this.observe(this.operands.height);
    this.frames.pop();
  }

  /**
   * Nothing after this instruction can run until the block ends: the rest is read, so that nothing unknown hides in it, and left out.
   * A block that cannot be left by falling through joins what follows only through its branches.
   */
  private die(): void {
    const { reader, plan } = this;
    const from = reader.at;
    skipToEnd(reader);
    if (reader.at > from) plan.add(EVENT.drop, from, reader.at);
    const frame = this.frames[this.frames.length - 1] as Frame;
    this.operands.height = frame.height;
    this.stale = false;
    this.current = this.segments.open(-1); // collects nothing that runs
    if (this.frames.length === 1) plan.ends_dead = true;
    else if (frame.op === OP.block && !frame.branched_to) frame.branched_to = true; // what follows cannot share the dead segment
  }
}

const GROW_TYPE: FunctionType = { params: new Uint8Array(0), results: new Uint8Array(0) };

function arity(frame: Frame): number {
  return frame.op === OP.loop ? frame.params : frame.results;
}

import { OP } from './opcodes.js';
import { SIMD } from './simd.js';

/**
 * Fuel per instruction, fitted by `npm run calibrate:fuel` and rounded: some 20 units are a nanosecond of a 2020s core. A change here
 * changes what every module costs: it needs a new `METER_ID`.
 */
export const WEIGHTS = new Uint16Array(256);
export const PREFIXED_WEIGHTS = new Uint16Array(18);
/** By the second number (simd.ts). */
export const SIMD_WEIGHTS = new Uint16Array(256);
/**
 * What entering a function costs: any, and beside that one that calls others, and so takes a frame and checks the stack. Most of a call's cost is
 * here and not at the call, because every function is charged on entry anyway, while an arm of code with a dear call needs a charge of its own.
 */
export const ENTRY_WEIGHTS = new Uint16Array([19, 13]);

function weigh(from: number, to: number, fuel: number): void {
  WEIGHTS.fill(fuel, from, to + 1);
}

weigh(OP.unreachable, OP.unreachable, 1);
weigh(OP.loop, OP.loop, 4);
weigh(OP.if, OP.if, 2);
weigh(OP.br, OP.br, 1);
weigh(OP.brIf, OP.brIf, 1);
weigh(OP.brTable, OP.brTable, 5);
weigh(OP.return, OP.return, 1);
weigh(OP.call, OP.call, 6);
weigh(OP.callIndirect, OP.callIndirect, 12);
weigh(OP.drop, OP.drop, 1);
weigh(OP.select, OP.selectTyped, 4);
weigh(OP.localGet, OP.localTee, 1);
weigh(OP.globalGet, OP.globalSet, 4);
weigh(OP.tableGet, OP.tableGet, 2);
weigh(OP.tableSet, OP.tableSet, 3);
weigh(0x28, 0x35, 5); // loads
weigh(0x36, 0x3e, 3); // stores
weigh(OP.memorySize, OP.memorySize, 1);
weigh(OP.memoryGrow, OP.memoryGrow, 5_000);
weigh(OP.i32Const, 0xc4, 1);
weigh(0x5b, 0x66, 2); // float comparisons
weigh(0x6c, 0x6c, 3); // i32.mul
weigh(0x6d, 0x70, 32); // i32 division
weigh(0x7e, 0x7e, 3); // i64.mul
weigh(0x7f, 0x82, 32); // i64 division
weigh(0x8b, 0x90, 3); // f32 abs, neg, rounding
weigh(0x91, 0x91, 14); // f32.sqrt
weigh(0x92, 0x94, 3); // f32 add, sub, mul
weigh(0x95, 0x95, 14); // f32.div
weigh(0x96, 0x98, 3); // f32 min, max, copysign
weigh(0x99, 0x9e, 3); // the same of f64
weigh(0x9f, 0x9f, 14);
weigh(0xa0, 0xa2, 3);
weigh(0xa3, 0xa3, 14);
weigh(0xa4, 0xa6, 3);
weigh(0xa8, 0xab, 3); // conversions
weigh(0xae, 0xbb, 3);
weigh(OP.refNull, OP.refFunc, 1);

PREFIXED_WEIGHTS.set([3, 3, 3, 3, 3, 3, 3, 3, 500, 2, 500, 500, 500, 2, 500, 0, 1, 100]);

/** Most instructions on vectors are one of the processor's and take a cycle, what is not listed here among them. */
SIMD.forEach((op, number) => {
  if (op) SIMD_WEIGHTS[number] = 1;
});

/** The rest by their latency on V8 for x86-64, where some are sequences of up to ten instructions. */
function weighVectors(fuel: number, names: string): void {
  const wanted = new Set(names.split(' '));
  SIMD.forEach((op, number) => {
    if (op && (wanted.has(op.name) || wanted.has(op.name.replace(/^[^.]*/, '*')))) SIMD_WEIGHTS[number] = fuel;
  });
}

weighVectors(5, 'v128.load *.load8x8_s *.load8x8_u *.load16x4_s *.load16x4_u *.load32x2_s *.load32x2_u');
weighVectors(5, '*.load8_splat *.load16_splat *.load32_splat *.load64_splat *.load32_zero *.load64_zero');
weighVectors(5, '*.load8_lane *.load16_lane *.load32_lane *.load64_lane');
weighVectors(3, 'v128.store *.store8_lane *.store16_lane *.store32_lane *.store64_lane');
weighVectors(2, 'v128.bitselect *.swizzle');
weighVectors(3, 'f32x4.add f32x4.sub f32x4.mul f64x2.add f64x2.sub f64x2.mul *.promote_low_f32x4 *.demote_f64x2_zero');
weighVectors(
  2,
  'i16x8.mul i32x4.mul i32x4.dot_i16x8_s *.convert_i32x4_s *.convert_low_i32x4_s i64x2.shr_s i8x16.shl i8x16.shr_s i8x16.shr_u',
);
weighVectors(2, '*.extadd_pairwise_i8x16_s *.extadd_pairwise_i8x16_u *.extadd_pairwise_i16x8_s *.extadd_pairwise_i16x8_u');
weighVectors(2, 'i8x16.lt_u i8x16.gt_u i16x8.lt_u i16x8.gt_u i32x4.lt_u i32x4.gt_u');
weighVectors(3, '*.ceil *.floor *.trunc *.nearest i8x16.popcnt i16x8.q15mulr_sat_s i64x2.abs i8x16.shuffle');
for (const half of ['low', 'high'])
  for (const lanes of ['i8x16', 'i16x8', 'i32x4']) weighVectors(3, `*.extmul_${half}_${lanes}_s *.extmul_${half}_${lanes}_u`);
weighVectors(3, '*.extract_lane_s *.extract_lane_u i32x4.extract_lane i64x2.extract_lane');
weighVectors(4, '*.bitmask *.any_true *.all_true i32x4.trunc_sat_f64x2_s_zero f64x2.convert_low_i32x4_u');
weighVectors(6, 'f32x4.min f32x4.max f64x2.min f64x2.max i64x2.mul i32x4.trunc_sat_f32x4_s');
weighVectors(10, 'f32x4.div i32x4.trunc_sat_f32x4_u i32x4.trunc_sat_f64x2_u_zero f32x4.convert_i32x4_u');
weighVectors(14, 'f64x2.div f32x4.sqrt');
weighVectors(20, 'f64x2.sqrt');

/** Fuel per page of memory a task starts with, which is wiped, or copied over, and used again: some 2 µs. */
export const PAGE_FUEL = 16_384;

/** A WebAssembly module's memory of more pages at the start is mapped anew for every task: wiping it would cost more. */
export const WARM_PAGES_MAX = 64;

/** Fuel per page that is mapped for this task, at the start or by `memory.grow`: sixteen faults of the processor, 5 to 45 µs were seen. */
export const NEW_PAGE_FUEL = 262_144;

/** Fuel of the memory a WebAssembly task starts with. */
export function startPagesFuel(pages: number): number {
  return pages * (pages > WARM_PAGES_MAX ? NEW_PAGE_FUEL : PAGE_FUEL);
}

/** What an engine builds of every instance before its first instruction runs. */
export interface Setup {
  table_elements: number;
  /** Entries of active element segments. */
  elements: number;
  active_segments: number;
  /** Bytes of active data segments. */
  data_bytes: number;
}

/**
 * Fuel of that work. What ordinary programs have is in START_FUEL; beyond it a module of 122 bytes with sixteen full tables took over 100 ms a task. */
export function setupFuel({ table_elements, elements, active_segments, data_bytes }: Setup): number {
  const beyond = (n: number, ordinary: number) => Math.max(0, n - ordinary);
  return (
    beyond(table_elements, 4_096) * 2_048 +
    beyond(elements, 4_096) * 512 +
    beyond(active_segments, 1_024) * 512 +
    beyond(data_bytes, 262_144)
  );
}

/** Fuel of starting a task, whatever it does: an instance, its tables, its first memory. */
export const START_FUEL = 500_000;

/** A call into the host costs this much beside what the call's own length adds (see wasi). */
export const HOST_CALL_FUEL = 2_000;

/** Bytes of stack a frame is charged for beside eight per local and operand: what the worst engine was seen to use, rounded up. */
export const FRAME_BYTES = 96;

/** A function that calls nothing needs no stack check unless its frame is larger than this: the engine's own reserve covers it. */
export const LEAF_FRAME_BYTES = 4096;

/**
 * The fixed-width vector instructions (0xfd) as a table by their second number. Relaxed SIMD (0x100 and above) is not in it: its results are
 * allowed to differ by device. Source: WebAssembly Core Specification 2.0, "Vector Instructions", and its index of instructions.
 */

/** Kinds of lanes in which an engine may have computed a NaN; a set of them is a bit mask. */
export const LANES = { none: 0, f32: 1, f64: 2, both: 3 } as const;

export interface SimdRule {
  /** NaNs computed in lanes of these kinds could be told apart by what the instruction does with its operands. */
  demands: number;
  /** What the result is: bits that are the same everywhere, NaNs computed here, or bits of the operands. */
  result: 'own' | 'made32' | 'made64' | 'kept';
}

/**
 * Why each rule is enough. A computed NaN has an exponent of all ones and its quiet bit; sign and payload are the engine's choice. Read as the
 * lane it was computed in, it is a NaN whatever the engine chose. Read as a lane of another width, those bits may be those of a number:
 * an instruction on f32 lanes therefore demands that NaNs computed in f64 lanes are canonical already, and the other way round.
 */
const RULES = {
  /** Integers, bitwise logic, loads and stores: every bit of every operand can be seen. */
  bits: { demands: LANES.both, result: 'own' },
  /** Comparisons and saturating truncations: a NaN is unordered and becomes 0 whatever its bits. */
  reads32: { demands: LANES.f64, result: 'own' },
  reads64: { demands: LANES.f32, result: 'own' },
  /** Arithmetic, rounding, square root, min and max: which NaN comes out is the engine's choice. */
  makes32: { demands: LANES.f64, result: 'made32' },
  makes64: { demands: LANES.f32, result: 'made64' },
  /** f32x4.demote_f64x2_zero and f64x2.promote_low_f32x4 read lanes of one kind and compute the other. */
  demotes: { demands: LANES.f32, result: 'made32' },
  promotes: { demands: LANES.f64, result: 'made64' },
  /** abs and neg are operations on the sign bit, pmin and pmax choose one operand or the other; lanes taken or put in whole. */
  moves32: { demands: LANES.f64, result: 'kept' },
  moves64: { demands: LANES.f32, result: 'kept' },
  /** Replaces 64 bits: lanes of both widths stay whole. */
  moves: { demands: LANES.none, result: 'kept' },
} as const satisfies Record<string, SimdRule>;

export type SimdImmediate = 'none' | 'memarg' | 'memarg lane' | 'lane' | 'constant' | 'shuffle';

export interface SimdOp extends SimdRule {
  name: string;
  /** Operand types before the colon, result after: i i32, I i64, f f32, F f64, v v128. */
  type: string;
  pops: number;
  pushes: number;
  immediate: SimdImmediate;
}

export const SIMD: (SimdOp | null)[] = new Array<SimdOp | null>(256).fill(null);

export const SIMD_OP = { store: 11, constant: 12, shuffle: 13 } as const;

/** Consecutive numbers from `first`; a dot leaves one out. */
function run(
  first: number,
  prefix: string,
  type: string,
  rule: keyof typeof RULES,
  names: string,
  immediate: SimdImmediate = 'none',
): void {
  const [operands, results] = type.split(':') as [string, string];
  names.split(' ').forEach((name, i) => {
    if (name === '.') return;
    const shape = { type, pops: operands.length, pushes: results.length, immediate };
    SIMD[first + i] = { name: `${prefix}.${name}`, ...shape, ...RULES[rule] };
  });
}

const LOADS = 'load load8x8_s load8x8_u load16x4_s load16x4_u load32x2_s load32x2_u load8_splat load16_splat load32_splat load64_splat';
run(0, 'v128', 'i:v', 'bits', LOADS, 'memarg');
run(11, 'v128', 'iv:', 'bits', 'store', 'memarg');
run(12, 'v128', ':v', 'bits', 'const', 'constant');
run(13, 'i8x16', 'vv:v', 'moves', 'shuffle', 'shuffle'); // demands what its lanes cut apart: see `demandsOfShuffle`
run(14, 'i8x16', 'vv:v', 'bits', 'swizzle');
run(15, 'i8x16', 'i:v', 'bits', 'splat');
run(16, 'i16x8', 'i:v', 'bits', 'splat');
run(17, 'i32x4', 'i:v', 'bits', 'splat');
run(18, 'i64x2', 'I:v', 'bits', 'splat');
run(19, 'f32x4', 'f:v', 'moves32', 'splat');
run(20, 'f64x2', 'F:v', 'moves64', 'splat');
run(21, 'i8x16', 'v:i', 'bits', 'extract_lane_s extract_lane_u', 'lane');
run(23, 'i8x16', 'vi:v', 'bits', 'replace_lane', 'lane');
run(24, 'i16x8', 'v:i', 'bits', 'extract_lane_s extract_lane_u', 'lane');
run(26, 'i16x8', 'vi:v', 'bits', 'replace_lane', 'lane');
run(27, 'i32x4', 'v:i', 'bits', 'extract_lane', 'lane');
run(28, 'i32x4', 'vi:v', 'moves32', 'replace_lane', 'lane');
run(29, 'i64x2', 'v:I', 'bits', 'extract_lane', 'lane');
run(30, 'i64x2', 'vI:v', 'moves', 'replace_lane', 'lane');
run(31, 'f32x4', 'v:f', 'moves32', 'extract_lane', 'lane');
run(32, 'f32x4', 'vf:v', 'moves32', 'replace_lane', 'lane');
run(33, 'f64x2', 'v:F', 'moves64', 'extract_lane', 'lane');
run(34, 'f64x2', 'vF:v', 'moves64', 'replace_lane', 'lane');

const COMPARISONS = 'eq ne lt_s lt_u gt_s gt_u le_s le_u ge_s ge_u';
run(35, 'i8x16', 'vv:v', 'bits', COMPARISONS);
run(45, 'i16x8', 'vv:v', 'bits', COMPARISONS);
run(55, 'i32x4', 'vv:v', 'bits', COMPARISONS);
run(65, 'f32x4', 'vv:v', 'reads32', 'eq ne lt gt le ge');
run(71, 'f64x2', 'vv:v', 'reads64', 'eq ne lt gt le ge');

run(77, 'v128', 'v:v', 'bits', 'not');
run(78, 'v128', 'vv:v', 'bits', 'and andnot or xor');
run(82, 'v128', 'vvv:v', 'bits', 'bitselect'); // its mask may cut lanes apart
run(83, 'v128', 'v:i', 'bits', 'any_true');
run(84, 'v128', 'iv:v', 'bits', 'load8_lane load16_lane', 'memarg lane');
run(86, 'v128', 'iv:v', 'moves32', 'load32_lane', 'memarg lane');
run(87, 'v128', 'iv:v', 'moves', 'load64_lane', 'memarg lane');
run(88, 'v128', 'iv:', 'bits', 'store8_lane store16_lane store32_lane store64_lane', 'memarg lane');
run(92, 'v128', 'i:v', 'bits', 'load32_zero load64_zero', 'memarg');
run(94, 'f32x4', 'v:v', 'demotes', 'demote_f64x2_zero');
run(95, 'f64x2', 'v:v', 'promotes', 'promote_low_f32x4');

run(96, 'i8x16', 'v:v', 'bits', 'abs neg popcnt');
run(99, 'i8x16', 'v:i', 'bits', 'all_true bitmask');
run(101, 'i8x16', 'vv:v', 'bits', 'narrow_i16x8_s narrow_i16x8_u');
run(103, 'f32x4', 'v:v', 'makes32', 'ceil floor trunc nearest');
run(107, 'i8x16', 'vi:v', 'bits', 'shl shr_s shr_u');
run(110, 'i8x16', 'vv:v', 'bits', 'add add_sat_s add_sat_u sub sub_sat_s sub_sat_u');
run(116, 'f64x2', 'v:v', 'makes64', 'ceil floor');
run(118, 'i8x16', 'vv:v', 'bits', 'min_s min_u max_s max_u');
run(122, 'f64x2', 'v:v', 'makes64', 'trunc');
run(123, 'i8x16', 'vv:v', 'bits', 'avgr_u');
run(124, 'i16x8', 'v:v', 'bits', 'extadd_pairwise_i8x16_s extadd_pairwise_i8x16_u');
run(126, 'i32x4', 'v:v', 'bits', 'extadd_pairwise_i16x8_s extadd_pairwise_i16x8_u');

run(128, 'i16x8', 'v:v', 'bits', 'abs neg');
run(130, 'i16x8', 'vv:v', 'bits', 'q15mulr_sat_s');
run(131, 'i16x8', 'v:i', 'bits', 'all_true bitmask');
run(133, 'i16x8', 'vv:v', 'bits', 'narrow_i32x4_s narrow_i32x4_u');
run(135, 'i16x8', 'v:v', 'bits', 'extend_low_i8x16_s extend_high_i8x16_s extend_low_i8x16_u extend_high_i8x16_u');
run(139, 'i16x8', 'vi:v', 'bits', 'shl shr_s shr_u');
run(142, 'i16x8', 'vv:v', 'bits', 'add add_sat_s add_sat_u sub sub_sat_s sub_sat_u');
run(148, 'f64x2', 'v:v', 'makes64', 'nearest');
run(149, 'i16x8', 'vv:v', 'bits', 'mul min_s min_u max_s max_u . avgr_u');
run(156, 'i16x8', 'vv:v', 'bits', 'extmul_low_i8x16_s extmul_high_i8x16_s extmul_low_i8x16_u extmul_high_i8x16_u');

run(160, 'i32x4', 'v:v', 'bits', 'abs neg');
run(163, 'i32x4', 'v:i', 'bits', 'all_true bitmask');
run(167, 'i32x4', 'v:v', 'bits', 'extend_low_i16x8_s extend_high_i16x8_s extend_low_i16x8_u extend_high_i16x8_u');
run(171, 'i32x4', 'vi:v', 'bits', 'shl shr_s shr_u');
run(174, 'i32x4', 'vv:v', 'bits', 'add . . sub . . . mul min_s min_u max_s max_u dot_i16x8_s');
run(188, 'i32x4', 'vv:v', 'bits', 'extmul_low_i16x8_s extmul_high_i16x8_s extmul_low_i16x8_u extmul_high_i16x8_u');

run(192, 'i64x2', 'v:v', 'bits', 'abs neg');
run(195, 'i64x2', 'v:i', 'bits', 'all_true bitmask');
run(199, 'i64x2', 'v:v', 'bits', 'extend_low_i32x4_s extend_high_i32x4_s extend_low_i32x4_u extend_high_i32x4_u');
run(203, 'i64x2', 'vi:v', 'bits', 'shl shr_s shr_u');
run(206, 'i64x2', 'vv:v', 'bits', 'add . . sub . . . mul eq ne lt_s gt_s le_s ge_s');
run(220, 'i64x2', 'vv:v', 'bits', 'extmul_low_i32x4_s extmul_high_i32x4_s extmul_low_i32x4_u extmul_high_i32x4_u');

run(224, 'f32x4', 'v:v', 'moves32', 'abs neg');
run(227, 'f32x4', 'v:v', 'makes32', 'sqrt');
run(228, 'f32x4', 'vv:v', 'makes32', 'add sub mul div min max');
run(234, 'f32x4', 'vv:v', 'moves32', 'pmin pmax');
run(236, 'f64x2', 'v:v', 'moves64', 'abs neg');
run(239, 'f64x2', 'v:v', 'makes64', 'sqrt');
run(240, 'f64x2', 'vv:v', 'makes64', 'add sub mul div min max');
run(246, 'f64x2', 'vv:v', 'moves64', 'pmin pmax');
run(248, 'i32x4', 'v:v', 'reads32', 'trunc_sat_f32x4_s trunc_sat_f32x4_u');
run(250, 'f32x4', 'v:v', 'bits', 'convert_i32x4_s convert_i32x4_u'); // never a NaN
run(252, 'i32x4', 'v:v', 'reads64', 'trunc_sat_f64x2_s_zero trunc_sat_f64x2_u_zero');
run(254, 'f64x2', 'v:v', 'bits', 'convert_low_i32x4_s convert_low_i32x4_u');

/** A shuffle whose sixteen indices (at `at`) move f32 or f64 lanes whole demands nothing of them. */
export function demandsOfShuffle(bytes: Uint8Array, at: number): number {
  const whole = (width: number) => {
    for (let i = 0; i < 16; i++) {
      const base = bytes[at + i - (i % width)] as number;
      if (base % width !== 0 || bytes[at + i] !== base + (i % width)) return false;
    }
    return true;
  };
  return (whole(4) ? LANES.none : LANES.f32) | (whole(8) ? LANES.none : LANES.f64);
}

/** No f32 lane of the constant at `at` has an exponent of all ones: then it holds no NaN in f64 lanes either. */
export function isNumberConstant(bytes: Uint8Array, at: number): boolean {
  for (let i = 0; i < 16; i += 4)
    if (((bytes[at + i + 3] as number) & 0x7f) === 0x7f && (bytes[at + i + 2] as number) >= 0x80) return false;
  return true;
}

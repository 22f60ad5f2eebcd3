/**
 * The instructions of WebAssembly 2.0 without `table.grow`, as tables by opcode; those on vectors are in simd.ts. What is not listed is refused.
 * Source: WebAssembly Core Specification 2.0, appendix "Index of Instructions".
 */

/** How many operands an instruction pops; -1 where it is refused or handled by name in `analyse.ts`. */
export const POPS = new Int8Array(256).fill(-1);
export const PUSHES = new Uint8Array(256);

export const IMMEDIATE = {
  none: 0,
  leb: 1,
  memarg: 2,
  four: 3,
  eight: 4,
  blocktype: 5,
  labels: 6,
  two: 7,
  types: 8,
  byte: 9,
  refused: 10,
} as const;
export const IMMEDIATES = new Uint8Array(256).fill(IMMEDIATE.refused);

/** What an instruction does with the bits of a NaN (see nan-flow.ts). */
export const NAN = {
  /** The bits of its operands can be seen in its result or in memory. */
  observes: 0,
  /** An f32 or f64 whose bits, if it is a NaN, the specification leaves to the engine. */
  makes32: 1,
  makes64: 2,
  /** Takes floats, but no bit of a NaN can be seen. */
  ignores: 3,
  /** abs: the result's bits are the operand's; a canonical NaN stays one. */
  passes: 4,
  /** copysign: the first operand passes; the second's sign is seen at once, for it may become that of a number. */
  signs: 5,
  /** neg: the result's bits follow from the operand's, and a canonical NaN becomes another. */
  negates: 6,
} as const;
export const NANS = new Uint8Array(256);

export const OP = {
  unreachable: 0x00,
  nop: 0x01,
  block: 0x02,
  loop: 0x03,
  if: 0x04,
  else: 0x05,
  end: 0x0b,
  br: 0x0c,
  brIf: 0x0d,
  brTable: 0x0e,
  return: 0x0f,
  call: 0x10,
  callIndirect: 0x11,
  drop: 0x1a,
  select: 0x1b,
  selectTyped: 0x1c,
  localGet: 0x20,
  localSet: 0x21,
  localTee: 0x22,
  globalGet: 0x23,
  globalSet: 0x24,
  tableGet: 0x25,
  tableSet: 0x26,
  f32Store: 0x38,
  f64Store: 0x39,
  memorySize: 0x3f,
  memoryGrow: 0x40,
  i32Const: 0x41,
  i64Const: 0x42,
  f32Const: 0x43,
  f64Const: 0x44,
  i64LtS: 0x53,
  i32Reinterpret: 0xbc,
  i64Reinterpret: 0xbd,
  refNull: 0xd0,
  refIsNull: 0xd1,
  refFunc: 0xd2,
  prefixed: 0xfc,
  vector: 0xfd,
} as const;

export const TYPE = { i32: 0x7f, i64: 0x7e, f32: 0x7d, f64: 0x7c, v128: 0x7b, funcref: 0x70, externref: 0x6f, empty: 0x40 } as const;

function define(
  from: number,
  to: number,
  pops: number,
  pushes: number,
  nan: number = NAN.observes,
  immediate: number = IMMEDIATE.none,
): void {
  for (let op = from; op <= to; op++) {
    POPS[op] = pops;
    PUSHES[op] = pushes;
    NANS[op] = nan;
    IMMEDIATES[op] = immediate;
  }
}

function byName(immediate: number, ...ops: number[]): void {
  for (const op of ops) IMMEDIATES[op] = immediate;
}

define(0x28, 0x35, 1, 1, NAN.observes, IMMEDIATE.memarg); // loads
define(0x36, 0x3e, 2, 0, NAN.observes, IMMEDIATE.memarg); // stores
define(OP.memorySize, OP.memorySize, 0, 1, NAN.observes, IMMEDIATE.byte);
define(OP.i32Const, OP.i64Const, 0, 1, NAN.observes, IMMEDIATE.leb);
define(OP.f32Const, OP.f32Const, 0, 1, NAN.observes, IMMEDIATE.four);
define(OP.f64Const, OP.f64Const, 0, 1, NAN.observes, IMMEDIATE.eight);
define(0x45, 0x45, 1, 1); // i32.eqz
define(0x46, 0x4f, 2, 1); // i32 comparisons
define(0x50, 0x50, 1, 1); // i64.eqz
define(0x51, 0x5a, 2, 1); // i64 comparisons
define(0x5b, 0x66, 2, 1, NAN.ignores); // float comparisons
define(0x67, 0x69, 1, 1); // i32 clz ctz popcnt
define(0x6a, 0x78, 2, 1); // i32 arithmetic
define(0x79, 0x7b, 1, 1); // i64 clz ctz popcnt
define(0x7c, 0x8a, 2, 1); // i64 arithmetic
define(0x8b, 0x8b, 1, 1, NAN.passes); // f32.abs
define(0x8c, 0x8c, 1, 1, NAN.negates); // f32.neg
define(0x8d, 0x91, 1, 1, NAN.makes32); // f32 ceil floor trunc nearest sqrt
define(0x92, 0x97, 2, 1, NAN.makes32); // f32 add sub mul div min max
define(0x98, 0x98, 2, 1, NAN.signs); // f32.copysign
define(0x99, 0x99, 1, 1, NAN.passes); // f64.abs
define(0x9a, 0x9a, 1, 1, NAN.negates); // f64.neg
define(0x9b, 0x9f, 1, 1, NAN.makes64); // f64 ceil floor trunc nearest sqrt
define(0xa0, 0xa5, 2, 1, NAN.makes64); // f64 add sub mul div min max
define(0xa6, 0xa6, 2, 1, NAN.signs); // f64.copysign
define(0xa7, 0xa7, 1, 1); // i32.wrap
define(0xa8, 0xab, 1, 1, NAN.ignores); // i32.trunc: a NaN traps
define(0xac, 0xad, 1, 1); // i64.extend
define(0xae, 0xb1, 1, 1, NAN.ignores); // i64.trunc
define(0xb2, 0xb5, 1, 1); // f32.convert: never a NaN
define(0xb6, 0xb6, 1, 1, NAN.makes32); // f32.demote
define(0xb7, 0xba, 1, 1); // f64.convert
define(0xbb, 0xbb, 1, 1, NAN.makes64); // f64.promote
define(0xbc, 0xbf, 1, 1); // reinterpret
define(0xc0, 0xc4, 1, 1); // sign extension

byName(IMMEDIATE.none, OP.unreachable, OP.nop, OP.else, OP.end, OP.return, OP.drop, OP.select, OP.refIsNull);
byName(IMMEDIATE.blocktype, OP.block, OP.loop, OP.if);
byName(IMMEDIATE.leb, OP.br, OP.brIf, OP.call, OP.localGet, OP.localSet, OP.localTee, OP.globalGet, OP.globalSet);
byName(IMMEDIATE.leb, OP.tableGet, OP.tableSet, OP.refFunc);
byName(IMMEDIATE.labels, OP.brTable);
byName(IMMEDIATE.two, OP.callIndirect);
byName(IMMEDIATE.types, OP.selectTyped);
byName(IMMEDIATE.byte, OP.memoryGrow, OP.refNull);

/** A large copy moves some 8 bytes a nanosecond, in which plain code burns 15 units. */
const MEMORY_SHIFT = 1;

/** Engines write table elements one by one, with a check and a write barrier each. */
const TABLE_SHIFT = -9;

/**
 * The 0xfc family, by its second number: operands, results, LEB immediates, and by how many bits a length is shifted
 * right to become fuel (to the left if negative; null: no length). */
export const PREFIXED: readonly ({ pops: number; pushes: number; lebs: number; bulk_shift: number | null; nan: number } | null)[] = [
  ...Array.from({ length: 8 }, () => ({ pops: 1, pushes: 1, lebs: 0, bulk_shift: null, nan: NAN.ignores })), // saturating truncation
  { pops: 3, pushes: 0, lebs: 2, bulk_shift: MEMORY_SHIFT, nan: 0 }, // memory.init
  { pops: 0, pushes: 0, lebs: 1, bulk_shift: null, nan: 0 }, // data.drop
  { pops: 3, pushes: 0, lebs: 2, bulk_shift: MEMORY_SHIFT, nan: 0 }, // memory.copy
  { pops: 3, pushes: 0, lebs: 1, bulk_shift: MEMORY_SHIFT, nan: 0 }, // memory.fill
  { pops: 3, pushes: 0, lebs: 2, bulk_shift: TABLE_SHIFT, nan: 0 }, // table.init
  { pops: 0, pushes: 0, lebs: 1, bulk_shift: null, nan: 0 }, // elem.drop
  { pops: 3, pushes: 0, lebs: 2, bulk_shift: TABLE_SHIFT, nan: 0 }, // table.copy
  null, // table.grow: its host memory is not counted by any limit
  { pops: 0, pushes: 1, lebs: 1, bulk_shift: null, nan: 0 }, // table.size
  { pops: 3, pushes: 0, lebs: 1, bulk_shift: TABLE_SHIFT, nan: 0 }, // table.fill
];

import { rawCommand, runWasm, sharedRuntime, thrownBy, wat } from '../node/testing/support.js';
import { wasm } from '../runtime/engine.js';
import { SIMD, type SimdOp } from './simd.js';
import { SIMD_WEIGHTS } from './weights.js';

const TYPES: Record<string, string> = { i: 'i32', I: 'i64', f: 'f32', F: 'f64', v: 'v128' };
const IMMEDIATES: Record<SimdOp['immediate'], string> = {
  none: '',
  memarg: '',
  'memarg lane': '0',
  lane: '0',
  constant: 'i32x4 0 0 0 0',
  shuffle: '0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15',
};
const leb = (n: number) => (n < 0x80 ? [n] : [(n & 0x7f) | 0x80, n >> 7]);
const load = (bytes: Uint8Array) => sharedRuntime().load({ kind: 'wasm', codec: 'bytes', bytes });
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

/** A module whose one function has the instruction's type and body; wabt, which knows names, writes the bytes. */
function moduleOf(op: SimdOp): Uint8Array {
  const [operands = '', results = ''] = op.type.split(':');
  const list = (letters: string) => [...letters].map((letter) => TYPES[letter]).join(' ');
  const gets = [...operands].map((_, i) => `(local.get ${i})`).join(' ');
  return wat(
    `(module (memory 1) (func (param ${list(operands)}) (result ${list(results)}) ${gets} ${op.name} ${IMMEDIATES[op.immediate]}) (func (export "_start")))`,
    { simd: true },
  );
}

/** A command that writes the sixteen bytes at address 0; `body` puts them there. */
function vector(body: string, more = ''): string {
  return hex(
    runWasm(
      wat(
        `(module (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
          (memory (export "memory") 1) (data (i32.const 32) "\\01\\02\\03\\04\\05\\06\\f7\\ff\\11\\12\\a3\\7f\\15\\16\\f7\\ff") ${more}
          (func (export "_start") ${body}
            (i32.store (i32.const 100) (i32.const 0)) (i32.store (i32.const 104) (i32.const 16))
            (drop (call $write (i32.const 1) (i32.const 100) (i32.const 1) (i32.const 108)))))`,
        { simd: true },
      ),
    ).output,
  );
}

describe('the table of vector instructions', () => {
  const listed = SIMD.flatMap((op, number) => (op ? [[op.name, number, op] as const] : []));

  test('has the 236 of the specification', () => {
    expect(listed).toHaveLength(236);
    expect(new Set(listed.map(([name]) => name)).size).toBe(236);
  });

  test.each(listed)('%s has this number, this type and these immediates', (_, number, op) => {
    const bytes = moduleOf(op);
    expect(wasm.validate(bytes)).toBe(true);
    expect(hex(bytes)).toContain(hex(Uint8Array.from([0xfd, ...leb(number)])));
    expect(load(bytes).kind).toBe('wasm');
    expect(SIMD_WEIGHTS[number]).toBeGreaterThan(0);
  });

  test('leaves out what engines do not know either', () => {
    for (let number = 0; number < 256; number++)
      if (!SIMD[number]) {
        const bytes = rawCommand([0xfd, ...leb(number)]);
        expect(wasm.validate(bytes)).toBe(false);
        expect(thrownBy(() => load(bytes)).message).toContain(`instruction 0xfd ${number} is not supported`);
      }
  });

  test('leaves out relaxed SIMD, whose results differ by device: refused with the place, in code that cannot run too', () => {
    for (let number = 0x100; number <= 0x113; number++)
      for (const before of [[], [0x0f]]) {
        const bytes = rawCommand([...before, 0xfd, ...leb(number)]);
        const { message, details } = thrownBy(() => load(bytes));
        expect(message).toMatch(/relaxed SIMD is not supported: .* -mrelaxed-simd/);
        expect(details).toMatchObject({ function_index: 0, byte_offset: bytes.indexOf(0xfd) });
      }
  });
});

/** On x64, 0/0 is negative: each of these would write that, were it not made canonical. */
const ZERO = '(v128.const i64x2 0 0)';
const NAN32 = `(f32x4.div ${ZERO} ${ZERO})`;
const NAN64 = `(f64x2.div ${ZERO} ${ZERO})`;
const CANONICAL_32 = '0000c07f'.repeat(4);
const CANONICAL_64 = '000000000000f87f'.repeat(2);
const store = (value: string) => `(v128.store (i32.const 0) ${value})`;
const count = (local: number) => `(br_if 0 (i32.lt_u (local.tee ${local} (i32.add (local.get ${local}) (i32.const 1))) (i32.const 3)))`;

const PATHS: Record<string, [body: string, expected: string, more?: string]> = {
  stored: [store(NAN32), CANONICAL_32],
  'stored from f64 lanes': [store(NAN64), CANONICAL_64],
  'stored lane by lane': [
    `(local v128) (local.set 0 ${NAN32}) ${[0, 1, 2, 3].map((i) => `(v128.store32_lane offset=${4 * i} ${i} (i32.const 0) (local.get 0))`).join(' ')}`,
    CANONICAL_32,
  ],
  'stored by a lane of the other width': [
    `(v128.store64_lane 0 (i32.const 0) ${NAN32}) (v128.store64_lane offset=8 0 (i32.const 0) ${NAN32})`,
    CANONICAL_32,
  ],
  'extracted as an integer': [store(`(i64x2.splat (i64x2.extract_lane 1 ${NAN64}))`), CANONICAL_64],
  'extracted as bytes': [store(`(i32x4.splat (i32.shl (i8x16.extract_lane_u 3 ${NAN32}) (i32.const 24)))`), '0000007f'.repeat(4)],
  'extracted as a float and reinterpreted': [store(`(i32x4.splat (i32.reinterpret_f32 (f32x4.extract_lane 2 ${NAN32})))`), CANONICAL_32],
  'extracted as a float of the other width': [
    `(f64.store (i32.const 0) (f64x2.extract_lane 0 ${NAN32})) (f64.store (i32.const 8) (f64x2.extract_lane 1 ${NAN32}))`,
    CANONICAL_32,
  ],
  'put in as a scalar': [store('(f32x4.splat (f32.div (f32.const 0) (f32.const 0)))'), CANONICAL_32],
  'put in as a scalar and read in other lanes': [
    `(local v128) (local.set 0 (f64x2.splat (f64.div (f64.const 0) (f64.const 0)))) ${store('(f32x4.neg (f32x4.neg (local.get 0)))')}`,
    CANONICAL_64,
  ],
  'put in one lane': [
    store('(f64x2.replace_lane 0 (v128.const i64x2 7 8) (f64.div (f64.const 0) (f64.const 0)))'),
    '000000000000f87f0800000000000000',
  ],
  'seen by its sign': [store(`(i32x4.splat (i32x4.bitmask ${NAN32}))`), '00'.repeat(16)],
  'seen by integer arithmetic': [store(`(i32x4.add ${NAN32} ${ZERO})`), CANONICAL_32],
  'seen by bitwise logic': [store(`(v128.and ${NAN32} (v128.const i64x2 -1 -1))`), CANONICAL_32],
  'seen by a bit selection': [
    store(`(v128.bitselect ${NAN32} ${ZERO} (v128.const i32x4 0x80000000 -1 0x80000000 -1))`),
    '000000000000c07f'.repeat(2),
  ],
  'through pmin and pmax': [store(`(f32x4.pmax (f32x4.pmin ${NAN32} ${ZERO}) ${ZERO})`), CANONICAL_32],
  'through abs': [store(`(f64x2.abs ${NAN64})`), CANONICAL_64],
  'through a shuffle of whole lanes': [store(`(i8x16.shuffle 12 13 14 15 8 9 10 11 4 5 6 7 0 1 2 3 ${NAN32} ${NAN32})`), CANONICAL_32],
  'through a shuffle of bytes': [store(`(i8x16.shuffle 3 3 3 3 3 3 3 3 3 3 3 3 3 3 3 3 ${NAN32} ${NAN32})`), '7f'.repeat(16)],
  'through a shuffle that cuts f64 lanes': [
    store(`(i8x16.shuffle 4 5 6 7 4 5 6 7 4 5 6 7 4 5 6 7 ${NAN64} ${NAN64})`),
    '0000f87f'.repeat(4),
  ],
  'through a select': [store(`(select (result v128) ${NAN32} ${ZERO} (i32.const 1))`), CANONICAL_32],
  'through a local after a loop': [
    `(local v128 i32) (loop (local.set 0 (f32x4.add (local.get 0) ${NAN32})) ${count(1)}) ${store('(local.get 0)')}`,
    CANONICAL_32,
  ],
  'through a local of f64 lanes after a loop': [
    `(local v128 i32) (loop (local.set 0 (f64x2.mul (local.get 0) ${NAN64})) ${count(1)}) ${store('(local.get 0)')}`,
    CANONICAL_64,
  ],
  'through a local that holds lanes of both widths': [
    `(local v128 i32) (loop (local.set 0 ${NAN32}) (if (local.get 1) (then (local.set 0 ${NAN64}))) ${count(1)}) ${store('(local.get 0)')}`,
    CANONICAL_64,
  ],
  'through a global': [
    `(global.set $g ${NAN32}) ${store('(global.get $g)')}`,
    CANONICAL_32,
    '(global $g (mut v128) (v128.const i64x2 0 0))',
  ],
  'through an argument': [`(call $f ${NAN32})`, CANONICAL_32, `(func $f (param v128) ${store('(local.get 0)')})`],
  'through a result': [store('(call $f)'), CANONICAL_64, `(func $f (result v128) ${NAN64})`],
  'through a block': [store(`(block (result v128) (br 0 ${NAN32}))`), CANONICAL_32],
  'of a promotion': [store('(f64x2.promote_low_f32x4 (v128.const i32x4 0xffa00001 0xffa00001 0 0))'), CANONICAL_64],
  'of a demotion': [
    store('(f32x4.demote_f64x2_zero (v128.const i64x2 0xfff0000000001234 0xfff0000000001234))'),
    '0000c07f'.repeat(2) + '00'.repeat(8),
  ],
  'of min, of a payload': [
    store('(f64x2.min (v128.const i64x2 0xfff8000000001234 0xfff4000000001234) (v128.const f64x2 1 1))'),
    CANONICAL_64,
  ],
  'of a square root': [store('(f32x4.sqrt (v128.const f32x4 -1 -1 -1 -1))'), CANONICAL_32],
  'of nearest, of a payload': [store('(f32x4.nearest (v128.const i32x4 0xffa00001 0xffc00002 -1 0x7f800001))'), CANONICAL_32],
};

/** A payload that arithmetic keeps would decide the value of a lane of the other width: each must be the value the canonical bits have. */
const CROSSED: Record<string, [body: string, expected: string]> = {
  'f64 lanes added as f32 lanes': [
    store(`(f32x4.add (f64x2.add (v128.const i64x2 0xfff8000012345678 0xfff8000012345678) ${ZERO}) (v128.const f32x4 1 1 1 1))`),
    '0000803f0000c07f'.repeat(2),
  ],
  'f32 lanes added as f64 lanes': [
    store(`(f64x2.sub ${NAN32} (v128.const i32x4 0x7fc00000 0x7fc00000 0x7fc00000 0x7fc00000))`),
    '00'.repeat(16),
  ],
  'f64 lanes converted as f32 lanes': [
    store(`(i32x4.trunc_sat_f32x4_u (f64x2.add (v128.const i64x2 0xfff800004f000000 0) ${ZERO}))`),
    '00'.repeat(16),
  ],
  'f32 lanes compared as f64 lanes': [store(`(f64x2.gt ${NAN32} ${ZERO})`), 'ff'.repeat(16)],
  'bytes of lanes shuffled and added': [
    store(`(f32x4.add (i8x16.shuffle 0 1 3 3 0 1 3 3 0 1 3 3 0 1 3 3 ${NAN32} ${NAN32}) (v128.const f32x4 0 0 0 0))`),
    '00007f7f'.repeat(4),
  ],
  'halves of f64 lanes shuffled and added': [
    store(
      `(f32x4.add (i8x16.shuffle 0 1 2 3 0 1 2 3 0 1 2 3 0 1 2 3 (f64x2.add (v128.const i64x2 0xfff8000012345678 0) ${ZERO}) ${ZERO}) ${ZERO})`,
    ),
    '00'.repeat(16),
  ],
  'f32 lanes kept in a local and added as f64 lanes': [
    `(local v128 i32) (loop (local.set 0 (f32x4.mul (local.get 0) ${NAN32})) ${count(1)}) ${store('(f64x2.sub (local.get 0) (v128.const i32x4 0x7fc00000 0x7fc00000 0x7fc00000 0x7fc00000))')}`,
    '00'.repeat(16),
  ],
};

/** What was not computed keeps its bits. */
const OWN: Record<string, [body: string, expected: string]> = {
  'read from memory': [store('(v128.load (i32.const 32))'), '010203040506f7ff1112a37f1516f7ff'],
  negated: [store('(f32x4.neg (v128.load (i32.const 32)))'), '010203840506f77f1112a3ff1516f77f'],
  'chosen by pmin': [store('(f32x4.pmin (v128.load (i32.const 32)) (v128.const f32x4 1 1 1 1))'), '010203040506f7ff1112a37f1516f7ff'],
  'in a local beside computed ones': [
    `(local v128 i32) (loop (local.set 0 (f32x4.add (local.get 0) (v128.const f32x4 1 1 1 1)))
      (if (local.get 1) (then (local.set 0 (v128.load (i32.const 32))))) ${count(1)}) ${store('(local.get 0)')}`,
    '010203040506f7ff1112a37f1516f7ff',
  ],
  'chosen by a select beside computed ones, after a loop': [
    `(local v128 i32) (loop (local.set 0 (select (result v128) (f32x4.add ${ZERO} ${ZERO}) (v128.load (i32.const 32)) (i32.const 0))) ${count(1)})
      ${store('(local.get 0)')}`,
    '010203040506f7ff1112a37f1516f7ff',
  ],
  'in lanes of the other width': [
    `(local v128 i32) (loop (local.set 0 (f32x4.convert_i32x4_s (v128.const i32x4 1 2 3 4))) ${count(1)}) ${store('(local.get 0)')}`,
    '0000803f000000400000404000008040',
  ],
};

describe('the bits of a NaN computed in a vector', () => {
  test.each(Object.entries(PATHS))('are canonical %s', (_, [body, expected, more]) => {
    expect(vector(body, more)).toBe(expected);
  });

  test.each(Object.entries(CROSSED))('decide no value: %s', (_, [body, expected]) => {
    expect(vector(body)).toBe(expected);
  });

  test.each(Object.entries(OWN))('keep what is the program’s own: %s', (_, [body, expected]) => {
    expect(vector(body)).toBe(expected);
  });
});

describe('vectors on the stack', () => {
  const deep = (type: string, locals: number) =>
    wat(
      `(module (func $f (param i32) (local ${`${type} `.repeat(locals)}) (call $f (i32.add (local.get 0) (i32.const 1)))) (func (export "_start") (call $f (i32.const 1))))`,
      { simd: true },
    );
  const start = runWasm(deep('i64', 1000)).fuel_used;

  test('count sixteen bytes a local', () => {
    expect(runWasm(deep('v128', 500))).toMatchObject({ verdict: 'stack-overflow', fuel_used: start });
    expect(runWasm(deep('v128', 1000)).verdict).toBe('stack-overflow');
    expect(runWasm(deep('v128', 1000)).fuel_used).toBeLessThan(start);
  });

  test('count sixteen bytes an operand, where an operand may be one', () => {
    const body = (type: string, value: string) =>
      wat(
        `(module (global $g (mut ${type}) (${value})) (func $f ${'(global.get $g) '.repeat(500)} (call $f) ${'drop '.repeat(500)}) (func (export "_start") (call $f)))`,
        { simd: true },
      );
    const [wide, narrow] = [body('v128', 'v128.const i64x2 0 0'), body('i64', 'i64.const 0')].map((bytes) => runWasm(bytes));
    expect([wide?.verdict, narrow?.verdict]).toEqual(['stack-overflow', 'stack-overflow']);
    expect(Number(wide?.fuel_used) - 500_000).toBeLessThan((Number(narrow?.fuel_used) - 500_000) * 0.6);
  });

  test('are bounded in number', () => {
    expect(thrownBy(() => load(deep('v128', 1100))).message).toContain('more than 1024 locals');
    const blocks = '(block (br_if 0 (local.get 0)) (local.set 0 (i32.const 1)))'.repeat(800);
    const module = (type: string) =>
      wat(`(module (func (export "_start") (local i32) (local ${`${type} `.repeat(1000)}) ${blocks}))`, { simd: true });
    expect(load(module('i64')).kind).toBe('wasm');
    expect(thrownBy(() => load(module('v128'))).message).toContain('too complex');
  });
});

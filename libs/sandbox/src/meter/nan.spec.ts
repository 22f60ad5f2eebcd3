import { runWasm, writing } from '../node/testing/support.js';

const CANONICAL_64 = '000000000000f87f';
const CANONICAL_32 = '0000c07f00000000';
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

/** On x64, 0/0 is fff8…: each of these would write that, were it not made canonical. */
const NAN = '(f64.div (f64.const 0) (f64.const 0))';
const PATHS: Record<string, [string, string?]> = {
  stored: [`(f64.store (i32.const 0) ${NAN})`],
  reinterpreted: [`(i64.store (i32.const 0) (i64.reinterpret_f64 ${NAN}))`],
  'through a local': [`(local f64) (local.set 0 ${NAN}) (f64.store (i32.const 0) (local.get 0))`],
  'through two locals': [`(local f64 f64) (local.set 0 ${NAN}) (local.set 1 (local.get 0)) (f64.store (i32.const 0) (local.get 1))`],
  'through a tee': [`(local f64) (f64.store (i32.const 0) (local.tee 0 ${NAN}))`],
  'through a local set in a loop': [
    `(local f64 i32) (loop (local.set 0 (f64.add (local.get 0) ${NAN}))
      (br_if 0 (i32.lt_u (local.tee 1 (i32.add (local.get 1) (i32.const 1))) (i32.const 3)))) (f64.store (i32.const 0) (local.get 0))`,
  ],
  'through a local set in one arm': [`(local f64) (if (i32.const 1) (then (local.set 0 ${NAN}))) (f64.store (i32.const 0) (local.get 0))`],
  'through a select': [`(f64.store (i32.const 0) (select ${NAN} (f64.const 1) (i32.const 1)))`],
  'through a select of locals': [
    `(local f64 f64) (local.set 0 ${NAN}) (block (br_if 0 (i32.const 0)) (f64.store (i32.const 0) (select (local.get 0) (local.get 1) (i32.const 1))))`,
  ],
  'through a block result': [`(f64.store (i32.const 0) (block (result f64) ${NAN}))`],
  'through a branch value': [`(f64.store (i32.const 0) (block (result f64) (br 0 ${NAN})))`],
  'through a conditional branch value': [
    `(f64.store (i32.const 0) (block (result f64) (drop (br_if 0 ${NAN} (i32.const 1))) (f64.const 1)))`,
  ],
  'through an if result': [`(f64.store (i32.const 0) (if (result f64) (i32.const 1) (then ${NAN}) (else (f64.const 1))))`],
  'through abs': [`(f64.store (i32.const 0) (f64.abs ${NAN}))`],
  'through copysign': [
    `(f64.store (i32.const 0) (f64.copysign (f64.const 1) (f64.neg (f64.abs ${NAN})))) (i64.store (i32.const 0) (i64.xor (i64.load (i32.const 0)) (i64.const 0xc008000000000000)))`,
  ],
  'whose sign becomes that of a number': [
    '(f64.store (i32.const 0) (f64.add (f64.copysign (f64.const inf) (f64.div (f64.const 0) (f64.const 0))) (f64.const -inf)))',
  ],
  'through a global': [`(global.set $g ${NAN}) (f64.store (i32.const 0) (global.get $g))`, '(global $g (mut f64) (f64.const 0))'],
  'through an argument': [`(call $f ${NAN})`, '(func $f (param f64) (f64.store (i32.const 0) (local.get 0)))'],
  'through a result': ['(f64.store (i32.const 0) (call $f))', `(func $f (result f64) ${NAN})`],
  'through an explicit return': ['(f64.store (i32.const 0) (call $f))', `(func $f (result f64) (return ${NAN}))`],
  'of the square root of a negative number': ['(f64.store (i32.const 0) (f64.sqrt (f64.const -1)))'],
  'of infinity minus infinity': ['(f64.store (i32.const 0) (f64.sub (f64.const inf) (f64.const inf)))'],
  'of a payload kept by arithmetic': ['(f64.store (i32.const 0) (f64.add (f64.const nan:0x8000000001234) (f64.const 1)))'],
  'of min': ['(f64.store (i32.const 0) (f64.min (f64.const -nan:0x8000000001234) (f64.const 1)))'],
  'of a promoted payload': ['(f64.store (i32.const 0) (f64.promote_f32 (f32.const -nan:0x200001)))'],
  'of nearest': ['(f64.store (i32.const 0) (f64.nearest (f64.const -nan:0x8000000001234)))'],
};

const NAN32 = '(f32.div (f32.const 0) (f32.const 0))';
const PATHS_32: Record<string, [string]> = {
  stored: [`(f32.store (i32.const 0) ${NAN32})`],
  reinterpreted: [`(i32.store (i32.const 0) (i32.reinterpret_f32 ${NAN32}))`],
  'through a local after a loop': [
    `(local f32 i32) (loop (local.set 0 (f32.mul (local.get 0) ${NAN32})) (br_if 0 (i32.lt_u (local.tee 1 (i32.add (local.get 1) (i32.const 1))) (i32.const 3))))
      (i32.store (i32.const 0) (i32.reinterpret_f32 (local.get 0)))`,
  ],
  demoted: [`(f32.store (i32.const 0) (f32.demote_f64 ${NAN}))`],
};

describe('the bits of a computed NaN', () => {
  test.each(Object.entries(PATHS))('are canonical %s', (_, [body, more]) => {
    expect(hex(runWasm(writing(body, more)).output)).toBe(CANONICAL_64);
  });

  test.each(Object.entries(PATHS_32))('are canonical in 32 bits %s', (_, [body]) => {
    expect(hex(runWasm(writing(body)).output)).toBe(CANONICAL_32);
  });

  test('a NaN that was not computed keeps its bits', () => {
    const { output } = runWasm(writing('(f64.store (i32.const 0) (f64.neg (f64.const nan:0x4000000001234)))'));
    expect(hex(output)).toBe('341200000000f4ff');
  });

  test('a NaN read from memory keeps its bits, even beside computed ones', () => {
    const { output } = runWasm(
      writing(
        `(local f64 i32) (loop (local.set 0 (f64.add (f64.const 1) (f64.const 2)))
          (if (local.get 1) (then (local.set 0 (f64.load (i32.const 16)))))
          (br_if 0 (i32.lt_u (local.tee 1 (i32.add (local.get 1) (i32.const 1))) (i32.const 3))))
         (f64.store (i32.const 0) (local.get 0))`,
        '(data (i32.const 16) "\\01\\02\\03\\04\\05\\06\\f7\\ff")',
      ),
    );
    expect(hex(output)).toBe('010203040506f7ff');
  });

  test('a NaN read from memory keeps its bits where a select may take it or a computed number', () => {
    const { output } = runWasm(
      writing(
        `(local f64 i32) (loop (local.set 0 (select (f64.add (f64.const 1) (f64.const 2)) (f64.load (i32.const 16)) (i32.const 0)))
          (br_if 0 (i32.lt_u (local.tee 1 (i32.add (local.get 1) (i32.const 1))) (i32.const 3))))
         (f64.store (i32.const 0) (local.get 0))`,
        '(data (i32.const 16) "\\01\\02\\03\\04\\05\\06\\f7\\ff")',
      ),
    );
    expect(hex(output)).toBe('010203040506f7ff');
  });

  test.each(['f64.neg', 'f64.copysign'])('the sign that %s gives to a canonical NaN is kept, wherever it is seen', (op) => {
    const value = op === 'f64.neg' ? `(f64.neg ${NAN})` : `(f64.copysign ${NAN} (f64.const -1))`;
    const at_once = runWasm(writing(`(f64.store (i32.const 0) ${value})`));
    const after_a_loop = runWasm(
      writing(
        `(local f64 i32) (loop (local.set 0 ${value}) (br_if 0 (i32.lt_u (local.tee 1 (i32.add (local.get 1) (i32.const 1))) (i32.const 3))))
         (f64.store (i32.const 0) (local.get 0))`,
      ),
    );
    expect([hex(at_once.output), hex(after_a_loop.output)]).toEqual(['000000000000f8ff', '000000000000f8ff']);
  });

  test('numbers are left alone', () => {
    const { output } = runWasm(
      writing('(local f64) (local.set 0 (f64.div (f64.const 1) (f64.const 3))) (f64.store (i32.const 0) (local.get 0))'),
    );
    expect(Buffer.from(output).readDoubleLE(0)).toBe(1 / 3);
  });
});

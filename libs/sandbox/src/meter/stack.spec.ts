import { runJs, runWasm } from '../node/testing/support.js';

/** Writes how deep a recursion went: the deepest count lies in memory when the stack is gone, so it is written on the way. */
const deep = (locals: number) => `(module (memory (export "memory") 1)
  (func $f (param i32) (local ${'i64 '.repeat(locals)}) (i32.store (i32.const 0) (local.get 0)) (call $f (i32.add (local.get 0) (i32.const 1))))
  (func (export "_start") (call $f (i32.const 1))))`;

describe('stack', () => {
  test('ends a recursion by its own budget', () => {
    expect(runWasm(deep(0))).toMatchObject({ verdict: 'stack-overflow', detail: null, exit_code: null });
  });

  test('is the same however often it is asked', () => {
    const runs = Array.from({ length: 5 }, () => runWasm(deep(3)).fuel_used);
    expect(new Set(runs).size).toBe(1);
  });

  test('is spent faster by larger frames', () => {
    expect(runWasm(deep(100)).fuel_used).toBeLessThan(runWasm(deep(0)).fuel_used);
  });

  test('half the budget is half the depth', () => {
    const start = 500_000n + 16_384n;
    const whole = runWasm(deep(0), { stack_bytes: 200_000 }).fuel_used - start;
    const half = runWasm(deep(0), { stack_bytes: 100_000 }).fuel_used - start;
    expect(Number(whole) / Number(half)).toBeCloseTo(2, 1);
  });

  test('cannot be asked for beyond what every engine has', () => {
    expect(runWasm(deep(0), { stack_bytes: 1 << 30 }).fuel_used).toBe(runWasm(deep(0), { stack_bytes: 256 * 1024 }).fuel_used);
  });

  test('counts mutual and indirect recursion', () => {
    expect(runWasm(`(module (func $a (call $b)) (func $b (call $a)) (func (export "_start") (call $a)))`).verdict).toBe('stack-overflow');
    expect(
      runWasm(`(module (table 1 funcref) (elem (i32.const 0) $a) (type $t (func)) (func $a (call_indirect (type $t) (i32.const 0)))
        (func (export "_start") (call $a)))`).verdict,
    ).toBe('stack-overflow');
  });

  test('is given back when functions return', () => {
    expect(
      runWasm(`(module (func $g (param i32) (if (local.get 0) (then (call $g (i32.sub (local.get 0) (i32.const 1))))))
        (func (export "_start") (local i32)
          (loop (call $g (i32.const 1000)) (br_if 0 (i32.lt_u (local.tee 0 (i32.add (local.get 0) (i32.const 1))) (i32.const 50))))))`)
        .verdict,
    ).toBe('ok');
  });

  test('a leaf with a huge frame is counted too', () => {
    const locals = 'i64 '.repeat(1000);
    const text = `(module (func $leaf (local ${locals})) (func (export "_start") (call $leaf)))`;
    expect(runWasm(text, { stack_bytes: 4000 }).verdict).toBe('stack-overflow');
    expect(runWasm(text).verdict).toBe('ok');
  });

  test('JavaScript recursion is an error that can be caught', () => {
    const { verdict, text } = runJs(
      'export default () => { let d = 0; const f = () => { d++; f(); }; try { f(); } catch (e) { return [d > 200, e.name]; } }',
    );
    expect([verdict, text]).toEqual(['ok', '[true,"RangeError"]']);
  });
});

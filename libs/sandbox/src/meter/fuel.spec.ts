import { LIMITS, runWasm, wat } from '../node/testing/support.js';

/** Programs that end by themselves, each a different way through the instrumenter. */
const PROGRAMS: Record<string, string> = {
  nothing: '(module (func (export "_start")))',
  'straight line': '(module (func (export "_start") (local i32) (local.set 0 (i32.add (i32.const 1) (i32.const 2)))))',
  'counted loop': `(module (func (export "_start") (local i32)
    (loop (br_if 0 (i32.lt_u (local.tee 0 (i32.add (local.get 0) (i32.const 1))) (i32.const 1000))))))`,
  'nested loops': `(module (func (export "_start") (local i32 i32)
    (loop (local.set 1 (i32.const 0))
      (loop (br_if 0 (i32.lt_u (local.tee 1 (i32.add (local.get 1) (i32.const 1))) (i32.const 20))))
      (br_if 0 (i32.lt_u (local.tee 0 (i32.add (local.get 0) (i32.const 1))) (i32.const 20))))))`,
  recursion: `(module (func $f (param i32) (result i32)
      (if (result i32) (i32.lt_s (local.get 0) (i32.const 2)) (then (local.get 0))
        (else (i32.add (call $f (i32.sub (local.get 0) (i32.const 1))) (call $f (i32.sub (local.get 0) (i32.const 2)))))))
    (func (export "_start") (drop (call $f (i32.const 12)))))`,
  'branch table': `(module (func $f (param i32) (result i32)
      (block (block (block (br_table 0 1 2 (local.get 0))) (return (i32.const 10))) (return (i32.const 20))) (i32.const 30))
    (func (export "_start") (local i32)
      (loop (drop (call $f (local.get 0))) (br_if 0 (i32.lt_u (local.tee 0 (i32.add (local.get 0) (i32.const 1))) (i32.const 50))))))`,
  'indirect calls': `(module (table 2 funcref) (elem (i32.const 0) $a $b) (type $t (func (result i32)))
    (func $a (result i32) (i32.const 1)) (func $b (result i32) (i32.const 2))
    (func (export "_start") (local i32)
      (loop (drop (call_indirect (type $t) (i32.and (local.get 0) (i32.const 1))))
        (br_if 0 (i32.lt_u (local.tee 0 (i32.add (local.get 0) (i32.const 1))) (i32.const 30))))))`,
  'memory growth': '(module (memory 1) (func (export "_start") (drop (memory.grow (i32.const 3))) (drop (memory.grow (i32.const 99999)))))',
  'bulk memory': `(module (memory 2) (func (export "_start")
    (memory.fill (i32.const 0) (i32.const 7) (i32.const 60000)) (memory.copy (i32.const 60000) (i32.const 0) (i32.const 5000))))`,
  'branches to the function label': `(module (func $f (param i32) (result i32)
      (drop (br_if 0 (i32.const 5) (local.get 0))) (br 0 (i32.const 6)))
    (func (export "_start") (drop (call $f (i32.const 0))) (drop (call $f (i32.const 1)))))`,
  'several results': `(module (func $f (result i32 i64) (br 0 (i32.const 5) (i64.const 6)))
    (func (export "_start") (local i64) (local.set 0 (call $f)) (drop)))`,
  'code after a branch': `(module (func (export "_start") (block (br 0) (loop (br 0)) (drop (i32.const 1))) (block (return)) (unreachable)))`,
  'start function': '(module (func $s (local i32) (local.set 0 (i32.const 1))) (start $s) (func (export "_start")))',
};

describe('fuel', () => {
  test.each(Object.entries(PROGRAMS))('is enough to the unit and one less is not: %s', (_, text) => {
    const module = wat(text);
    const { verdict, fuel_used } = runWasm(module);
    expect(verdict).toBe('ok');
    expect(runWasm(module, { fuel: fuel_used })).toMatchObject({ verdict: 'ok', fuel_used });
    expect(runWasm(module, { fuel: fuel_used - 1n })).toMatchObject({ verdict: 'out-of-fuel', fuel_used: fuel_used - 1n });
    expect(runWasm(module).fuel_used).toBe(fuel_used);
  });

  test('grows with the work, evenly', () => {
    const loop = (n: number) =>
      `(module (func (export "_start") (local i32) (loop (br_if 0 (i32.lt_u (local.tee 0 (i32.add (local.get 0) (i32.const 1))) (i32.const ${n}))))))`;
    const [a, b, c] = [1000, 2000, 3000].map((n) => runWasm(loop(n)).fuel_used) as [bigint, bigint, bigint];
    expect(b - a).toBe(c - b);
    expect(b - a).toBeGreaterThanOrEqual(1000n * 5n);
  });

  test('is never used beyond its limit, whatever the limit', () => {
    const module = wat('(module (func (export "_start") (loop (br 0))))');
    for (const fuel of [0n, 1n, 499_999n, 500_000n, 500_001n, 3_000_000n])
      expect(runWasm(module, { fuel })).toMatchObject({ verdict: 'out-of-fuel', fuel_used: fuel });
  });

  test('may be as much as anyone writes', () => {
    expect(runWasm(PROGRAMS.nothing as string, { fuel: 1n << 80n }).verdict).toBe('ok');
    expect(runWasm(PROGRAMS.nothing as string, { fuel: -5n })).toMatchObject({ verdict: 'out-of-fuel', fuel_used: 0n });
  });

  test('counts what a deliberate trap came after', () => {
    const trap = (n: number) =>
      `(module (func (export "_start") (local i32) (loop (br_if 0 (i32.lt_u (local.tee 0 (i32.add (local.get 0) (i32.const 1))) (i32.const ${n})))) unreachable))`;
    const [short, long] = [runWasm(trap(10)), runWasm(trap(10_000))];
    expect([short.verdict, long.verdict]).toEqual(['trap', 'trap']);
    expect(long.fuel_used - short.fuel_used).toBeGreaterThan(9_990n * 5n);
  });

  test('counts loops that an unplanned trap came after', () => {
    const module = (n: number) => `(module (memory 1) (func (export "_start") (local i32)
      (loop (drop (i32.load (local.get 0))) (local.set 0 (i32.add (local.get 0) (i32.const ${n}))) (br 0))))`;
    const [slow, quick] = [runWasm(module(1)), runWasm(module(64))];
    expect(slow).toMatchObject({ verdict: 'trap', detail: 'out of bounds' });
    expect(slow.fuel_used - quick.fuel_used).toBeGreaterThan(60_000n * 5n);
  });

  test('stops within the function that ran out, before any further output', () => {
    const text = `(module (import "wasi_snapshot_preview1" "fd_write" (func $w (param i32 i32 i32 i32) (result i32)))
      (memory (export "memory") 1) (data (i32.const 8) "\\00\\00\\00\\00\\04\\00\\00\\00")
      (func (export "_start") (loop (drop (call $w (i32.const 1) (i32.const 8) (i32.const 1) (i32.const 16))) (br 0))))`;
    const once = runWasm(text, { fuel: 530_000n });
    const more = runWasm(text, { fuel: 560_000n });
    expect([once.verdict, more.verdict]).toEqual(['out-of-fuel', 'out-of-fuel']);
    expect(more.output.length).toBeGreaterThan(once.output.length);
    expect(more.output.length % 4).toBe(0);
    expect(LIMITS.output_bytes).toBeGreaterThan(more.output.length);
  });
});

describe('what an engine builds before the first instruction is paid', () => {
  const fuel = (more: string) =>
    runWasm(`(module ${more} (memory 8) (func $f) (func (export "_start")))`, { fuel: 10_000_000_000n }).fuel_used;
  const ordinary = fuel('(table 1000 funcref) (elem (i32.const 0) func $f $f)');

  test.each([
    ['sixteen full tables', '(table 65536 funcref)'.repeat(16), 2_000_000_000n],
    ['long element segments', `(table 10000 funcref) ${`(elem (i32.const 0) func ${'$f '.repeat(10_000)})`.repeat(5)}`, 20_000_000n],
    ['many data segments', '(data (i32.const 0) "x")'.repeat(9_000), 4_000_000n],
    ['long data segments', `(data (i32.const 0) "${'x'.repeat(400_000)}")`, 100_000n],
  ])('%s', (_, more, least) => {
    expect(fuel(more) - ordinary).toBeGreaterThan(least);
  });

  test('a large copy costs what its time does in plain code, within a few times', () => {
    const copy = (n: number) => fuel(`(func $c (memory.copy (i32.const 0) (i32.const 200000) (i32.const ${n}))) (start $c)`);
    expect(copy(200_000) - copy(0)).toBe(100_000n);
  });
});

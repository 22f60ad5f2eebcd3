import { runWasm, sharedRuntime, thrownBy, wat } from '../node/testing/support.js';

const bytes = (text: string) => new TextEncoder().encode(text);

/** Answers its input in capitals, behind a counter that a second task must not find raised. */
const SHOUT = `(module (memory (export "memory") 1) (global $next (mut i32) (i32.const 1024)) (global $calls (mut i32) (i32.const 48))
  (func (export "_initialize") (global.set $calls (i32.add (global.get $calls) (i32.const 1))))
  (func (export "heap_alloc") (param i32) (result i32) (global.get $next) (global.set $next (i32.add (global.get $next) (local.get 0))))
  (func (export "heap_run") (param i32 i32) (result i64) (local i32)
    (i32.store8 (i32.const 1023) (global.get $calls))
    (loop (if (i32.lt_u (local.get 2) (local.get 1)) (then
      (i32.store8 (i32.add (local.get 0) (local.get 2)) (i32.and (i32.load8_u (i32.add (local.get 0) (local.get 2))) (i32.const 0xdf)))
      (local.set 2 (i32.add (local.get 2) (i32.const 1))) (br 1))))
    (i64.or (i64.shl (i64.const 1023) (i64.const 32)) (i64.extend_i32_u (i32.add (local.get 1) (i32.const 1))))))`;

const reactor = (alloc: string, run: string) =>
  `(module (memory (export "memory") 1) (func (export "heap_alloc") (param i32) (result i32) ${alloc}) (func (export "heap_run") (param i32 i32) (result i64) ${run}))`;

describe('a reactor', () => {
  test('is handed bytes and answers bytes, each time in a fresh instance', () => {
    for (let i = 0; i < 3; i++)
      expect(runWasm(SHOUT, {}, { input: bytes('heap') })).toMatchObject({ verdict: 'ok', exit_code: 0, text: '1HEAP' });
    expect(runWasm(SHOUT).text).toBe('1');
  });

  test('stops like a command', () => {
    expect(runWasm(reactor('(i32.const 0)', '(loop (br 0)) (i64.const 0)')).verdict).toBe('out-of-fuel');
    expect(runWasm(reactor('(i32.const 0)', 'unreachable'))).toMatchObject({ verdict: 'trap', detail: 'unreachable' });
    expect(runWasm(SHOUT, { output_bytes: 3 }, { input: bytes('heap') }).verdict).toBe('output-limit');
  });

  test('cannot point outside its memory', () => {
    expect(runWasm(reactor('(i32.const -1)', '(i64.const 0)'), {}, { input: bytes('x') })).toMatchObject({
      verdict: 'trap',
      detail: expect.stringContaining('heap_alloc'),
    });
    expect(runWasm(reactor('(i32.const 0)', '(i64.const -1)'))).toMatchObject({
      verdict: 'trap',
      detail: expect.stringContaining('heap_run'),
    });
  });

  test('is refused with another shape', () => {
    const load = (text: string) => thrownBy(() => sharedRuntime().load({ kind: 'wasm', codec: 'bytes', bytes: wat(text) })).message;
    expect(load('(module (memory (export "memory") 1) (func (export "heap_run") (param i32 i32) (result i64) (i64.const 0)))')).toContain(
      '_start',
    );
    expect(load(reactor('(i32.const 0)', '(i64.const 0)').replace('(export "memory")', ''))).toContain('does not export its memory');
    expect(load('(module (func (export "_start") (param i32)))')).toContain('exports _start with type i: instead of :');
  });
});

test('a reactor whose _initialize is no function is refused before it can end the process', () => {
  const text = reactor('(i32.const 0)', '(i64.const 0)').replace('(memory', '(global (export "_initialize") i32 (i32.const 0)) (memory');
  expect(thrownBy(() => runWasm(text))).toMatchObject({ code: 'module_refused', message: expect.stringContaining('_initialize') });
});

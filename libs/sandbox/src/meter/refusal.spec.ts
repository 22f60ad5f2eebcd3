import { rawCommand, sharedRuntime, thrownBy, wat } from '../node/testing/support.js';

const START = '(func (export "_start"))';
const load = (bytes: Uint8Array) => thrownBy(() => sharedRuntime().load({ kind: 'wasm', codec: 'bytes', bytes }));

const TEXTS: Record<string, [text: string, reason: RegExp, features?: Record<string, boolean>]> = {
  'an import of the host': [`(module (import "env" "abort" (func)) ${START})`, /imports env\.abort; only wasi_snapshot_preview1/],
  'an unknown WASI function': [`(module (import "wasi_snapshot_preview1" "exec" (func)) ${START})`, /imports wasi_snapshot_preview1\.exec/],
  'a WASI function by an inherited name': [
    `(module (import "wasi_snapshot_preview1" "toString" (func)) ${START})`,
    /imports wasi_snapshot_preview1\.toString/,
  ],
  'a WASI function with another type': [
    `(module (import "wasi_snapshot_preview1" "proc_exit" (func (param i64))) (memory (export "memory") 1) ${START})`,
    /proc_exit with type I: instead of i:/,
  ],
  'WASI of another version': [`(module (import "wasi_unstable" "proc_exit" (func (param i32))) ${START})`, /imports wasi_unstable/],
  'imported memory': [`(module (import "env" "memory" (memory 1)) ${START})`, /imports the memory env\.memory/],
  'an imported table': [`(module (import "env" "table" (table 1 funcref)) ${START})`, /imports the table/],
  'an imported global': [`(module (import "env" "g" (global i32)) ${START})`, /imports the global/],
  'a reserved export': [
    '(module (func (export "_start")) (func (export "__heap_fuel")))',
    /exports __heap_fuel, but names beginning with __heap_ are reserved/,
  ],
  'no _start': ['(module (func (export "main")))', /does not export the function _start/],
  'a global named _start': ['(module (global (export "_start") i32 (i32.const 0)))', /does not export the function _start/],
  'WASI without memory': [
    `(module (import "wasi_snapshot_preview1" "sched_yield" (func (result i32))) ${START})`,
    /does not export its memory/,
  ],
  'a huge table': [`(module (table 70000 funcref) ${START})`, /a table has 70000 elements/],
  'growing tables': [
    `(module (table $t 1 funcref) (func (export "_start") (drop (table.grow $t (ref.null func) (i32.const 1)))))`,
    /table\.grow is not supported/,
  ],
  'growing tables in code that cannot run': [
    `(module (table $t 1 funcref) (func (export "_start") (return) (drop (table.grow $t (ref.null func) (i32.const 1)))))`,
    /table\.grow is not supported/,
  ],
  'shared memory': [`(module (memory 1 2 shared) ${START})`, /shared memory and threads/, { threads: true }],
  atomics: ['(module (memory 1 2 shared) (func (export "_start") (drop (i32.atomic.load (i32.const 0)))))', /threads/, { threads: true }],
  'several memories': [`(module (memory 1) (memory 1) ${START})`, /section 5 has 2 entries/, { multi_memory: true }],
  'tail calls': ['(module (func $f (export "_start") (return_call $f)))', /tail calls/, { tail_call: true }],
  exceptions: ['(module (tag $e) (func (export "_start") (throw $e)))', /exceptions|section 13/, { exceptions: true }],
  'extended constant expressions': [
    `(module (global i32 (i32.add (i32.const 1) (i32.const 2))) ${START})`,
    /constant expression|invalid|opcode/i,
    { extended_const: true },
  ],
  'too many locals': [`(module (func (export "_start") (local ${'i32 '.repeat(1100)})))`, /more than 1024 locals/],
  'too many loops': [`(module (func (export "_start") ${'(loop)'.repeat(300)}))`, /300 loops and at most 256/],
  'a huge function': [`(module (func (export "_start") ${'(drop (i32.const 1))'.repeat(60_000)}))`, /bytes long and at most 131072/],
  'too many blocks for so many locals': [
    `(module (func (export "_start") (local ${'i32 '.repeat(1000)}) ${'(block (br_if 0 (local.get 0)) (local.set 1 (i32.const 1)))'.repeat(1500)}))`,
    /too complex/,
  ],
};

describe('refused modules', () => {
  test.each(Object.entries(TEXTS))('%s', (_, [text, reason, features]) => {
    const error = load(wat(text, { bulk_memory: true, reference_types: true, ...features }));
    expect(error.code).toBe('module_refused');
    expect(error.message).toMatch(reason);
  });

  test('deep nesting', () => {
    const blocks = (n: number) => [...Array(n).fill([0x02, 0x40]).flat(), ...Array(n).fill(0x0b)];
    expect(load(rawCommand(blocks(1200))).message).toContain('nested more than 1000');
    expect(sharedRuntime().load({ kind: 'wasm', codec: 'bytes', bytes: rawCommand(blocks(900)) }).bytes).toBeGreaterThan(2700);
  });

  test('but not what linkers export of themselves', () => {
    const bytes = wat(
      '(module (global (export "__heap_base") i32 (i32.const 9)) (global (export "__heap_end") i32 (i32.const 9)) (func (export "_start")))',
    );
    expect(sharedRuntime().load({ kind: 'wasm', codec: 'bytes', bytes }).bytes).toBe(bytes.length);
  });

  test('say where: byte, function and its name', () => {
    const bytes = wat(
      '(module (table $t 1 funcref) (func $first) (func $culprit (drop (table.grow $t (ref.null func) (i32.const 1)))) (func (export "_start")))',
      {
        bulk_memory: true,
        reference_types: true,
      },
    );
    const { details, message } = load(bytes);
    expect(details).toMatchObject({ function_index: 1, function_name: 'culprit', reason: 'table.grow is not supported' });
    expect(bytes[details?.byte_offset as number]).toBe(0xfc);
    expect(message).toContain('function 1 (culprit), byte ');
  });

  test('an invalid module is refused with the place', () => {
    const bytes = wat('(module (func $f (result i32) (i32.const 1)) (func (export "_start")))').slice();
    const at = bytes.findIndex((byte, i) => byte === 0x41 && bytes[i + 1] === 1);
    bytes[at] = 0x42; // i64.const where an i32 is the result
    expect(load(bytes)).toMatchObject({ code: 'module_refused', details: { function_index: 0, byte_offset: expect.any(Number) } });
  });

  test('bytes that are no module', () => {
    expect(load(new TextEncoder().encode('hello')).message).toContain('it is not a WebAssembly 1.0 module');
    expect(load(new Uint8Array(0)).code).toBe('module_refused');
    expect(load(Uint8Array.of(0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0)).message).toContain('a component is not a module');
  });

  test('every cut of a module is refused, never crashes', () => {
    const whole = wat(
      '(module (table 1 funcref) (memory 1) (global (mut i32) (i32.const 5)) (elem (i32.const 0) 0) (data (i32.const 0) "abc") (func (export "_start") (loop (br_if 0 (i32.const 0)))))',
    );
    for (let n = 9; n < whole.length; n++) {
      try {
        sharedRuntime().load({ kind: 'wasm', codec: 'bytes', bytes: whole.slice(0, n) });
      } catch (error) {
        expect((error as { code?: string }).code).toBe('module_refused');
      }
    }
  });

  test('every byte changed is refused or runs, never crashes', () => {
    const whole = wat(
      '(module (table 1 funcref) (memory 1) (elem (i32.const 0) 0) (data (i32.const 0) "abc") (func (export "_start") (local i32) (block (loop (br_if 1 (local.get 0))))))',
    );
    for (let n = 0; n < whole.length; n++)
      for (const flip of [1, 0x80, 0xff]) {
        const bytes = whole.slice();
        bytes[n] = (bytes[n] as number) ^ flip;
        try {
          const { module_hash } = sharedRuntime().load({ kind: 'wasm', codec: 'bytes', bytes });
          sharedRuntime().run(
            module_hash,
            { input: bytes },
            { fuel: 10_000_000n, stack_bytes: 65536, memory_bytes: 1 << 20, output_bytes: 1, log_bytes: 0, wall_ms: 100 },
          );
          sharedRuntime().forget(module_hash);
        } catch (error) {
          expect((error as { code?: string }).code).toBe('module_refused');
        }
      }
  });
});

test('a refusal stays a sentence, however long the names are', () => {
  const name = 'n'.repeat(100_000);
  for (const text of [
    `(module (import "${name}" "${name}" (func)))`,
    `(module (import "${name}" "${name}" (global i32)))`,
    `(module (func (export "__heap_${name}")))`,
  ])
    expect(thrownBy(() => sharedRuntime().load({ kind: 'wasm', codec: 'bytes', bytes: wat(text) })).message.length).toBeLessThan(500);
});

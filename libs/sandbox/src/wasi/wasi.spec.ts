import { runWasm } from '../node/testing/support.js';

const bytes = (text: string) => new TextEncoder().encode(text);

/** A command with all of WASI at hand: `$name` for each function named in `uses`. */
function command(uses: Record<string, string>, body: string, more = ''): string {
  const imports = Object.entries(uses).map(([name, type]) => `(import "wasi_snapshot_preview1" "${name}" (func $${name} ${type}))`);
  return `(module ${imports.join(' ')} (memory (export "memory") 1) ${more}
    (func $show (param i32 i32) (i32.store (i32.const 60000) (local.get 0)) (i32.store (i32.const 60004) (local.get 1))
      (drop (call $fd_write (i32.const 1) (i32.const 60000) (i32.const 1) (i32.const 60008))))
    (func (export "_start") ${body}))`;
}
const IO = '(param i32 i32 i32 i32) (result i32)';
const TWO = '(param i32 i32) (result i32)';
const u32 = (output: Uint8Array, i = 0) => Buffer.from(output).readUInt32LE(4 * i);

describe('WASI', () => {
  test('reads standard input to its end and writes standard output', () => {
    const text = command(
      { fd_read: IO, fd_write: IO },
      `(i32.store (i32.const 0) (i32.const 100)) (i32.store (i32.const 4) (i32.const 4))
       (loop (drop (call $fd_read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)))
         (call $show (i32.const 100) (i32.load (i32.const 8)))
         (br_if 0 (i32.load (i32.const 8))))`,
    );
    expect(runWasm(text, {}, { input: bytes('hello world') }).text).toBe('hello world');
  });

  test('gives arguments', () => {
    const text = command(
      { args_sizes_get: TWO, args_get: TWO, fd_write: IO },
      `(drop (call $args_sizes_get (i32.const 0) (i32.const 4))) (drop (call $args_get (i32.const 8) (i32.const 100)))
       (call $show (i32.const 0) (i32.const 8)) (call $show (i32.const 100) (i32.load (i32.const 4)))`,
    );
    const { output } = runWasm(text, {}, { args: ['-n', 'é'] });
    expect([u32(output, 0), u32(output, 1), Buffer.from(output.subarray(8)).toString()]).toEqual([3, 11, 'task\0-n\0é\0']);
  });

  test('has an empty environment, and no directories', () => {
    const text = command(
      { environ_sizes_get: TWO, fd_prestat_get: TWO, fd_write: IO, path_open: '(param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)' },
      `(i32.store (i32.const 0) (i32.const 9)) (drop (call $environ_sizes_get (i32.const 0) (i32.const 4)))
       (i32.store (i32.const 4) (call $fd_prestat_get (i32.const 3) (i32.const 16)))
       (i32.store (i32.const 8) (call $path_open (i32.const 3) (i32.const 0) (i32.const 100) (i32.const 4) (i32.const 0) (i64.const -1) (i64.const -1) (i32.const 0) (i32.const 32)))
       (call $show (i32.const 0) (i32.const 12))`,
    );
    const { output } = runWasm(text);
    expect([u32(output, 0), u32(output, 1), u32(output, 2)]).toEqual([0, 8, 8]);
  });

  const clock = command(
    { clock_time_get: '(param i32 i64 i32) (result i32)', fd_write: IO },
    `(drop (call $clock_time_get (i32.const 0) (i64.const 0) (i32.const 0)))
     (loop (local.set 0 (i32.add (local.get 0) (i32.const 1))) (br_if 0 (i32.lt_u (local.get 0) (i32.const 100000))))
     (drop (call $clock_time_get (i32.const 0) (i64.const 0) (i32.const 8))) (call $show (i32.const 0) (i32.const 16))`,
  ).replace('(func (export "_start")', '(func (export "_start") (local i32)');

  test('has a clock that starts where the task says and moves with the work', () => {
    const { output } = runWasm(clock, {}, { clock_ms: 1_000_000 });
    const [first, second] = [Buffer.from(output).readBigUInt64LE(0), Buffer.from(output).readBigUInt64LE(8)];
    expect(first / 1_000_000n).toBe(1_000_000n);
    expect(second - first).toBeGreaterThan(50_000n);
    expect(Buffer.from(runWasm(clock, {}, { clock_ms: 1_000_000 }).output)).toEqual(Buffer.from(output));
  });

  test('sleeps without waiting', () => {
    const text = command(
      { poll_oneoff: IO, clock_time_get: '(param i32 i64 i32) (result i32)', fd_write: IO },
      `(drop (call $clock_time_get (i32.const 1) (i64.const 0) (i32.const 500)))
       (i64.store (i32.const 0) (i64.const 77)) (i64.store (i32.const 24) (i64.const 3600000000000))
       (drop (call $poll_oneoff (i32.const 0) (i32.const 100) (i32.const 1) (i32.const 200)))
       (drop (call $clock_time_get (i32.const 1) (i64.const 0) (i32.const 508)))
       (call $show (i32.const 500) (i32.const 16)) (call $show (i32.const 100) (i32.const 8)) (call $show (i32.const 200) (i32.const 4))`,
    );
    const started = performance.now();
    const { output } = runWasm(text);
    expect(performance.now() - started).toBeLessThan(60_000);
    const buffer = Buffer.from(output);
    expect(Number(buffer.readBigUInt64LE(8) - buffer.readBigUInt64LE(0)) / 3.6e12).toBeCloseTo(1, 4);
    expect([buffer.readBigUInt64LE(16), buffer.readUInt32LE(24)]).toEqual([77n, 1]);
  });

  const random = command(
    { random_get: TWO, fd_write: IO },
    '(drop (call $random_get (i32.const 0) (i32.const 33))) (call $show (i32.const 0) (i32.const 33))',
  );

  test('has randomness that follows from the seed', () => {
    const of = (seed?: string) => Buffer.from(runWasm(random, {}, seed === undefined ? {} : { seed }).output).toString('hex');
    expect(of('a')).toBe(of('a'));
    expect(new Set([of(), of('a'), of('b'), of('ab')]).size).toBe(4);
    expect(of('a')).toHaveLength(66);
  });

  test('ends with the exit code', () => {
    const exit = (code: number) =>
      runWasm(
        command(
          { proc_exit: '(param i32)', fd_write: IO },
          `(call $show (i32.const 0) (i32.const 4)) (call $proc_exit (i32.const ${code})) unreachable`,
        ),
      );
    expect(exit(0)).toMatchObject({ verdict: 'ok', exit_code: 0 });
    expect(exit(3)).toMatchObject({ verdict: 'exit', exit_code: 3 });
    expect(exit(3).output).toHaveLength(4);
  });

  test('stops output at its limit, and keeps the tail of the logs', () => {
    const flood = (fd: number) =>
      command(
        { fd_write: IO },
        `(i32.store (i32.const 0) (i32.const 100)) (i32.store (i32.const 4) (i32.const 10))
         (loop (i32.store8 (i32.const 100) (i32.add (i32.load8_u (i32.const 100)) (i32.const 1)))
           (drop (call $fd_write (i32.const ${fd}) (i32.const 0) (i32.const 1) (i32.const 8))) (br_if 0 (i32.lt_u (i32.load8_u (i32.const 100)) (i32.const 90))))`,
        '(data (i32.const 100) "@123456789")',
      );
    expect(runWasm(flood(1), { output_bytes: 100 })).toMatchObject({
      verdict: 'output-limit',
      output: expect.objectContaining({ length: 100 }),
    });
    expect(runWasm(flood(1), { output_bytes: 260 }).verdict).toBe('ok');
    expect(runWasm(flood(2), { log_bytes: 25 })).toMatchObject({ verdict: 'ok', logs: '56789Y123456789Z123456789' });
    expect(runWasm(flood(2), { log_bytes: 0 }).logs).toBe('');
  });

  test.each([
    [
      'a buffer beyond memory',
      '(call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8))',
      21,
      '(data (i32.const 0) "\\ff\\ff\\00\\00\\ff\\ff\\00\\00")',
    ],
    ['a list beyond memory', '(call $fd_write (i32.const 1) (i32.const 65530) (i32.const 1) (i32.const 8))', 21],
    ['a list at a negative address', '(call $fd_write (i32.const 1) (i32.const -8) (i32.const 1) (i32.const 8))', 21],
    ['a list that is too long', '(call $fd_write (i32.const 1) (i32.const 0) (i32.const 5000) (i32.const 8))', 28],
    ['a result beyond memory', '(call $fd_write (i32.const 1) (i32.const 0) (i32.const 0) (i32.const 65536))', 21],
    ['a descriptor that is not there', '(call $fd_write (i32.const 3) (i32.const 0) (i32.const 1) (i32.const 8))', 8],
    ['writing to standard input', '(call $fd_write (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8))', 8],
    ['reading standard output', '(call $fd_read (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8))', 8],
    ['random bytes beyond memory', '(call $random_get (i32.const 65530) (i32.const 100))', 21],
    ['an unknown clock', '(call $clock_time_get (i32.const 9) (i64.const 0) (i32.const 0))', 28],
    ['polling nothing', '(call $poll_oneoff (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))', 28],
    ['polling far too much', '(call $poll_oneoff (i32.const 0) (i32.const 0) (i32.const 100000) (i32.const 0))', 28],
  ])('answers %s with an error number', (_, call, errno, more = '') => {
    const uses = { fd_write: IO, fd_read: IO, random_get: TWO, clock_time_get: '(param i32 i64 i32) (result i32)', poll_oneoff: IO };
    const { verdict, output } = runWasm(
      command(uses, `(i32.store (i32.const 1000) ${call}) (call $show (i32.const 1000) (i32.const 4))`, more),
    );
    expect([verdict, u32(output)]).toEqual(['ok', errno]);
  });

  test('charges calls by their length', () => {
    const write = (n: number) => runWasm(command({ fd_write: IO }, `(call $show (i32.const 0) (i32.const ${n}))`)).fuel_used;
    expect(write(40_000) - write(0)).toBe(20_000n);
  });
});

test('arguments are paid by their number and length each time they are copied', () => {
  const text = command({ args_get: TWO, fd_write: IO }, '(drop (call $args_get (i32.const 0) (i32.const 1000)))');
  const fuel = (args: string[]) => runWasm(text, {}, { args }).fuel_used;
  expect(fuel(new Array(64).fill('x')) - fuel([])).toBeGreaterThan(200_000n);
  expect(fuel(['x'.repeat(10_000)]) - fuel(['x'])).toBeGreaterThan(20_000n);
});

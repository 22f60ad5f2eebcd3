import { readFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { HOSTILE_CASES } from '../hostile/cases.js';
import { textFiles } from '../hostile/text-files.js';
import type { RunLimits, RunOutcome } from '../port.js';
import { isDeterministic } from '../port.js';
import { admitModule } from './admit.js';
import { residentBytes } from './memory-watch.js';
import { openSlot, type ProcessSlot } from './slot.js';
import { LIMITS, sharedRuntime, wat } from './testing/support.js';

const MIB = 1024 * 1024;

const bytes = (text: string) => new TextEncoder().encode(text);
/** What this process holds on to: when the collector runs by itself is up to the machine. */
function reachableMib(): number {
  setFlagsFromString('--expose-gc');
  const collect: () => void = runInNewContext('gc');
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / MIB;
}

const text = (outcome: RunOutcome) => new TextDecoder().decode(outcome.output);

const ECHO = wat(`(module
  (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1) (func (export "_start")
    (i32.store (i32.const 0) (i32.const 64)) (i32.store (i32.const 4) (i32.const 1000))
    (drop (call $read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8))) (i32.store (i32.const 4) (i32.load (i32.const 8)))
    (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))))`);
const FOREVER = wat('(module (func (export "_start") (loop (br 0))))');
const ENDLESS: RunLimits = { ...LIMITS, fuel: 1n << 60n, wall_ms: 200 };

describe('a slot', () => {
  let slot: ProcessSlot;
  let own: ProcessSlot;
  beforeAll(async () => {
    slot = await openSlot();
  });
  afterAll(async () => {
    await slot.close();
    await own?.close();
  });

  const load = (module: Uint8Array, into = slot) => into.load({ kind: 'wasm', codec: 'bytes', bytes: module });

  test('runs a command and says what the runtime in this process says', async () => {
    const { module_hash, metered_hash } = await load(ECHO);
    const outcome = await slot.run(module_hash, { input: bytes('hello') }, LIMITS);
    const here = sharedRuntime().load({ kind: 'wasm', codec: 'bytes', bytes: ECHO });
    expect(metered_hash).toBe(here.metered_hash);
    expect(outcome).toMatchObject({
      verdict: 'ok',
      fuel_used: sharedRuntime().run(module_hash, { input: bytes('hello') }, LIMITS).fuel_used,
    });
    expect(text(outcome)).toBe('hello');
    expect(outcome.output_hash).toBe('2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824');
  });

  test('runs a batch in order', async () => {
    const { module_hash } = await load(ECHO);
    const seen: string[] = [];
    const tasks = Array.from({ length: 1000 }, (_, i) => ({ input: bytes(`task ${i}`) }));
    await slot.runBatch(module_hash, tasks, LIMITS, (i, outcome) => seen.push(`${i}:${text(outcome)}`));
    expect(seen).toEqual(tasks.map((_, i) => `${i}:task ${i}`));
  });

  test('ends a task at the wall limit and goes on with the next', async () => {
    const { module_hash } = await load(FOREVER);
    const outcomes: string[] = [];
    const started = performance.now();
    await slot.runBatch(module_hash, [{ input: bytes('') }, { input: bytes('') }], ENDLESS, (_, { verdict }) => outcomes.push(verdict));
    expect(outcomes).toEqual(['timeout', 'timeout']);
    expect(performance.now() - started).toBeLessThan(10_000);
    expect(text(await slot.run((await load(ECHO)).module_hash, { input: bytes('after') }, LIMITS))).toBe('after');
  });

  test('stops at once when told to', async () => {
    const { module_hash } = await load(FOREVER);
    const stop = new AbortController();
    const started = performance.now();
    setTimeout(() => stop.abort(), 50);
    const outcomes: RunOutcome[] = [];
    await slot.runBatch(module_hash, [{ input: bytes('') }], { ...ENDLESS, wall_ms: 60_000 }, (_, o) => outcomes.push(o), stop.signal);
    expect(outcomes).toEqual([]);
    expect(performance.now() - started).toBeLessThan(30_000);
    expect((await slot.run(module_hash, { input: bytes('') }, LIMITS)).verdict).toBe('out-of-fuel');
  });

  test('does requests one after the other', async () => {
    const { module_hash } = await load(ECHO);
    const all = await Promise.all(['a', 'b', 'c'].map((input) => slot.run(module_hash, { input: bytes(input) }, LIMITS)));
    expect(all.map(text)).toEqual(['a', 'b', 'c']);
  });

  test('knows only what was loaded', async () => {
    await expect(slot.run('0'.repeat(64), { input: bytes('') }, LIMITS)).rejects.toMatchObject({ code: 'module_not_loaded' });
    await expect(load(bytes('nothing'))).rejects.toMatchObject({ code: 'module_refused', fault: 'developer' });
  });

  test('survives every hostile task in one life, and stays small', async () => {
    const held = async (of: ProcessSlot) => ((await residentBytes((await of.pid()) as number)) ?? Number.NaN) / MIB;
    /** The engine is part of a warm slot. */
    const handle = async (by: ProcessSlot) => {
      const { module_hash } = await by.load({ kind: 'javascript', codec: 'json', bytes: bytes('export default (n) => n') });
      await by.run(module_hash, { input: bytes('1') }, LIMITS);
    };
    await handle(slot);
    const own_mib = await held(slot);
    // What an idle process may hold is set, so that no first task of a process can raise the measure it is held to.
    own = await openSlot({ rss_bytes_max: (own_mib + 48) * MIB });
    await handle(own);
    const agent_mib = reachableMib();
    const ended: string[] = [];
    for (const hostile of HOSTILE_CASES) {
      const source =
        hostile.kind === 'wasm' ? wat(hostile.source, { bulk_memory: true, reference_types: true, simd: true }) : bytes(hostile.source);
      const verdict = await own
        .load({ kind: hostile.kind, codec: hostile.kind === 'wasm' ? 'bytes' : 'json', bytes: source })
        .then(
          async ({ module_hash }) =>
            (
              await own.run(
                module_hash,
                { input: bytes(hostile.kind === 'wasm' ? '' : 'null'), files: textFiles(hostile.files) },
                { ...LIMITS, ...hostile.limits },
              )
            ).verdict,
        )
        .catch((error: { code?: string }) => (error.code === 'module_refused' ? 'refused' : Promise.reject(error)));
      if (hostile.ends === 'contained' ? !isDeterministic(verdict) : verdict !== hostile.ends)
        ended.push(`${hostile.name}: ${verdict} instead of ${hostile.ends}`);
    }
    expect(ended).toEqual([]);
    expect(text(await own.run((await load(ECHO, own)).module_hash, { input: bytes('alive') }, LIMITS))).toBe('alive');
    await handle(own);
    expect(reachableMib() - agent_mib).toBeLessThan(50);
    expect((await held(own)) - own_mib).toBeLessThan(50);
  });

  test('a device without memory is no verdict, and the next task runs', async () => {
    const poor = await openSlot({ memory_bytes_max: 0 });
    try {
      const hungry = wat(
        '(module (memory 1) (func (export "_start") (drop (memory.grow (i32.const 30000))) (memory.fill (i32.const 0) (i32.const 1) (i32.const 1900000000))))',
      );
      const { module_hash } = await poor.load({ kind: 'wasm', codec: 'bytes', bytes: hungry });
      const limits = { ...LIMITS, fuel: 100_000_000_000n, memory_bytes: 2 ** 31 };
      expect(['host-oom', 'killed']).toContain((await poor.run(module_hash, { input: bytes('') }, limits)).verdict);
      const echo = await poor.load({ kind: 'wasm', codec: 'bytes', bytes: ECHO });
      expect(text(await poor.run(echo.module_hash, { input: bytes('still here') }, LIMITS))).toBe('still here');
    } finally {
      await poor.close();
    }
  });

  test('closes', async () => {
    const other = await openSlot();
    await other.close();
    await expect(other.run('x', { input: bytes('') }, LIMITS)).rejects.toMatchObject({ code: 'slot_closed' });
  });
});

describe('admitModule', () => {
  test('answers the hashes both sides compare', async () => {
    const module = readFileSync('examples/mandelbrot/mandelbrot.wasm');
    const [first, second] = await Promise.all([admitModule('wasm', 'bytes', module), admitModule('wasm', 'bytes', module)]);
    expect(first).toEqual(second);
    expect(first.imports).toContain('wasi_snapshot_preview1.fd_write');
  });

  test('refuses what takes too long to read, and what is too long', async () => {
    const slow = bytes('let sum = 0;\nfor (let i = 0; i < 3e6; i++) sum += i;\nexport default () => sum;');
    await expect(admitModule('javascript', 'json', slow, 100)).rejects.toMatchObject({ code: 'module_refused', fault: 'developer' });
    await expect(admitModule('javascript', 'json', new Uint8Array(5 << 20).fill(0x20))).rejects.toMatchObject({ code: 'module_refused' });
  });

  test("refuses with a reason and the developer's own line", async () => {
    await expect(admitModule('javascript', 'json', bytes('export default (x) =>\n\n  x +;'))).rejects.toMatchObject({
      code: 'module_refused',
      fault: 'developer',
      details: { line: 3 },
    });
  });
});

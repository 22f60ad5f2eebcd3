import { startTestAgent, type TestAgent } from '../support/agent.js';
import { startBroker, type TestBroker, type TestPerson } from '../support/broker.js';
import { wat } from '../support/wat.js';

let broker: TestBroker;
let developer: TestPerson;
let agent: TestAgent;
beforeAll(async () => {
  broker = await startBroker();
  developer = await broker.person({ name: 'Dev' });
  agent = await startTestAgent(broker, await broker.person({ name: 'Owner', funds_micro: 0n }));
});
afterAll(async () => {
  await agent?.close();
  await broker?.close();
});

/** Standard input to standard output; what its first byte says decides how it ends. */
const PROGRAM = wat(`(module
  (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1)
  (func $echo (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8))))
  (func $deep (param i32) (result i32) (i32.add (call $deep (i32.add (local.get 0) (i32.const 1))) (i32.const 1)))
  (func $is (param i32) (result i32) (i32.eq (i32.load8_u (i32.const 64)) (local.get 0)))
  (func (export "_start")
    (i32.store (i32.const 0) (i32.const 64))
    (i32.store (i32.const 4) (i32.const 4096))
    (drop (call $read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)))
    (i32.store (i32.const 4) (i32.load (i32.const 8)))
    (call $echo)
    (if (call $is (i32.const 101)) (then (call $exit (i32.const 7))))
    (if (call $is (i32.const 116)) (then unreachable))
    (if (call $is (i32.const 108)) (then (loop $forever (br $forever))))
    (if (call $is (i32.const 100)) (then (drop (call $deep (i32.const 0)))))
    (if (call $is (i32.const 111)) (then (loop $forever (call $echo) (br $forever))))
    (if (call $is (i32.const 109)) (then (if (i32.eq (memory.grow (i32.const 60000)) (i32.const -1)) (then (call $exit (i32.const 12))))))
    (if (call $is (i32.const 97)) (then (drop (i32.load (i32.const 100000000)))))))`);

const text = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString();

test('a WebAssembly program ends in every way that it can, and each way has its verdict, its reason and its price', async () => {
  const { heap } = developer;
  const inputs = ['well', 'exit', 'trap', 'loop', 'deep', 'output', 'memory', 'address', ''];
  const run = heap.map({ module: PROGRAM }, inputs, {
    onTaskError: 'yield',
    fuelLimit: 300_000_000,
    outputLimit: 1_000,
    maxPrice: 1_000_000n,
    budget: 100_000n,
  });
  const results = await run.all();
  const job = heap.job((await run.job).id);
  const ends = await Promise.all(inputs.map(async (input, i) => [input, results[i]?.verdict, (await job.task(i)).reason.code]));
  expect(ends).toEqual([
    ['well', 'ok', 'done'],
    ['exit', 'exit', 'program_failed'],
    ['trap', 'trap', 'trapped'],
    ['loop', 'out-of-fuel', 'fuel_exhausted'],
    ['deep', 'stack-overflow', 'trapped'],
    ['output', 'output-limit', 'output_too_large'],
    ['memory', 'exit', 'program_failed'],
    ['address', 'trap', 'trapped'],
    ['', 'ok', 'done'],
  ]);
  expect(text(results[0]?.output)).toBe('well');
  expect(results[1]).toMatchObject({ exit_code: 7, error: { code: 'task_failed' } });
  expect(text(results[1]?.output)).toBe('exit');
  expect(results[6]?.exit_code).toBe(12);
  // A program's own failure is work done: it is paid for, up to the fuel that it may burn.
  expect(results[3]?.fuel_used).toBeLessThanOrEqual(300_000_000);
  expect(results[3]?.fuel_used).toBeGreaterThan(290_000_000);
  expect(results[3]?.cost).toBeGreaterThan(0n);
  expect(await job.get()).toMatchObject({
    state: 'DONE',
    reason: { code: 'some_tasks_failed' },
    tasks: { done: 2, failed: 7 },
    charged_micro: results.reduce((sum, { cost }) => sum + cost, 0n),
  });
  // None of them was tried again: the program fails the same way everywhere.
  expect((await Promise.all(inputs.map((_, i) => job.task(i)))).every(({ attempts }) => attempts.length === 1)).toBe(true);
  expect(await broker.broken()).toEqual([]);
});

test('a program that outlives its time says nothing about itself: it is tried again, unpaid, and then fails', async () => {
  const { heap } = developer;
  const run = heap.map({ module: PROGRAM }, ['loop'], {
    onTaskError: 'yield',
    fuelLimit: 9_000_000_000_000,
    wallLimitMs: 200,
    maxAttempts: 2,
    maxPrice: 50_000n,
    budget: 1_000_000n,
  });
  expect(await run.all()).toMatchObject([{ verdict: 'timeout', cost: 0n, error: { code: 'task_failed' } }]);
  const job = heap.job((await run.job).id);
  expect(await job.task(0)).toMatchObject({
    state: 'FAILED',
    reason: { code: 'time_exhausted' },
    attempts: [
      { epoch: 1, outcome: 'retried', verdict: 'timeout', charge_micro: 0n },
      { epoch: 2, verdict: 'timeout', charge_micro: 0n },
    ],
  });
  expect(await job.get()).toMatchObject({ charged_micro: 0n, held_micro: 0n });
  expect(await broker.broken()).toEqual([]);
  // The slot that it held is as good as new.
  expect(text((await heap.run(PROGRAM, 'well')).output)).toBe('well');
});

test('JavaScript has no way out: no process, no files, no network, and time and chance that the job decides', async () => {
  const [a, b] = await developer.heap
    .map(
      () => ({
        reach: ['process', 'require', 'fetch', 'Deno', 'WebSocket', 'XMLHttpRequest'].filter((name) => name in globalThis),
        time: Date.now(),
        chance: Math.random(),
      }),
      [0, 0],
    )
    .values();
  expect(a).toMatchObject({ reach: [] });
  expect(b?.time).toBe(a?.time);
  expect(b?.chance).not.toBe(a?.chance);
  // A plain import is refused before anything is sent; one that hides from that fails where it runs.
  const hidden = { module: 'export default () => (0, eval)(\'im\' + \'port("node:fs")\').then((fs) => fs.readdirSync("/"))' };
  await expect(developer.heap.map(hidden, [0]).all()).rejects.toMatchObject({ code: 'task_failed', details: { verdict: 'trap' } });
});

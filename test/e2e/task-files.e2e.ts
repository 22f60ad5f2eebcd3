import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { HTTP_LIMITS } from '#protocol';
import { startTestAgent, type TestAgent } from '../support/agent.js';
import { startBroker, type TestBroker, type TestPerson } from '../support/broker.js';
import { wat } from '../support/wat.js';

const folder = mkdtempSync(join(tmpdir(), 'heap task files '));
const file = (name: string, text: string): string => {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  return path;
};

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
  rmSync(folder, { recursive: true });
});

const sha256 = (bytes: Uint8Array | string) => createHash('sha256').update(bytes).digest('hex');

test('TypeScript files run as they are, and fail with their own lines', async () => {
  const task = file(
    'task.ts',
    'interface Point { x: number; y: number }\n\nexport default ({ x, y }: Point): number => {\n  if (x < 0) {\n    console.error(new RangeError("left" as string));\n    throw new RangeError("left" as string);\n  }\n  return Math.hypot(x, y);\n};\n',
  );
  const run = developer.heap.map(
    { file: task },
    [
      { x: 3, y: 4 },
      { x: -1, y: 0 },
    ],
    { onTaskError: 'yield', orderedResults: true },
  );
  const [good, bad] = await run.all();
  expect(good).toMatchObject({ value: 5, verdict: 'ok' });
  expect(bad?.error?.message).toBe('Task 1 failed: the program stopped with a fault: RangeError: left (task.ts:6:15).');
  expect(bad?.logs).toMatch(/^RangeError: left\n {4}at .*\(task\.ts:5:\d+\)/);
  expect((await (await run.job).get()).name).toBe('task.ts');
});

test('what they import is bundled, and errors name the file and line that was written', async () => {
  file(
    'lib/divide.ts',
    'export enum Zero { Refused = "zero" }\n\nexport function divide(a: number, b: number): number {\n  if (b === 0) throw new RangeError(Zero.Refused);\n  return a / b;\n}\n',
  );
  const task = file(
    'main.ts',
    'import { divide } from "./lib/divide.js";\nexport default ([a, b]: [number, number]): number => divide(a, b);\n',
  );
  const run = developer.heap.map(
    { file: task },
    [
      [6, 3],
      [1, 0],
    ],
    { onTaskError: 'yield', orderedResults: true },
  );
  const [good, bad] = await run.all();
  expect(good?.value).toBe(2);
  expect(bad?.error?.message).toMatch(/: RangeError: zero \(lib\/divide\.ts:4:\d+\)\.$/);
});

test('a function fails with its own lines and columns', async () => {
  const fails = (n: number) => { throw new RangeError(`no ${n}`); }; // biome-ignore format: columns matter
  await expect(developer.heap.map(fails, [7]).all()).rejects.toThrow(/RangeError: no 7 \(line 1:37\)/);
});

test('what the heap refuses at upload comes back with the place in the file', async () => {
  file('lib/top.ts', 'type A = number;\nexport const top: A = (() => {\n  throw new Error("at the top");\n})();\n');
  const bad = developer.heap.map(
    { file: file('refused.ts', 'import { top } from "./lib/top.js";\nexport default (): number => top;\n') },
    [0],
  );
  await expect(bad.all()).rejects.toMatchObject({
    code: 'module_refused',
    message: 'The module was refused at lib/top.ts:3: Error: at the top.',
    details: { status: 400, file: 'lib/top.ts', line: 3 },
  });
  const grows = wat(
    '(module (table $t 1 funcref) (func $culprit (drop (table.grow $t (ref.null func) (i32.const 1)))) (func (export "_start") call $culprit))',
    true,
  );
  await expect(developer.heap.run(grows, '')).rejects.toMatchObject({
    code: 'module_refused',
    message: expect.stringMatching(/^The module was refused at function 0 \(culprit\), byte \d+: table\.grow is not supported\.$/),
    details: { function_index: 0, function_name: 'culprit', byte_offset: expect.any(Number), reason: 'table.grow is not supported' },
  });
  const { status, body } = await upload('wasm', grows);
  expect(status).toBe(400);
  expect(body).toMatchObject({ code: 'module_refused', fault: 'developer', details: { function_index: 0, function_name: 'culprit' } });
});

const REACTOR = wat(`(module (memory (export "memory") 2) (global $top (mut i32) (i32.const 1024))
  (func (export "_initialize") (i32.store8 (i32.const 0) (i32.const 33)))
  (func (export "heap_alloc") (param i32) (result i32)
    (global.get $top) (global.set $top (i32.add (global.get $top) (local.get 0))))
  (func (export "heap_run") (param $at i32) (param $length i32) (result i64)
    (i64.or (i64.shl (i64.extend_i32_u (local.get $at)) (i64.const 32)) (i64.extend_i32_u (local.get $length)))))`);

test('reactors answer what they were handed, as bytes and as JSON', async () => {
  const { heap } = developer;
  const bytes = Uint8Array.of(0, 255, 7);
  expect(await heap.run(REACTOR, bytes)).toMatchObject({ verdict: 'ok', exit_code: 0, value: bytes });
  expect(await heap.map({ module: REACTOR, codec: 'json' }, [{ a: [1, 'ü'] }, null, 'text']).values()).toEqual([
    { a: [1, 'ü'] },
    null,
    'text',
  ]);
  // Each task gets an instance of its own: the same input costs the same.
  const [one, two] = await heap.map({ module: REACTOR }, ['x', 'x']).all();
  expect(one?.fuel_used).toBe(two?.fuel_used);
});

test('commands take bytes and JSON as well', async () => {
  const cat = wat(`(module
    (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
    (memory (export "memory") 1)
    (func (export "_start")
      (i32.store (i32.const 0) (i32.const 64)) (i32.store (i32.const 4) (i32.const 4096))
      (drop (call $read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)))
      (i32.store (i32.const 4) (i32.load (i32.const 8)))
      (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 12)))))`);
  const { heap } = developer;
  expect((await heap.run(cat, 'as it is')).output).toEqual(new TextEncoder().encode('as it is'));
  expect(await heap.map({ module: cat, codec: 'json' }, [{ n: 1 }, [2]]).values()).toEqual([{ n: 1 }, [2]]);
  const [broken] = await heap
    .map({ module: wat('(module (memory (export "memory") 1) (func (export "_start")))'), codec: 'json' }, [1])
    .all();
  expect(broken?.value).toBeUndefined();
});

test('modules are listed with the hash of what was put and of what runs', async () => {
  const somebody = await broker.person({ name: 'Grace' });
  expect(await somebody.heap.modules()).toEqual([]);
  await somebody.heap.run(REACTOR, 'x');
  const [listed, ...none] = await somebody.heap.modules();
  expect(none).toEqual([]);
  expect(listed).toMatchObject({
    hash: sha256(REACTOR),
    kind: 'wasm',
    bytes: REACTOR.length,
    meter_id: expect.stringMatching(/^heap-meter\//),
  });
  expect(listed?.metered_hash).toMatch(/^[0-9a-f]{64}$/);
  expect(listed?.metered_hash).not.toBe(listed?.hash);
  expect((await somebody.call('GET', `/v1/modules/${sha256(REACTOR)}`)).body).toEqual(listed);
  expect((await somebody.call('GET', `/v1/modules/${sha256('x')}`)).status).toBe(404);
  const stranger = await broker.person({ name: 'Eve' });
  expect((await stranger.call('GET', `/v1/modules/${sha256(REACTOR)}`)).status).toBe(404);
});

async function upload(kind: string, bytes: Uint8Array) {
  const response = await fetch(`${broker.url}/v1/modules?kind=${kind}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${developer.api_key}`, 'content-type': 'application/octet-stream' },
    body: Uint8Array.from(bytes),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

describe('an upload that is too large is refused while it is sent', () => {
  /** Sends the head and so many bytes, never the end; resolves with the answer. */
  const unfinished = (headers: Record<string, string | number>, bytes: number) =>
    new Promise<{ status: number; body: unknown }>((resolve, reject) => {
      const call = request(`${broker.url}/v1/modules?kind=wasm`, {
        method: 'POST',
        headers: { authorization: `Bearer ${developer.api_key}`, 'content-type': 'application/octet-stream', ...headers },
      });
      call.once('error', reject);
      call.once('response', async (response) => {
        const body = JSON.parse(await text(response));
        call.off('error', reject).on('error', () => undefined);
        call.destroy();
        resolve({ status: response.statusCode ?? 0, body });
      });
      call.flushHeaders();
      if (bytes > 0) call.write(Buffer.alloc(bytes));
    });

  test('by the length that it states, before its first byte', async () => {
    const answer = await unfinished({ 'content-length': HTTP_LIMITS.module_bytes + 1 }, 0);
    expect(answer).toMatchObject({ status: 413, body: { code: 'too_large' } });
  });

  test('and by what has arrived where it states none', async () => {
    const answer = await unfinished({ 'transfer-encoding': 'chunked' }, HTTP_LIMITS.module_bytes + 1);
    expect(answer).toMatchObject({ status: 413, body: { code: 'too_large' } });
  });
});

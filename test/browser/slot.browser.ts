import { writing } from '../../libs/sandbox/src/node/testing/support.js';
import { wat } from '../support/wat.js';
import type { TestBrowser } from './support/browser.js';
import type { Case, CaseResult } from './support/cases.js';
import { inBrowsers } from './support/in-browsers.js';
import { caseOf, LIMITS } from './support/make-case.js';
import { type PageServer, startPageServer } from './support/server.js';

const ECHO = wat(`(module
  (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1) (func (export "_start")
    (i32.store (i32.const 0) (i32.const 64)) (i32.store (i32.const 4) (i32.const 1000))
    (drop (call $read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8))) (i32.store (i32.const 4) (i32.load (i32.const 8)))
    (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))))`);
const echo = (input: string) => caseOf('echo', 'wasm', ECHO, { input });
const ENDLESS = { ...LIMITS, fuel: String(1n << 60n), wall_ms: 200 };
const forever = (limits = ENDLESS) => caseOf('forever', 'wasm', wat('(module (func (export "_start") (loop (br 0))))'), { limits });

interface Batched {
  verdicts: string[];
  outputs: string[];
  ms: number;
}

inBrowsers('a slot', (open) => {
  let server: PageServer;
  let browser: TestBrowser;
  beforeAll(async () => {
    server = await startPageServer();
    browser = await open(server.url);
    await browser.call('open', { worker: '/sandbox-worker.js' });
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });

  const run = (one: Case) => browser.call<CaseResult>('runCase', one);
  const batch = (one: Case, count: number, abort_ms?: number) => browser.call<Batched>('runBatch', { one, count, abort_ms });

  test('runs a command and a handler', async () => {
    expect((await run(echo('hello'))).runs).toMatchObject([
      { verdict: 'ok', output: 'hello', hash: '2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824' },
    ]);
    const doubled = await run(caseOf('double', 'javascript', 'export default (n) => n * 2', { input: '21' }));
    expect(doubled.runs).toMatchObject([{ verdict: 'ok', output: '42' }]);
  });

  test('runs a batch in order', async () => {
    const { outputs } = await batch(echo('task $i'), 500);
    expect(outputs).toEqual(Array.from({ length: 500 }, (_, i) => `task ${i}`));
  });

  test('ends each task at the wall limit, in a new worker, and goes on', async () => {
    expect((await batch(forever(), 2)).verdicts).toEqual(['timeout', 'timeout']);
    expect((await run(echo('after'))).runs).toMatchObject([{ output: 'after' }]);
  });

  test('stops at once when told to, and reports nothing more', async () => {
    const { verdicts, ms } = await batch(forever({ ...ENDLESS, wall_ms: 60_000 }), 3, 50);
    expect(verdicts).toEqual([]);
    expect(ms).toBeLessThan(30_000);
    expect((await run(echo('after'))).runs).toMatchObject([{ output: 'after' }]);
  });

  test('refuses with the reason the instrumenter gives', async () => {
    expect(await run(caseOf('nothing', 'wasm', new Uint8Array(8)))).toMatchObject({ refused: 'module_refused' });
  });

  test('forgets the modules used longest ago and reads them again', async () => {
    const many = Array.from({ length: 40 }, (_, i) =>
      caseOf(`say ${i}`, 'wasm', wat(writing(`(i32.store (i32.const 0) (i32.const ${i}))`))),
    );
    for (const one of [...many, ...many]) expect((await run(one)).runs[0]?.verdict).toBe('ok');
  });

  test('replaces a worker whose modules hold more than they should', async () => {
    await browser.call('open', { worker: '/sandbox-worker.js', held_bytes_max: 4 * 1024 * 1024 });
    const hungry = caseOf('hungry', 'wasm', wat('(module (memory 1) (func (export "_start") (drop (memory.grow (i32.const 100)))))'));
    expect(await browser.call('frames', { mark: true })).toMatchObject({ marked: 2 }); // the worker and its spare
    expect((await run(hungry)).runs[0]?.verdict).toBe('ok');
    expect((await run(echo('again'))).runs).toMatchObject([{ output: 'again' }]);
    expect(await browser.call('frames')).toEqual({ all: 2, marked: 1 });
  });

  test('leaves nothing in the page when it is closed', async () => {
    await browser.call('close');
    expect(await browser.call('frames')).toMatchObject({ all: 0 });
  });
});

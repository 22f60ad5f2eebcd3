import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { startTestAgent, type TestAgent } from '../support/agent.js';
import { startBroker, type TestBroker, type TestPerson } from '../support/broker.js';

const root = path.resolve(import.meta.dirname, '../../..');
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'heap files '));

let broker: TestBroker;
let ada: TestPerson;
let agent: TestAgent;
beforeAll(async () => {
  broker = await startBroker({ HEAP_ACCOUNT_BLOB_BYTES: '6000000' });
  ada = await broker.person();
  agent = await startTestAgent(broker, ada);
});
afterAll(async () => {
  await agent?.close();
  await broker?.close();
  fs.rmSync(folder, { recursive: true });
});

const TERMS = { maxPrice: 1_000_000n, budget: 1_000_000n };

test('tasks read the files of their job, keep scratch of their own and see its variables, on a device that fetched each file once', async () => {
  const big = new Uint8Array(300_000).map((_, i) => i * 7);
  const run = ada.heap.map(
    (n: number, { files, env }) => {
      const seen = files.list('/tmp').length;
      files.write('/tmp/deep/mine', `of task ${n}`);
      const data = files.read('data/big.bin');
      let sum = 0;
      for (const byte of data) sum += byte;
      return {
        words: files.text('words.txt'),
        sum,
        seen,
        mine: files.text('tmp/deep/mine'),
        lang: env.LANG,
        names: files.list().map((f) => f.name),
      };
    },
    [1, 2, 3],
    { ...TERMS, files: { 'data/big.bin': big, 'words.txt': 'wörter' }, scratch: 10_000, env: { LANG: 'de' } },
  );
  const sum = big.reduce((a, b) => a + b, 0);
  const names = ['data', 'words.txt', 'tmp'];
  expect(await run.values()).toEqual([1, 2, 3].map((n) => ({ words: 'wörter', sum, seen: 0, mine: `of task ${n}`, lang: 'de', names })));
  const job = await (await run.job).get();
  expect(job).toMatchObject({
    state: 'DONE',
    view_class: 'scratch',
    view: { scratch: { bytes: 10_000, files: 256 }, env: { LANG: 'de' } },
  });
  expect(job.may.slice(0, 2)).toEqual([
    'It may read 2 input files (293 KB in all).',
    'It may keep 9.8 KB of scratch files in memory until the task ends.',
  ]);
});

test('what the heap has already got is not sent again', async () => {
  const sent: string[] = [];
  const fetch: typeof globalThis.fetch = (input, init) => {
    if (init?.method === 'PUT') sent.push(String(input));
    return globalThis.fetch(input, init);
  };
  const { Heap } = await import('#sdk');
  const words = { 'words.txt': 'the same words again' };
  const once_more = () =>
    new Heap({ url: broker.url, apiKey: ada.api_key, fetch }).map((_: number, { files }) => files.text('words.txt'), [0], {
      ...TERMS,
      files: words,
    });
  expect(await once_more().values()).toEqual(['the same words again']);
  expect(await once_more().values()).toEqual(['the same words again']);
  expect(sent).toHaveLength(1);
});

test('a seed and a clock give the same chance and time to another job', async () => {
  const roll = () => ada.heap.map(() => [Math.random(), Date.now()], [0, 0], { ...TERMS, seed: 'mine', clockMs: 1_000_000 }).values();
  const [first, second] = [await roll(), await roll()];
  expect(second).toEqual(first);
  expect(first[0]?.[1]).toBe(1_000_000);
});

test.each([
  ['more than half of the slot', { scratch: 65 * 1024 * 1024 }, 'view_too_large'],
  [
    'variables that no frame could carry',
    { env: { A: 'x'.repeat(4096), B: '\u0001'.repeat(4096), C: '\u0001'.repeat(4096) } },
    'view_too_large',
  ],
  ['a path out of its world', { files: { '../etc/passwd': 'x' } }, 'invalid_input'],
  ['a file over the scratch directory', { files: { 'tmp/x': 'x' } }, 'invalid_input'],
  ['a file below a file', { files: { a: 'x', 'a/b': 'x' } }, 'invalid_input'],
  ['more than an account may keep', { files: { a: new Uint8Array(6_000_001) } }, 'blob_quota_exceeded'],
])('is refused before anything is held: %s', async (_, terms, code) => {
  await expect(ada.heap.map((n: number) => n, [1], { ...TERMS, ...terms }).values()).rejects.toMatchObject({ code });
  expect(await ada.heap.balance()).toMatchObject({ developer: { held_micro: 0n } });
});

test("nobody gets at another's file by its hash", async () => {
  const eve = await broker.person({ name: 'Eve' });
  const secret = "ada's words, which only her jobs may read";
  await ada.heap.map((_: number, { files }) => files.text('a').length, [0], { ...TERMS, files: { a: secret } }).values();
  const { hash } = (await ada.heap.jobs({ limit: 1 }))[0]?.view.files[0] ?? {};
  const view = { files: [{ path: 'a', hash, bytes: secret.length }] };
  const module = (await ada.heap.jobs({ limit: 1 }))[0]?.module_hash;
  const body = { module_hash: module, view, max_price_micro: '1000000', budget_micro: '1000000', inputs: [{ inline: '' }] };
  expect(await eve.call('POST', '/v1/jobs', body, { 'idempotency-key': 'eve-1' })).toMatchObject({
    status: 400,
    body: { code: 'file_unknown' },
  });
  expect(await eve.call('GET', `/v1/blobs/${hash}`)).toMatchObject({ status: 404 });
});

test('a device that cannot get a file says nothing about the task', async () => {
  const run = ada.heap.map((_: number, { files }) => files.text('gone'), [0], {
    ...TERMS,
    files: { gone: 'soon gone' },
    onTaskError: 'yield',
    maxAttempts: 2,
    onPlaced: ({ view }) => {
      const { hash } = view.files[0] ?? { hash: '' };
      fs.rmSync(path.join(broker.config.data_dir, 'blobs', hash.slice(0, 2), hash));
    },
  });
  const [result] = await run.all();
  expect(result).toMatchObject({ verdict: 'killed', cost: 0n, error: { code: 'task_failed' } });
  const task = await (await run.job).task(0);
  expect(task.attempts.map(({ outcome, detail }) => [outcome, detail])).toEqual([
    ['retried', expect.stringContaining('A file of its view could not be fetched')],
    ['accepted', expect.stringContaining('A file of its view could not be fetched')],
  ]);
  expect(await broker.broken()).toEqual([]);
});

test('the command takes files, scratch and variables, and the owner reads what his device does', async () => {
  const file = (name: string, content: string) => {
    fs.writeFileSync(path.join(folder, name), content);
    return path.join(folder, name);
  };
  const script = file(
    'slow.js',
    `export default (_, { files, env, args }) => {
    files.write('/tmp/x', 'y'.repeat(1000));
    for (let i = 0; i < 3e7; i++);
    return files.text('data/model.txt') + env.MODE + args[0] + files.list('tmp')[0].bytes;
  };`,
  );
  const model = file('model.txt', 'the model ');
  const env = { ...process.env, HEAP_URL: broker.url, HEAP_API_KEY: ada.api_key, HEAP_PROFILE: path.join(folder, 'none.json') };
  const heap = (args: string[]) => {
    const child = spawn(process.execPath, [path.join(root, 'apps/cli/bin/heap.mjs'), ...args], { env, stdio: 'pipe' });
    child.stdin.end();
    return Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  };
  const running = heap([
    'run',
    '--yes',
    script,
    '--file',
    `data/model.txt=${model}`,
    '--scratch',
    '64KB',
    '--env',
    'MODE=fast',
    '--fuel',
    '90_000_000_000',
    '--',
    '!',
  ]);
  let seen = '';
  for (let i = 0; i < 200 && !seen.includes('computes now'); i++) [seen] = await heap(['nodes']);
  expect(seen).toContain(
    'test agent computes now in 1 micro slot, scratch: It may read an input file (10 bytes in all). It may keep 64 KB of scratch',
  );
  const [out, err, [code]] = await running;
  expect([out, code, code === 0 ? '' : err]).toEqual(['the model fast!1000', 0, '']);
  const [job] = await ada.heap.jobs({ limit: 1 });
  expect((await heap(['job', job?.id ?? '']))[0]).toContain('Sees: It may read an input file (10 bytes in all).');
});

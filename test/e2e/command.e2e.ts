import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { PNG } from 'pngjs';
import { PICTURE, render } from '../../examples/mandelbrot/render.js';
import { startTestAgent, type TestAgent } from '../support/agent.js';
import { startBroker, type TestBroker, type TestPerson } from '../support/broker.js';
import { WebhookReceiver } from '../support/webhook-receiver.js';

const root = path.resolve(import.meta.dirname, '../../..');
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'heap command '));
const file = (name: string, content: string): string => {
  fs.writeFileSync(path.join(folder, name), content);
  return path.join(folder, name);
};
const MANDELBROT = path.join(root, 'examples/mandelbrot/mandelbrot.wasm');

let broker: TestBroker;
let ada: TestPerson;
let agent: TestAgent;
beforeAll(async () => {
  broker = await startBroker({ HEAP_OUTWARD_ALLOWED: '127.0.0.1' });
  ada = await broker.person();
  agent = await startTestAgent(broker, await broker.person({ name: 'Otto', funds_micro: 0n }));
});
afterAll(async () => {
  await agent?.close();
  await broker?.close();
  fs.rmSync(folder, { recursive: true });
});

function start(args: string[], who: TestPerson = ada) {
  const env = { ...process.env, HEAP_URL: broker.url, HEAP_API_KEY: who.api_key, HEAP_PROFILE: path.join(folder, 'none.json') };
  return spawn(process.execPath, [path.join(root, 'apps/cli/bin/heap.mjs'), ...args], { env, stdio: 'pipe' });
}

async function heap(args: string[], stdin = '', who: TestPerson = ada) {
  const child = start(args, who);
  child.stdin.end(stdin);
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  return {
    out,
    err,
    code: code as number,
    lines: () =>
      out
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
  };
}

describe('the command heap on a real heap', () => {
  test('runs commands, reactors and TypeScript, and lists them with both hashes', async () => {
    const reactor = path.join(root, 'test/programs/assemblyscript/words.wasm');
    expect(await heap(['run', '--yes', reactor], 'to be or not to be')).toMatchObject({ out: 'be 2\nnot 1\nor 1\nto 2\n', code: 0 });
    const database = path.join(root, 'test/programs/cpp/sql.wasm');
    expect(await heap(['run', '--yes', database], "SELECT UPPER('abc'), 6 * 7")).toMatchObject({ out: 'ABC|42\n', code: 0 });
    const task = file(
      'typed.ts',
      'interface In { n: number }\nexport default ({ n }: In): number => {\n  if (n < 0) throw new RangeError("low");\n  return n * 2;\n};\n',
    );
    expect(await heap(['run', '--yes', task, '--codec', 'json'], '{"n": 21}')).toMatchObject({ out: '42', code: 0 });
    const failed = await heap(['run', '--yes', task, '--codec', 'json'], '{"n": -1}');
    expect(failed.err).toContain('RangeError: low (typed.ts:3:');
    expect(failed.code).toBe(1);
    const refused = await heap([
      'run',
      '--yes',
      file('top.ts', 'type A = number;\nconst a: A = JSON.parse("{");\nexport default () => a;'),
    ]);
    expect(refused.err).toMatch(/The module was refused at top\.ts:2: SyntaxError: /);
    expect(refused.code).toBe(2);
    const modules = JSON.parse((await heap(['modules', '--json'])).out);
    expect(modules.map((m: { kind: string }) => m.kind)).toEqual(['javascript', 'wasm', 'wasm']);
  });

  test('maps lines to lines, and its receipt, jobs and balance agree', async () => {
    const script = file(
      'work.js',
      'export default (n) => { if (n === 3) throw new Error("not three"); let s = 0; for (let i = 0; i < 100000; i++) s += i % n; return s; };',
    );
    const { lines, err, code } = await heap(['map', '--yes', script, '-', '--json', '--ordered'], '1\n2\n3\n4\n');
    const results = lines();
    expect(results.map((r) => r.value ?? r.error.code)).toEqual([0, 50_000, 'task_failed', 150_000]);
    expect(results[2].error.detail).toContain('not three');
    expect(err).toContain('Price: 0.05 USD (simulated) per 10¹² fuel now');
    expect(code).toBe(1);

    const [job] = JSON.parse((await heap(['jobs', '--json'])).out);
    expect(job).toMatchObject({ state: 'DONE', name: 'work.js', held_micro: '0', tasks: { done: 3, failed: 1 } });
    const receipt = JSON.parse((await heap(['job', job.id, '--receipt', '--json'])).out);
    expect(receipt).toMatchObject({ charged_micro: job.charged_micro, tasks_charged: 4 });
    expect(BigInt(receipt.charged_micro)).toBeGreaterThan(0n);
    const paid = results.reduce((sum, r) => sum + BigInt(r.cost_micro), 0n);
    expect(paid).toBe(BigInt(receipt.charged_micro));
    const balance = JSON.parse((await heap(['balance', '--json'])).out);
    expect(balance.developer).toMatchObject({ available_micro: String(10_000_000n - paid), held_micro: '0' });
  });

  test('lets a verifier of your own look at every result, and tells what it said', async () => {
    const work = file('twice.js', 'export default (n) => 2 * n;');
    const check = file(
      'check.ts',
      'interface Seen { input: number; output: number }\nexport default ({ input, output }: Seen) => output === input + input || { accept: false, reason: "odd" };\n',
    );
    const mapped = await heap(['map', '--yes', work, '-', '--ordered', '--verify', check, '--json'], '1\n2\n3\n');
    expect([mapped.code, mapped.lines().map((r) => r.value)]).toEqual([0, [2, 4, 6]]);
    expect(mapped.err).toContain('Your verifier: at most 0.01 USD');
    const [job] = await ada.heap.jobs({ limit: 1 });
    const told = await heap(['job', job?.id ?? '', '--checks']);
    expect(told.out).toContain('Your verifier accepted 3, rejected 0 (0 of them wrong, 0 right), failed on 0; 0 wait for it.');
    expect((await heap(['job', job?.id ?? '', '--task', '1'])).out).toContain('Your verifier accepted it.');
  });

  test('runs a WebAssembly program with its own exit code', async () => {
    const tile = await heap(['run', '--yes', MANDELBROT, '--json'], '0 0 8 4 64 48 -0.6 0 3.2 100');
    expect(JSON.parse(tile.out)).toMatchObject({ exit_code: 0, verdict: 'ok' });
    expect(Buffer.from(JSON.parse(tile.out).output_base64, 'base64')).toHaveLength(8 * 4 * 3);
    const bad = await heap(['run', '--yes', MANDELBROT], 'nonsense');
    expect(bad).toMatchObject({ code: 2, out: '', err: expect.stringContaining('expected ten numbers') });
  });

  test.each([
    ['a module that does not compile', () => ['run', '--yes', file('broken.wasm', '\0asm\x01\0\0\0broken')], 2, 'module_refused'],
    [
      'a program that never ends',
      () => ['run', '--yes', file('endless.js', 'export default () => { for (;;); };'), '--fuel', '20_000_000'],
      1,
      'task_failed',
    ],
    ['a budget too small for one task', () => ['run', MANDELBROT, '--budget', '0.000001'], 2, 'budget_too_small'],
    ['more than there is', () => ['run', MANDELBROT, '--budget', '1000'], 5, 'insufficient_funds'],
  ])('%s', async (_, args, code, problem) => {
    const told = await heap([...args(), '--json'], '0 0 8 4 64 48 -0.6 0 3.2 100');
    expect(JSON.parse(told.out)).toMatchObject({ code: problem, detail: expect.any(String) });
    expect(told.code).toBe(code);
  });

  test('Ctrl-C cancels the job, and what was not used is back', async () => {
    const child = start([
      'map',
      '--yes',
      file('slow.js', 'export default (n) => { for (let i = 0; i < 200000; i++) n += i % 7; return n; };'),
      '-',
    ]);
    child.stdin.end('1\n'.repeat(2_000));
    child.stdout.once('data', () => child.kill('SIGINT'));
    const [err, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')]);
    expect(code).toBe(130);
    expect(err).toMatch(/\d+ of 2000 tasks settled, .* paid, .* returned\./);
    const [job] = await ada.heap.jobs({ limit: 1 });
    expect(job).toMatchObject({ state: 'CANCELLED', held_micro: 0n });
  });

  test('a picture is rendered by tiles', async () => {
    const out = path.join(folder, 'picture.png');
    const picture = { ...PICTURE, width: 256, height: 192, iterations: 200 };
    const { tiles, cost, fuel_used } = await render(ada.heap, picture, out);
    expect(tiles).toBe(2 * 3);
    expect(cost).toBeGreaterThan(0n);
    expect(fuel_used).toBeGreaterThan(1_000_000);
    const { width, height, data } = PNG.sync.read(fs.readFileSync(out));
    expect([width, height]).toEqual([256, 192]);
    expect(new Set(Array.from({ length: width * height }, (_, i) => data.readUInt32BE(i * 4))).size).toBeGreaterThan(500);
  });

  test('nothing is wrong in the books afterwards', async () => {
    expect(await broker.broken()).toEqual([]);
  });
});

describe('notices and webhooks', () => {
  let receiver: WebhookReceiver;
  beforeAll(async () => {
    receiver = await WebhookReceiver.start();
  });
  afterAll(() => receiver?.close());

  test('a webhook is added, tried, read in its log, switched off and removed; its secret proves what it sends', async () => {
    // Of a kind that no other test makes: nothing comes but what is asked for.
    const added = await heap(['webhooks', 'add', receiver.url, '--kind', 'volume.ended', '--json'], ada.password);
    const { webhook, secret } = JSON.parse(added.out);
    expect(webhook).toMatchObject({ url: receiver.url, kinds: ['volume.ended'], state: 'ACTIVE' });
    const id: string = webhook.webhook_id;
    expect(await heap(['webhooks', 'test', id])).toMatchObject({ code: 0 });
    await expect(receiver.verified(secret)).resolves.toHaveLength(1);
    receiver.status = 500;
    expect((await heap(['webhooks', 'test', id])).code).toBe(1);
    const log = await heap(['webhooks', 'log', id]);
    expect(log.out).toMatch(/DELIVERY .*\n.* 500 .*\n.* SENT .* 200 /);
    expect((await heap(['webhooks', 'change', id, '--off', '--all-kinds'])).out).toContain('DISABLED  all');
    expect((await heap(['webhooks', 'remove', id])).code).toBe(0);
    expect((await heap(['webhooks', 'list'])).out).toContain('You have no webhooks');
    expect(await heap(['webhooks', 'test', 'mine'])).toMatchObject({ code: 2, err: expect.stringContaining('[bad_id]') });
    expect((await heap(['webhooks', 'add', receiver.url, '--kind', 'job.don'])).err).toContain('Take one of ');
  });

  test('what the heap told is listed, and can be marked as read', async () => {
    // That Ada's API key was made: the heap looks for what to tell once in a while.
    while ((await ada.heap.notices.list()).length === 0) await new Promise((resolve) => setTimeout(resolve, 200));
    const told = await heap(['notices', '--unread', '--read']);
    expect(told.out).toMatch(/^\* \S+ {2}\w+ {2}/);
    expect((await heap(['notices', '--unread'])).out).toBe('There are no notices.\n');
    expect((await heap(['notices', '--json'])).out).not.toContain('"read_at": null');
  });
});

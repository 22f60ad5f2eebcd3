import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { FakeHeap, type FakeHeapOptions } from '../../../test/support/fake-heap.js';
import { runCli } from './program.js';
import { Terminal } from './terminal.js';

const folder = mkdtempSync(join(tmpdir(), 'heap cli '));
const kept = { ...process.env };
const file = (name: string, text: string | Uint8Array): string => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};
const DOUBLE = file('double.js', 'export default (n) => { if (n === 13) throw new Error("unlucky"); return 2 * n; };');
const WASM = file('program.wasm', new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]));

let fake: FakeHeap;
async function start(options: FakeHeapOptions = {}): Promise<void> {
  fake = await FakeHeap.start(options);
  process.env.HEAP_URL = fake.url;
  process.env.HEAP_API_KEY = fake.api_key;
}
beforeEach(() => {
  process.env.HEAP_PROFILE = join(folder, 'profile.json');
  delete process.env.HEAP_URL;
  delete process.env.HEAP_API_KEY;
});
afterEach(() => fake?.close());
afterAll(() => {
  process.env = kept;
  rmSync(folder, { recursive: true });
});

/** `typed`: what a person at a terminal answers, who is then there. */
async function heap(args: string[], stdin: string | Uint8Array = '', typed?: string) {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const input: Readable & { isTTY?: boolean } = Readable.from([Buffer.from(typed ?? stdin)]);
  if (typed !== undefined) Object.assign(stderr, { isTTY: true }) && Object.assign(input, { isTTY: true });
  const seen = { out: '', err: '' };
  stdout.setEncoding('utf8').on('data', (text) => {
    seen.out += text;
  });
  stderr.setEncoding('utf8').on('data', (text) => {
    seen.err += text;
  });
  const code = await runCli(args, new Terminal(input, stdout, stderr));
  await new Promise((resolve) => setImmediate(resolve));
  return {
    code,
    ...seen,
    json: () => JSON.parse(seen.out),
    lines: () =>
      seen.out
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
  };
}

describe('heap map', () => {
  test('takes a verifier of your own, says what it may cost, and sends it beside the module', async () => {
    await start();
    const check = file('check.ts', 'export default ({ input, output }: { input: number; output: number }) => output === 2 * input;');
    const bounds = ['--max-price', '0.00001', '--budget', '0.5', '--verify-budget', '0.25', '--verify-fuel', '5_000_000'];
    const { code, err } = await heap(['map', '--yes', DOUBLE, '-', '--verify', check, ...bounds], '1\n2');
    expect([code, err]).toEqual([0, expect.stringMatching(/Your verifier: at most 0\.25 .* beside that, held too\./)]);
    const [job] = [...fake.jobs.values()];
    expect(job?.order).toMatchObject({ verification: 'L0', verifier: { codec: 'json', fuel_limit: 5_000_000, budget_micro: 250_000n } });
    expect(err).not.toContain('Level L1');
    expect(fake.asked('estimate')[0]?.body).toMatchObject({ verification: 'L0' });
    expect(job?.order.verifier?.module_hash).not.toBe(job?.order.module_hash);
    const wrong = await heap(['map', '--yes', DOUBLE, '-', '--verify', 'L9'], '1');
    expect([wrong.code, wrong.err]).toEqual([2, expect.stringContaining('L0, L1, L2, L3, L4, or a .js, .ts or .wasm file')]);
  });

  test('lines in, lines out, the price before and the cost after', async () => {
    await start();
    const { code, err, lines } = await heap(['map', '--yes', DOUBLE, '-'], '1\n\n2\n3\n');
    expect(lines()).toEqual([
      { index: 0, value: 2 },
      { index: 1, value: 4 },
      { index: 2, value: 6 },
    ]);
    expect(err).toContain('Price: 0.002 USD (simulated) per 10¹² fuel now, at most 0.004 USD (simulated). Budget: ');
    expect(err).toContain('3 done, 0 failed, 0.000009 USD (simulated) paid');
    expect(code).toBe(0);
  });

  test('what it cost does not stick to an output that ends without a line, on a terminal', async () => {
    await start({ program: () => ({ verdict: 'ok', output: new TextEncoder().encode('9') }) });
    const [stdout, stderr] = [new PassThrough(), new PassThrough()];
    const code = await runCli(['run', '--yes', WASM], new Terminal(Readable.from([]), Object.assign(stdout, { isTTY: true }), stderr));
    expect(code).toBe(0);
    expect(String(stdout.read())).toBe('9');
    expect(String(stderr.read())).toMatch(/\n\n\S+ USD \(simulated\) paid for /);
  });

  test('a failed task is a line, the others go on, the exit code says so', async () => {
    await start();
    const { code, lines } = await heap(['map', '--yes', DOUBLE, '-', '--json'], '1\n13\n2');
    expect(lines()).toMatchObject([
      { index: 0, value: 2, cost_micro: '3', verdict: 'ok', fuel_used: 1_000_000 },
      { index: 1, error: { code: 'task_failed', detail: expect.stringContaining('unlucky') } },
      { index: 2, value: 4 },
    ]);
    expect(code).toBe(1);
  });

  test('or ends everything', async () => {
    await start({ settle_ms: 1 });
    const { code, err } = await heap(['map', '--yes', DOUBLE, '-', '--fail-fast'], `13\n${'1\n'.repeat(200)}`);
    expect(code).toBe(1);
    expect(err).toContain('unlucky');
    expect(err).toMatch(/tasks settled, .* paid, .* returned\./);
    expect([...fake.jobs.values()][0]?.state).toBe('CANCELLED');
  });

  test('into a file, in order, with the terms asked for', async () => {
    await start();
    const out = join(folder, 'out.jsonl');
    const inputs = file('in.jsonl', '5\n6');
    const terms = [
      '--max-price',
      '0.00001',
      '--budget',
      '0.5',
      '--slots',
      '9',
      '--class',
      'small',
      '--fuel',
      '2_000_000',
      '--name',
      'mine',
    ];
    const { code, json } = await heap(['map', '--yes', DOUBLE, inputs, '--out', out, '--ordered', '--json', ...terms]);
    expect(code).toBe(0);
    expect(json()).toMatchObject({ done: 2, failed: 0, charged_micro: '6', out });
    expect(
      readFileSync(out, 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line).value),
    ).toEqual([10, 12]);
    expect([...fake.jobs.values()][0]?.order.verifier).toBeNull();
    expect([...fake.jobs.values()][0]?.order).toMatchObject({
      max_price_micro: 10n,
      budget_micro: 500_000n,
      slots: 9,
      slot_class: 'small',
      fuel_limit: 2_000_000,
      name: 'mine',
    });
  });

  test.each([
    ['a faulty last line costs nothing', () => ['map', DOUBLE, file('bad.jsonl', '1\n2\n{"a":')], 'bad_input', /bad\.jsonl:3 is not JSON/],
    ['a module that is not there', () => ['map', join(folder, 'absent.js'), '-'], 'no_such_file', /absent\.js/],
    ['inputs that are not there', () => ['map', DOUBLE, join(folder, 'absent.jsonl')], 'no_such_file', /absent\.jsonl/],
    ['a folder', () => ['map', folder, '-'], 'unreadable_file', /cannot be read/],
    ['an empty module', () => ['map', file('empty.js', ''), '-'], 'not_a_module', /is empty/],
    ['no inputs', () => ['map', '--yes', DOUBLE, file('none.jsonl', '\n')], 'no_inputs', /nothing was paid/],
    [
      'a closure',
      () => ['map', file('closure.js', 'export default (n) => n * rate;'), file('one.jsonl', '1')],
      'closure_captured',
      /"rate"/,
    ],
  ])('%s', async (_, args, code, sentence) => {
    await start();
    const told = await heap(args());
    expect(told.err).toMatch(sentence);
    expect(told.err).toContain(`[${code}]`);
    expect(told.out).toBe('');
    expect(told.code).toBe(2);
    expect(fake.jobs.size).toBe(0);
    expect((await heap([...args(), '--json'])).json()).toMatchObject({ code, fault: expect.any(String), detail: expect.any(String) });
  });
});

test('a path or variable that is given twice is refused, not overwritten', async () => {
  await start();
  const told = await heap(['map', DOUBLE, '-', '--file', 'a=b', '--file', 'a=c']);
  expect(told).toMatchObject({ code: 2, out: '', err: expect.stringContaining('a is given twice') });
  expect((await heap(['map', DOUBLE, '-', '--env', 'A=1', '--env', 'A=2'])).err).toContain('A is given twice');
});

describe('heap run', () => {
  test('standard input in, output out, logs and cost beside, its own exit code', async () => {
    await start({
      program: (input, args) => ({ output: Buffer.from([...input].reverse()), verdict: 'exit', exit_code: 7, logs: `args: ${args}` }),
    });
    const { code, out, err } = await heap(['run', '--yes', WASM, '--', '-x', '--json'], 'abc');
    expect(out).toBe('cba');
    expect(err).toContain('args: -x,--json\n');
    expect(err).toContain('0.000003 USD (simulated) paid for 1000000 fuel');
    expect(code).toBe(7);
  });

  test('as JSON', async () => {
    await start();
    const { json, code } = await heap(['run', '--yes', DOUBLE, '--codec', 'json', '--json'], '21');
    expect(json()).toMatchObject({ exit_code: 0, verdict: 'ok', cost_micro: '3', output_base64: Buffer.from('42').toString('base64') });
    expect(code).toBe(0);
  });

  test('a trap', async () => {
    await start();
    const { code, err, out } = await heap(['run', '--yes', DOUBLE, '--codec', 'json'], '13');
    expect(err).toContain('Task 0 failed: the program stopped with a fault: Error: unlucky. [task_failed]');
    expect(out).toBe('');
    expect(code).toBe(1);
  });
});

describe('a budget that nobody gave', () => {
  test('is asked for at a terminal, and yes runs', async () => {
    await start({ program: () => ({ output: Buffer.from('ran') }) });
    const { err, out, code } = await heap(['run', WASM], '', 'y\n');
    expect(err).toContain(
      'Expected: 10¹² fuel 0.00 to 0.004 USD (simulated), all tasks 0.00 to 0.00004 USD (simulated), first result after 0 s or more',
    );
    expect(err).toContain('Hold 0.000041 USD (simulated) and run? [y/N] ');
    expect([out, code]).toEqual(['ran', 0]);
  });

  test.each([['n\n'], ['\n'], ['yesterday\n'], ['']])('the answer %p places nothing', async (typed) => {
    await start();
    const { err, code } = await heap(['run', WASM], '', typed);
    expect(err).toContain('Nothing was placed and nothing was paid. [declined]');
    expect([code, fake.jobs.size]).toEqual([1, 0]);
  });

  test.each(['run', 'map'])('heap %s without a terminal names the flags, in words and for machines', async (command) => {
    await start();
    const args = [command, DOUBLE, ...(command === 'map' ? ['-'] : [])];
    const { err, code } = await heap(args, '1');
    expect(err).toMatch(/--budget <amount>, or accept the one shown with --yes\. \[budget_unconfirmed\]/);
    expect([code, fake.jobs.size]).toEqual([2, 0]);
    expect((await heap([...args, '--json'], '1')).json()).toMatchObject({
      code: 'budget_unconfirmed',
      details: { flags: ['--budget', '--yes'] },
    });
  });

  test('a budget that was given is no question', async () => {
    await start();
    expect((await heap(['run', DOUBLE, '--codec', 'json', '--budget', '0.01'], '21')).code).toBe(0);
  });
});

describe('TypeScript and files that import', () => {
  test('heap map takes the types away', async () => {
    await start();
    const task = file('typed.ts', 'interface In { n: number }\nexport default ({ n }: In): number => 2 * n;');
    const { lines, code } = await heap(['map', '--yes', task, '-'], '{"n": 4}');
    expect(lines()).toEqual([{ index: 0, value: 8 }]);
    expect(code).toBe(0);
  });

  test.each<[string, string, string, RegExp]>([
    [
      'more than types',
      'const a = 1;\nenum E { A }\nexport default () => a;',
      'more_than_types',
      /wrong\.ts:2 has an enum, .* write a constant object/,
    ],
    ['a closure', 'export default (n: number): number =>\n  n * rate;', 'closure_captured', /"rate" \(wrong\.ts:2\)/],
    [
      'what tasks lack',
      'export default (): string =>\n  process.cwd();',
      'not_in_task',
      /"process" \(wrong\.ts:2\), which tasks do not have/,
    ],
    [
      'a part of Node.js',
      'import fs from "node:fs";\nexport default () => fs;',
      'imports_refused',
      /wrong\.ts:1 imports "node:fs", which is a part of/,
    ],
    [
      'an import that is not there',
      '\nimport x from "./x";\nexport default () => x;',
      'imports_refused',
      /wrong\.ts:2 imports "\.\/x", which is not there/,
    ],
  ])('%s is refused with its line before anything is sent', async (_, source, code, sentence) => {
    await start();
    const told = await heap(['run', '--yes', file('wrong.ts', source)]);
    expect(told.err).toMatch(sentence);
    expect(told.err).toContain(`[${code}]`);
    expect(told.code).toBe(2);
    expect(fake.requests).toEqual([]);
  });
});

describe('the account', () => {
  test('balance and deposit', async () => {
    await start({ balance_micro: 1_234n });
    expect((await heap(['balance'])).out).toContain('To spend:  0.001234 USD (simulated)');
    expect((await heap(['balance', '--json'])).json()).toMatchObject({
      developer: { available_micro: '1234' },
      owner: { earned_micro: '1234' },
    });
    expect((await heap(['deposit', '2.5'])).out).toBe('Added 2.50 USD (simulated).\n');
    expect(fake.balance_micro).toBe(2_501_234n);
  });

  test('jobs, one job, its receipt and its results', async () => {
    await start();
    expect((await heap(['jobs'])).out).toContain('You have no jobs');
    await heap(['map', '--yes', DOUBLE, '-'], '1\n13');
    const [{ id }] = (await heap(['jobs', '--json'])).json();
    expect((await heap(['jobs'])).out).toMatch(/double\.js +DONE +2\/2 \(1 failed\) +0\.000006 USD/);
    expect((await heap(['job', id])).out).toContain('2 in all, 1 done, 1 failed');
    expect((await heap(['job', id, '--receipt'])).out).toContain('Charged 0.000006 USD (simulated) for 2 tasks');
    expect((await heap(['job', id, '--receipt', '--json'])).json()).toMatchObject({ charged_micro: '6', lines: [{ tasks: 2 }] });
    expect((await heap(['job', id, '--results'])).lines()).toMatchObject([
      { index: 0, value: 2 },
      { index: 1, error: { code: 'task_failed' } },
    ]);
    expect((await heap(['job', id, '--watch', '--json'])).lines()).toMatchObject([{ state: 'DONE' }]);
    expect((await heap(['job', id, '--cancel', '--json'])).json()).toMatchObject({ state: 'DONE' });
  });

  test('modules with both their hashes', async () => {
    await start();
    expect((await heap(['modules'])).out).toContain('You have put no modules');
    await heap(['map', '--yes', DOUBLE, '-'], '1');
    const [listed] = (await heap(['modules', '--json'])).json();
    expect(listed).toMatchObject({ kind: 'javascript', hash: expect.stringMatching(/^[0-9a-f]{64}$/), meter_id: 'fake' });
    expect((await heap(['modules'])).out).toMatch(
      new RegExp(`MODULE +METERED +METER +KIND +BYTES +PUT\\n${listed.hash} +${listed.metered_hash}`),
    );
  });

  test('login keeps address and key for its owner only, and only a key that works', async () => {
    await start();
    const { HEAP_URL: url = '' } = process.env;
    delete process.env.HEAP_URL;
    delete process.env.HEAP_API_KEY;
    expect((await heap(['login', url], 'oh_wrong\n')).code).toBe(4);
    expect((await heap(['login', url], `${fake.api_key}\n`)).out).toContain('You are Ada <ada@example.org>');
    const profile = join(folder, 'profile.json');
    expect(statSync(profile).mode & 0o777).toBe(0o600);
    expect((await heap(['nodes'])).out).toContain('You have no devices');
    const { out } = await heap(['nodes', '--enrol']);
    expect(out).toContain(`npx heap agent AAAA-BBBB-CCCC-DDDD --url ${url}`);
    expect(out).toContain('https://heap.example.org/join#AAAA-BBBB-CCCC-DDDD');
    rmSync(profile);
  });
});

describe('what is wrong has a sentence, a code and an exit code', () => {
  test.each<[string, string[], number, RegExp]>([
    ['no command', [], 2, /Usage: heap/],
    ['an unknown command', ['mpa'], 2, /unknown command 'mpa'/],
    ['a missing argument', ['map', DOUBLE], 2, /missing required argument 'inputs'/],
    ['an unknown option', ['jobs', '--lots'], 2, /unknown option '--lots'/],
    ['a bad number', ['jobs', '--limit', '1000'], 2, /whole number from 1 to 100/],
    ['a bad amount', ['deposit', '1,50'], 2, /write digits with at most six decimals/],
    ['a bad class', ['map', DOUBLE, '-', '--class', 'huge'], 2, /Allowed choices are nano, micro, small, large/],
    ['a bad id', ['job', '12'], 2, /is not the id of a job/],
    ['the id of no job to object to', ['object', '12', '--because', 'wrong'], 2, /`heap jobs` lists them\. \[bad_id\]/],
    ['no places of tasks', ['object', '12', '--because', 'wrong', '--tasks', 'a,b'], 2, /whole number/],
    ['the id of no penalty', ['penalties', '--appeal', 'mine'], 2, /`heap penalties` lists them\. \[bad_id\]/],
    ['the id of no deposit', ['refund', 'mine'], 2, /`heap deposits` lists them\. \[bad_id\]/],
    ['more than any amount', ['deposit', '1000000000'], 2, /less than 1000000000/],
    ['a job of nobody', ['job', '0190a0a0-0000-7000-8000-000000000000'], 2, /You have no such job/],
  ])('%s', async (_, args, code, sentence) => {
    await start();
    const told = await heap(args);
    expect(told.err).toMatch(sentence);
    expect(told.out).toBe('');
    expect(told.code).toBe(code);
    if (args.length)
      expect((await heap([...args, '--json'])).json()).toMatchObject({ code: expect.any(String), detail: expect.any(String) });
  });

  test('no heap, no key, no money', async () => {
    expect(await heap(['balance'])).toMatchObject({ code: 3, err: expect.stringContaining('npx heap dev') });
    await start({ balance_micro: 0n });
    expect(await heap(['map', '--yes', DOUBLE, '-'], '1')).toMatchObject({ code: 5, err: expect.stringContaining('[insufficient_funds]') });
    process.env.HEAP_API_KEY = 'oh_wrong';
    expect(await heap(['balance'])).toMatchObject({ code: 4, err: expect.stringContaining('[unauthenticated]') });
    delete process.env.HEAP_API_KEY;
    expect(await heap(['balance'])).toMatchObject({ code: 4, err: expect.stringContaining('[no_api_key]') });
  });

  test('a budget that runs out', async () => {
    await start();
    const { code, err } = await heap(['map', '--yes', DOUBLE, '-', '--budget', '0.000009', '--max-price', '0.1'], '1\n'.repeat(10));
    expect(err).toContain('3 of 10 tasks settled, 0.000009 USD (simulated) paid');
    expect(code).toBe(5);
  });

  test('help and version are no errors', async () => {
    expect(await heap(['--version'])).toMatchObject({ code: 0, out: '0.1.0\n' });
    const help = await heap(['--help']);
    expect(help.code).toBe(0);
    expect(help.out).toContain('Exit codes: 0 ok');
  });
});

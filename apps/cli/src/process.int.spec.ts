import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { FakeHeap, type FakeHeapOptions } from '../../../test/support/fake-heap.js';

const MAIN = fileURLToPath(new URL('./main.js', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'heap process '));
const DOUBLE = join(folder, 'double.js');
writeFileSync(DOUBLE, 'export default (n) => 2 * n;');

let fake: FakeHeap;
afterEach(() => fake.close());
afterAll(() => rmSync(folder, { recursive: true }));

async function start(options: FakeHeapOptions, args: string[]) {
  fake = await FakeHeap.start(options);
  const env = { ...process.env, HEAP_URL: fake.url, HEAP_API_KEY: fake.api_key };
  const child = spawn(process.execPath, [MAIN, ...args], { env, stdio: 'pipe' });
  const exit = once(child, 'exit').then(([code]) => code as number);
  return { child, exit };
}

test('standard output holds JSON lines and nothing else', async () => {
  const { child, exit } = await start({}, ['map', '--yes', DOUBLE, '-', '--json']);
  child.stdin.end(Array.from({ length: 1_500 }, (_, i) => `${i}\n`).join(''));
  const [out, err, code] = await Promise.all([text(child.stdout), text(child.stderr), exit]);
  const values = out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(values).toHaveLength(1_500);
  expect(values.every(({ index, value }) => value === 2 * index)).toBe(true);
  expect(err).not.toContain('\u001b');
  expect(code).toBe(0);
});

test('Ctrl-C cancels the job, says what was paid and ends with 130', async () => {
  const { child, exit } = await start({ settle_ms: 20 }, ['map', '--yes', DOUBLE, '-']);
  child.stdin.end('1\n'.repeat(500));
  child.stdout.once('data', () => child.kill('SIGINT'));
  const [err, code] = await Promise.all([text(child.stderr), exit]);
  expect(err).toMatch(/\d+ of 500 tasks settled, 0\.0000\d+ USD \(simulated\) paid, .* returned\./);
  expect(err).toContain('heap: Interrupted. [interrupted]');
  expect(code).toBe(130);
  expect([...fake.jobs.values()][0]?.state).toBe('CANCELLED');
});

test('a reader that leaves cancels the job', async () => {
  const { child, exit } = await start({ settle_ms: 5 }, ['map', '--yes', DOUBLE, '-']);
  child.stdin.end('1\n'.repeat(500));
  child.stdout.once('data', () => child.stdout.destroy());
  expect(await exit).toBe(130);
  expect([...fake.jobs.values()][0]?.state).toBe('CANCELLED');
});

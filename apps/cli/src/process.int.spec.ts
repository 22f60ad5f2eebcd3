import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
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

test("an owner's words go to the agent's own program, with their options, and its exit code comes back", async () => {
  const dir = join(folder, 'agent');
  mkdirSync(dir);
  const ask = async (...args: string[]) => {
    const { child, exit } = await start({}, ['agent', ...args, '--dir', dir]);
    const [out, err, code] = await Promise.all([text(child.stdout), text(child.stderr), exit]);
    await fake.close();
    return { out, err, code };
  };
  expect(await ask('status')).toMatchObject({ code: 1, out: '', err: expect.stringContaining('No agent of yours runs on') });
  const ruled = await ask('rules', '--none', '--hours', 'mon-fri 22-6', '--time-zone', 'Europe/Berlin', '--battery', '70', '--json');
  const rules = { hours: [{ weekdays: [1, 2, 3, 4, 5], from_minute: 1_320, to_minute: 360 }], battery: { leave: 0.7 }, charging: false };
  expect(JSON.parse(ruled.out)).toMatchObject(rules);
  // The agent that is started next reads them.
  expect((await ask('rules')).out).toContain('Mon, Tue, Wed, Thu, Fri 22:00-06:00 (Europe/Berlin)');
}, 240_000); // programs that start programs

test('what an agent has to sell is said to the command, and the agent says what is wrong with it', async () => {
  const { child, exit } = await start({}, ['agent', '--storage', 'lots', '--standing-slots', '2']);
  const [err, code] = await Promise.all([text(child.stderr), exit]);
  expect([code, err]).toEqual([1, expect.stringContaining('HEAP_AGENT_STORAGE is "lots"')]);
});

import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

interface Supervised {
  started: Promise<string | undefined>;
  stop(): Promise<void>;
}
interface Options {
  name: string;
  args: string[];
  env: NodeJS.ProcessEnv;
  log_file: string;
  ready: RegExp;
  onExit: () => void;
}

const supervisor: string = path.resolve(import.meta.dirname, '../../../infra/local/supervised.mjs');
let dir: string;
beforeAll(() => {
  dir = fs.mkdtempSync(path.join(os.tmpdir(), 'heap supervised '));
});
afterAll(() => fs.rmSync(dir, { recursive: true, force: true }));

/** Lets a program die so many times. @returns the waits between its deaths in ms, and its log. */
async function deathsOf(
  count: number,
  program: string,
): Promise<{ waits_ms: number[]; started: Promise<string | undefined>; log: string }> {
  const { supervise } = (await import(supervisor)) as { supervise: (options: Options) => Supervised };
  const log_file = path.join(dir, 'child.log');
  fs.writeFileSync(log_file, '');
  const deaths_ms: number[] = [];
  const child = supervise({
    name: 'child',
    args: ['-e', program],
    env: {},
    log_file,
    ready: /ready as (\w+)/,
    onExit: () => deaths_ms.push(performance.now()),
  });
  child.started.catch(() => {});
  while (deaths_ms.length < count) await sleep(20);
  await child.stop();
  const waits_ms = deaths_ms.slice(1).map((at_ms, i) => at_ms - (deaths_ms[i] as number));
  return { waits_ms, started: child.started, log: fs.readFileSync(log_file, 'utf8') };
}

test('what never becomes ready is started later each time, and its last words are the reason', async () => {
  const { waits_ms, started } = await deathsOf(4, 'console.error("no luck"); process.exit(3)');
  expect(waits_ms[0]).toBeGreaterThan(240);
  expect(waits_ms[1]).toBeGreaterThan(490);
  expect(waits_ms[2]).toBeGreaterThan(990);
  await expect(started).rejects.toThrow('no luck');
});

test('what was ready is started again at once, however short it lived', async () => {
  const { waits_ms, started, log } = await deathsOf(
    7,
    'console.log("ready as usual"); setTimeout(() => process.kill(process.pid, 9), 100)',
  );
  expect(await started).toBe('usual');
  expect(log.split('\n').filter((line) => line === 'ready as usual').length).toBeGreaterThanOrEqual(4);
  // With the doubling the sixth wait would be 8 s; without, it is 250 ms and the time of a start.
  expect(waits_ms[5]).toBeLessThan(7_000);
});

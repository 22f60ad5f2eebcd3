import fs from 'node:fs';
import path from 'node:path';

interface Result {
  testResults: { fullName: string; status: string; failureMessages: string[] }[];
}
type Runner = new (
  config: object,
) => {
  runTests(
    tests: object[],
    watcher: object,
    start: (test: Given) => void,
    result: (test: Given, result: Result) => void,
    failure: () => void,
  ): Promise<void>;
};

interface Given {
  path: string;
  context: object;
}

const ROOT = path.resolve(import.meta.dirname, '../../..');

async function runner(config: object = {}) {
  const { default: Runner } = (await import(path.join(ROOT, 'infra/local/jest/runner.mjs'))) as { default: Runner };
  return new Runner({ maxWorkers: 1, testTimeout: 5_000, ...config });
}
const given = (file: string): Given => ({
  path: path.join(ROOT, 'test/infra/fixtures', file),
  context: { config: { setupFiles: [], rootDir: ROOT, testMatch: [] } },
});

/** What the runner says of a file of test/infra/fixtures; null where it could not run it. */
async function outcomesOf(file: string, config: object = {}): Promise<Result | null> {
  let told: Result | null = null;
  await (await runner(config)).runTests(
    [given(file)],
    { isInterrupted: () => false },
    () => {},
    (_, result) => {
      told = result;
    },
    () => {},
  );
  return told;
}

test('the runner lets no failure pass, whoever waits for it, and goes on', async () => {
  const outcomes = await outcomesOf('outcomes.mjs');
  expect(outcomes?.testResults.map(({ fullName, status }) => [fullName, status])).toEqual([
    ['passes', 'passed'],
    ['fails', 'failed'],
    ['rejects where nobody waits', 'failed'],
    ['rejects and is waited for later', 'passed'],
    ['throws in a timer', 'failed'],
    ['promises more than it expects', 'failed'],
    ['waits in vain', 'failed'],
    ['under a hook that fails does not pass', 'failed'],
    ['is skipped', 'pending'],
  ]);
});

test('a pattern of names leaves the others out', async () => {
  const outcomes = await outcomesOf('outcomes.mjs', { testNamePattern: '^passes$' });
  expect(outcomes?.testResults.filter(({ status }) => status !== 'pending').map(({ fullName }) => fullName)).toEqual(['passes']);
});

test('a file that does not load is a failure', async () => {
  expect(await outcomesOf('nothing.mjs')).toBeNull();
});

test('a file that asks for the machine begins when the others have ended', async () => {
  const told: string[] = [];
  const tell = (what: string) => (file: Given) => void told.push(`${path.basename(file.path)} ${what}`);
  const files = ['own-machine.mjs', 'outcomes.mjs', 'outcomes.mjs', 'own-machine.mjs'].map(given);
  await (await runner({ maxWorkers: 2 })).runTests(files, { isInterrupted: () => false }, tell('begins'), tell('ends'), () => {});
  expect(told).toEqual([
    ...['outcomes.mjs begins', 'outcomes.mjs begins', 'outcomes.mjs ends', 'outcomes.mjs ends'],
    ...['own-machine.mjs begins', 'own-machine.mjs ends', 'own-machine.mjs begins', 'own-machine.mjs ends'],
  ]);
});

test('what a test file asks of the runner is still there when it is compiled', () => {
  const asks = /@own-(?:machine|process)/;
  const asking = ['apps', 'libs', 'test']
    .flatMap((folder) =>
      fs.readdirSync(path.join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map((name) => path.join(folder, name)),
    )
    .filter((name) => /\.(?:int\.spec|e2e|browser|chaos)\.ts$/.test(name) && asks.test(fs.readFileSync(path.join(ROOT, name), 'utf8')));
  expect(asking.length).toBeGreaterThan(10);
  const lost = asking.filter((name) => !asks.test(fs.readFileSync(path.join(ROOT, 'dist', name.replace(/ts$/, 'js')), 'utf8')));
  expect(lost).toEqual([]);
});

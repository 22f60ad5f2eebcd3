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
    start: () => void,
    result: (test: object, result: Result) => void,
    failure: () => void,
  ): Promise<void>;
};

const ROOT = path.resolve(import.meta.dirname, '../../..');

/** What the runner says of a file of test/infra/fixtures; null where it could not run it. */
async function outcomesOf(file: string, config: object = {}): Promise<Result | null> {
  const { default: Runner } = (await import(path.join(ROOT, 'infra/local/jest/runner.mjs'))) as { default: Runner };
  const test = {
    path: path.join(ROOT, 'test/infra/fixtures', file),
    context: { config: { setupFiles: [], rootDir: ROOT, testMatch: [] } },
  };
  const runner = new Runner({ maxWorkers: 1, testTimeout: 5_000, ...config });
  let told: Result | null = null;
  await runner.runTests(
    [test],
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

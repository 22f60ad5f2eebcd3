// Runs test files given by `runner.mjs`, one after another, on Jest's own circus and expectations.
import { setImmediate as turn } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { jestExpect } from '@jest/expect';
import { ModernFakeTimers } from '@jest/fake-timers';
import * as circus from 'jest-circus';

const { describe, test, beforeAll, beforeEach, afterAll, afterEach } = circus;
/** Of Jest's own object only its clock: nothing here is mocked. */
const jest = new ModernFakeTimers({ config: { fakeTimers: {} }, global: globalThis });
Object.assign(globalThis, { jest, expect: jestExpect, describe, test, it: circus.it, beforeAll, beforeEach, afterAll, afterEach });

let file;
/** Thrown where nobody waited: it fails the test that runs, or the file between its tests. */
const strays = new Map();
process.on('uncaughtException', (error) => void strays.set({}, error));
process.on('unhandledRejection', (error, promise) => void strays.set(promise, error));
process.on('rejectionHandled', (promise) => void strays.delete(promise));
async function takeStrays() {
  // A rejection is unhandled only when the turn that it came in is over.
  await turn();
  const errors = [...strays.values()];
  strays.clear();
  return errors;
}

circus.addEventHandler(async (event) => {
  if (event.name === 'test_start') {
    const names = [];
    for (let at = event.test; at.parent; at = at.parent) names.unshift(at.name);
    jestExpect.setState({ testPath: file, currentTestName: names.join(' '), assertionCalls: 0, suppressedErrors: [] });
  }
  if (event.name === 'test_done') {
    event.test.errors.push(...(await takeStrays()));
    event.test.errors.push(...jestExpect.getState().suppressedErrors);
    for (const { error } of jestExpect.extractExpectedAssertionsErrors()) event.test.errors.push(error);
  }
});

const STATUS = { skip: 'pending', todo: 'todo' };
function assertionOf({ testPath, status, errors, duration, failing, invocations, numPassingAsserts }) {
  const [, ...names] = testPath;
  return {
    ancestorTitles: names.slice(0, -1),
    title: names.at(-1),
    fullName: names.join(' '),
    status: STATUS[status] ?? (errors.length > 0 ? 'failed' : 'passed'),
    duration,
    failing,
    invocations,
    numPassingAsserts,
    failureDetails: [],
    failureMessages: errors,
    retryReasons: [],
    location: null,
  };
}

async function run({ setup_files, name_pattern, timeout_ms }) {
  const start = Date.now();
  for (const setup of setup_files) await import(pathToFileURL(setup));
  circus.resetState();
  const state = circus.getState();
  state.testTimeout = timeout_ms;
  if (name_pattern) state.testNamePattern = new RegExp(name_pattern, 'i');
  await import(pathToFileURL(file));
  const { testResults, unhandledErrors } = await circus.run();
  const strayed = (await takeStrays()).map((error) => String(error?.stack ?? error));
  return {
    assertions: testResults.map(assertionOf),
    unhandled: [...unhandledErrors, ...strayed],
    start,
    end: Date.now(),
    memory_mib: process.memoryUsage.rss() / 1_048_576,
  };
}

process.on('message', async (request) => {
  ({ file } = request);
  try {
    process.send(await run(request));
  } catch (error) {
    process.send({ failure: { message: String(error?.message ?? error), stack: String(error?.stack ?? error) } });
  }
});
process.on('disconnect', () => process.exit());

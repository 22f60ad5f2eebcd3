// A runner for Jest that gives each worker one ordinary Node.js process, in which the files given to it run one after another and share what
// they import. Jest's own runner loads every file's imports into a context of its own: here that was the whole broker, a hundred times.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { createEmptyTestResult } from '@jest/test-result';
import { formatResultsErrors } from 'jest-message-util';

const PROCESS = path.join(import.meta.dirname, 'process.mjs');
/** A process that holds more after a file gives way to a fresh one. */
const MEMORY_MIB_MAX = 1_500;
/** A file that says so in a comment begins in a fresh process: for what counts in a process. */
const OWN_PROCESS = '@own-process';
/** A file that says so runs when the others are done, with none beside it: for what measures time, or kills by the clock. */
const OWN_MACHINE = '@own-machine';

export default class Runner {
  constructor(globalConfig) {
    this.globalConfig = globalConfig;
  }

  async runTests(tests, watcher, onStart, onResult, onFailure) {
    const workers = Math.min(this.globalConfig.maxWorkers, tests.length);
    const [left, alone] = [tests.filter((test) => !says(test, OWN_MACHINE)), tests.filter((test) => says(test, OWN_MACHINE))];
    await this.#runAll(left, workers, watcher, onStart, onResult, onFailure);
    await this.#runAll(alone, 1, watcher, onStart, onResult, onFailure);
  }

  async #runAll(left, workers, watcher, onStart, onResult, onFailure) {
    const work = async () => {
      let child = null;
      for (let test = left.shift(); test && !watcher.isInterrupted(); test = left.shift()) {
        await onStart(test);
        if (child && says(test, OWN_PROCESS)) child = await stop(child);
        child ??= this.#start();
        try {
          const { memory_mib, ...result } = await run(child, this.#request(test));
          await onResult(test, this.#report(test, result));
          if (memory_mib > MEMORY_MIB_MAX) child = await stop(child);
        } catch (error) {
          await onFailure(test, { message: error.message, stack: error.stack });
          child = await stop(child);
        }
      }
      if (child) await stop(child);
    };
    await Promise.all(Array.from({ length: workers }, work));
  }

  #start() {
    return fork(PROCESS, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], serialization: 'advanced' });
  }

  #request({ path: file, context }) {
    const { testNamePattern, testTimeout } = this.globalConfig;
    const { setupFiles } = context.config;
    return { file, setup_files: setupFiles, name_pattern: testNamePattern ?? null, timeout_ms: testTimeout ?? 5_000 };
  }

  #report({ path: file, context }, { assertions, unhandled, start, end }) {
    const { config } = context;
    const count = (status) => assertions.filter((assertion) => assertion.status === status).length;
    const runtime = end - start;
    return {
      ...createEmptyTestResult(),
      displayName: config.displayName,
      failureMessage: [formatResultsErrors(assertions, config, this.globalConfig, file), ...unhandled].filter(Boolean).join('\n') || null,
      numFailingTests: count('failed'),
      numPassingTests: count('passed'),
      numPendingTests: count('pending'),
      numTodoTests: count('todo'),
      perfStats: { ...createEmptyTestResult().perfStats, start, end, runtime, slow: runtime / 1_000 > config.slowTestThreshold },
      testExecError: unhandled.length > 0 ? { message: '', stack: unhandled.join('\n') } : undefined,
      testFilePath: file,
      testResults: assertions,
    };
  }
}

const says = ({ path: file }, marker) => fs.existsSync(file) && fs.readFileSync(file, 'utf8').includes(marker);

async function run(child, request) {
  const over = new AbortController();
  child.send(request);
  const died = once(child, 'exit', over).then(([code, signal]) => {
    throw new Error(`the process that ran this file ended with ${signal ?? code}`);
  });
  const [answer] = await Promise.race([once(child, 'message', over), died]).finally(() => {
    died.catch(() => undefined);
    over.abort();
  });
  if (answer.failure) throw Object.assign(new Error(answer.failure.message), { stack: answer.failure.stack });
  return answer;
}

async function stop(child) {
  if (child.exitCode === null && child.signalCode === null) {
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  return null;
}

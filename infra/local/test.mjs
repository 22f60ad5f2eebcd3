// `npm test`: Jest on the compiled output, then the plain closing line `N passed, N failed`.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '../..');
const reports = fs.mkdtempSync(path.join(os.tmpdir(), 'heap-jest-'));
const args = [path.join(root, 'node_modules/jest/bin/jest.js')];
/** `--project=unit` before or after patterns: Jest's own --selectProjects would take the patterns for projects. */
const given = process.argv.slice(2);
const named = given.filter((arg) => arg.startsWith('--project=')).map((arg) => arg.slice('--project='.length));
/** For CI, on a machine whose neighbours nobody knows: a few files that failed run once more by themselves, and are named. */
const again = given.includes('--again');
const rest = given.filter((arg) => !arg.startsWith('--project=') && arg !== '--again');

/** Files share nothing and wait a good deal: two at a time finish sooner. What measures time has the machine to itself (`@own-machine`). */
const WORKERS = 2;
const PASSES = [
  ['unit', 'int', 'e2e'],
  ['browser', 'chaos'],
];
const passes = PASSES.map((projects) => projects.filter((name) => named.length === 0 || named.includes(name)));
const SLOWEST = 8;
/** More files than this do not fail by accident. */
const AGAIN_MAX = 3;

async function run(projects, report, workers, patterns) {
  const jest = spawn(
    process.execPath,
    [
      ...args,
      '--json',
      `--outputFile=${report}`,
      '--passWithNoTests',
      ...patterns,
      `--maxWorkers=${workers}`,
      '--selectProjects',
      ...projects,
    ],
    { cwd: root, stdio: ['inherit', 'ignore', 'inherit'] },
  );
  const [code] = await once(jest, 'exit');
  return { code, ...JSON.parse(fs.readFileSync(report, 'utf8')) };
}

const countOf = ({ assertionResults }, ...statuses) => assertionResults.filter(({ status }) => statuses.includes(status)).length;

async function pass(projects, i) {
  const result = await run(projects, path.join(reports, `${i}.json`), WORKERS, rest);
  const failed = result.testResults.filter(({ status }) => status === 'failed');
  if (!again || failed.length === 0 || failed.length > AGAIN_MAX) return result;
  const names = failed.map(({ name }) => name);
  const second = await run(projects, path.join(reports, `${i}-again.json`), 1, ['--runTestsByPath', ...names]);
  for (const { name, assertionResults } of failed) {
    const what = assertionResults.flatMap(({ status, fullName }) => (status === 'failed' ? [fullName] : []));
    const now = second.testResults.find((file) => file.name === name)?.status ?? 'not run';
    console.error(`unsteady: ${path.relative(root, name)}: failed, and ${now} by itself: ${what.join('; ') || 'it did not load'}`);
  }
  const ran = second.testResults.map(({ name }) => name);
  const once_only = result.testResults.filter(({ name }) => !ran.includes(name));
  const sum = (...statuses) => once_only.reduce((all, file) => all + countOf(file, ...statuses), 0);
  return {
    code: ran.length === names.length ? second.code : result.code,
    numPassedTests: sum('passed') + second.numPassedTests,
    numFailedTests: sum('failed') + second.numFailedTests,
    numFailedTestSuites: once_only.filter(({ status }) => status === 'failed').length + second.numFailedTestSuites,
    numPendingTests: sum('pending', 'todo', 'skipped') + second.numPendingTests,
    testResults: [...once_only, ...second.testResults],
  };
}

const unknown = named.filter((name) => !PASSES.flat().includes(name));
if (unknown.length > 0) {
  console.error(`test: there is no project ${unknown.join(', ')}; there are ${PASSES.flat().join(', ')}`);
  process.exit(2);
}
const total = { passed: 0, failed: 0, skipped: 0 };
const files = [];
process.exitCode = 0;
try {
  for (const [i, projects] of passes.entries()) {
    if (projects.length === 0) continue;
    const result = await pass(projects, i);
    total.passed += result.numPassedTests;
    // A suite that does not even load fails no single test; it must still count.
    total.failed += Math.max(result.numFailedTests, result.numFailedTestSuites ? 1 : 0);
    total.skipped += result.numPendingTests;
    files.push(...result.testResults);
    if (result.code !== 0) process.exitCode = result.code ?? 1;
  }
  if (total.passed + total.failed === 0) {
    console.error('test: no test has run');
    process.exitCode = 1;
  }
  const slow = files.map(({ name, startTime, endTime }) => ({ name: path.relative(root, name), s: (endTime - startTime) / 1_000 }));
  if (files.length > SLOWEST) {
    const lines = slow.sort((a, b) => b.s - a.s).slice(0, SLOWEST);
    console.error(`slowest:\n${lines.map(({ name, s }) => `  ${s.toFixed(1).padStart(6)} s  ${name}`).join('\n')}`);
  }
  for (const { name, message, assertionResults } of files) {
    for (const { status, fullName } of assertionResults)
      if (status === 'failed') console.error(`failed: ${path.relative(root, name)}: ${fullName}`);
    if (message && assertionResults.length === 0) console.error(`failed: ${path.relative(root, name)} did not load`);
  }
} catch (error) {
  console.error(`test: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
} finally {
  fs.rmSync(reports, { recursive: true, force: true });
}
console.log(`${total.passed} passed, ${total.failed} failed${total.skipped ? `, ${total.skipped} skipped` : ''}`);

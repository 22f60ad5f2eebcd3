// `npm test`: Jest on the compiled output, then the plain closing line `N passed, N failed`.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '../..');
const report = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'heap-jest-')), 'report.json');
const args = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', path.join(root, 'node_modules/jest/bin/jest.js')];
/** `--project=unit` before or after patterns: Jest's own --selectProjects would take the patterns for projects. */
const given = process.argv.slice(2);
const projects = given.filter((arg) => arg.startsWith('--project=')).map((arg) => arg.slice('--project='.length));
const rest = given.filter((arg) => !arg.startsWith('--project='));
const select = projects.length > 0 ? ['--selectProjects', ...projects] : [];
// Unit tests share nothing and may use every core; the others bring servers and agents of their own.
const workers = projects.join() === 'unit' ? ['--maxWorkers=100%'] : [];
const jest = spawn(process.execPath, [...args, '--json', `--outputFile=${report}`, ...rest, ...workers, ...select], {
  cwd: root,
  stdio: ['inherit', 'ignore', 'inherit'],
});
jest.on('exit', (code) => {
  try {
    const { numPassedTests, numFailedTests, numPendingTests, numFailedTestSuites } = JSON.parse(fs.readFileSync(report, 'utf8'));
    // A suite that does not even load fails no single test; it must still count.
    const failed = Math.max(numFailedTests, numFailedTestSuites ? 1 : 0);
    console.log(`${numPassedTests} passed, ${failed} failed${numPendingTests ? `, ${numPendingTests} skipped` : ''}`);
  } finally {
    fs.rmSync(path.dirname(report), { recursive: true, force: true });
    process.exitCode = code ?? 1;
  }
});

import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { lockFolder } from './lock.js';

let dir = '';
beforeEach(() => {
  dir = fs.mkdtempSync(path.join(os.tmpdir(), 'lock '));
});
afterEach(() => fs.rmSync(dir, { recursive: true }));

test('one agent per directory, the next one after it has gone', () => {
  const unlock = lockFolder(dir);
  expect(() => lockFolder(dir)).toThrow(/already uses .*HEAP_AGENT_DIR/);
  unlock();
  lockFolder(dir)();
  expect(fs.readdirSync(dir)).toEqual([]);
});

test('a lock whose process is dead is taken over', async () => {
  const child = spawn(process.execPath, ['-e', '0']);
  await new Promise((resolve) => child.once('exit', resolve));
  fs.writeFileSync(path.join(dir, 'agent.lock'), `${child.pid} 12345`);
  lockFolder(dir)();
});

test.each(['', 'nonsense', '-1 5', '999999999999 1', `${process.pid} 1`])(
  'a lock that names no living process is taken over: "%s"',
  (content) => {
    // A number may belong to another process by now: its start tells.
    if (content.startsWith(`${process.pid} `) && process.platform !== 'linux') return;
    fs.writeFileSync(path.join(dir, 'agent.lock'), content);
    lockFolder(dir)();
  },
);

import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { HeapError } from '#units';
import { askAgent } from './client.js';
import type { ControlStatus } from './messages.js';
import { controlPlace } from './place.js';
import { type Answer, listenToOwner } from './server.js';

let dir = '';
let close: () => Promise<void> = async () => {};
beforeEach(() => {
  dir = fs.mkdtempSync(path.join(os.tmpdir(), 'agent '));
});
afterEach(async () => {
  await close();
  fs.rmSync(dir, { recursive: true });
});

const echo: Answer = async (asked) => asked as never;
const posix = process.platform === 'win32' ? test.skip : test;

test('asks and is answered, many at a time', async () => {
  close = await listenToOwner(dir, echo);
  const all = await Promise.all(Array.from({ length: 20 }, () => askAgent<'pause'>(dir, { do: 'pause', for_ms: 5 })));
  expect(all).toEqual(Array.from({ length: 20 }, () => ({ do: 'pause', for_ms: 5 })));
});

posix('nobody else may speak to it', async () => {
  close = await listenToOwner(dir, echo);
  expect(fs.statSync(controlPlace(dir)).mode & 0o777).toBe(0o600);
});

posix('a folder with a long name has its socket elsewhere, in a folder for this user alone', async () => {
  const long = path.join(dir, 'x'.repeat(120));
  fs.mkdirSync(long);
  close = await listenToOwner(long, echo);
  expect(controlPlace(long).length).toBeLessThan(104);
  expect(fs.statSync(path.dirname(controlPlace(long))).mode & 0o777).toBe(0o700);
  expect(await askAgent<'status'>(long, { do: 'status' })).toEqual({ do: 'status' });
});

test('what a killed agent left is in nobody’s way', async () => {
  const left = net.createServer().listen(controlPlace(dir));
  await new Promise((resolve) => left.once('listening', resolve));
  close = await listenToOwner(dir, echo);
  expect(await askAgent<'status'>(dir, { do: 'status' })).toEqual({ do: 'status' });
  left.close();
});

test('no agent is said to be none', async () => {
  await expect(askAgent<'status'>(dir, { do: 'status' })).rejects.toMatchObject({ code: 'agent_not_running' });
});

test('errors travel with their codes', async () => {
  close = await listenToOwner(dir, () => Promise.reject(new HeapError('invalid_rules', 'No.', 'owner')));
  await expect(askAgent<'rules'>(dir, { do: 'rules', rules: {} })).rejects.toMatchObject({ code: 'invalid_rules', message: 'No.' });
});

test.each(['what?', '{"do":"format"}', '{"do":"pause","for_ms":-1}'])('says that it does not understand %s', async (line) => {
  close = await listenToOwner(dir, async () => ({}) as ControlStatus);
  const answer = await new Promise<string>((resolve) => {
    const socket = net.connect(controlPlace(dir), () => socket.write(`${line}\n`));
    socket.on('data', (data) => resolve(String(data)));
  });
  expect(JSON.parse(answer)).toMatchObject({ error: { code: 'malformed_request' } });
});

test('closes although somebody holds the line', async () => {
  const stop = await listenToOwner(dir, echo);
  const socket = net.connect(controlPlace(dir));
  await new Promise((resolve) => socket.once('connect', resolve));
  const gone = new Promise((resolve) => socket.once('close', resolve));
  await stop();
  await gone;
});

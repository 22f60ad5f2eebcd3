import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { admitModule } from '#sandbox/node';
import { CODE, LEASE_ID, sha256, TinyHeap } from '../support/tiny-heap.js';
import { wat } from '../support/wat.js';

const root = process.cwd();
/** Another Node.js to try: `BUNDLE_NODE=/path/to/node`. */
const NODE = process.env.BUNDLE_NODE ?? process.execPath;

let dir = '';
let bundle = '';
let heap: TinyHeap;
let agent: ChildProcess | undefined;
beforeAll(() => {
  execFileSync(process.execPath, ['infra/local/bundle-agent.mjs'], { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] });
  // Nothing of this repository is above or beside it.
  dir = fs.mkdtempSync(path.join(os.tmpdir(), 'a bundle alone '));
  bundle = path.join(dir, 'heap-agent.mjs');
  fs.copyFileSync(path.join(root, 'dist/agent/heap-agent.mjs'), bundle);
});
beforeEach(() => {
  heap = new TinyHeap();
});
afterEach(() => {
  agent?.kill('SIGKILL');
  heap.close();
});
afterAll(() => fs.rmSync(dir, { recursive: true, force: true }));

const LIMITS = {
  ...{ fuel: 10_000_000_000, stack_bytes: 262_144, memory_bytes: 64 << 20, output_bytes: 1_000, log_bytes: 1_000, wall_ms: 60_000 },
  ...{ files: 0, file_bytes: 0, host_calls: 1_000 },
};

/** Runs one task of a module on the agent at the other end. */
async function runs(kind: 'wasm' | 'javascript', bytes: Uint8Array, epoch: number, input: string) {
  const codec = kind === 'wasm' ? ('bytes' as const) : ('json' as const);
  const { metered_hash, meter_id } = await admitModule(kind, codec, bytes);
  const hash = sha256(bytes);
  heap.blobs.set(hash, Buffer.from(bytes));
  heap.grant({ epoch, module: { hash, metered_hash, meter_id, kind, codec, bytes: bytes.length }, limits: LIMITS });
  heap.send('tasks', {
    lease_id: LEASE_ID,
    epoch,
    tasks: [{ index: epoch, epoch, input: { inline: Buffer.from(input).toString('base64') } }],
  });
  const result = await heap.until(() => heap.results().find((one) => one.index === epoch));
  return { verdict: result.verdict, output: 'inline' in result.output ? Buffer.from(result.output.inline, 'base64').toString() : null };
}

test('one file in an empty folder enrols, runs WebAssembly and JavaScript in its sandbox, answers its owner and leaves', async () => {
  const url = await heap.listen();
  const home = path.join(dir, 'agent');
  const env = { PATH: process.env.PATH ?? '', HOME: dir, HEAP_AGENT_RULES: 'none', HEAP_AGENT_SLOTS: '1' };
  agent = spawn(NODE, [bundle, CODE, '--url', url, '--dir', home], { cwd: dir, env, stdio: ['ignore', 'ignore', 'inherit'] });
  expect(await heap.until(() => heap.of('offer')[0])).toMatchObject({ available: true });
  const nothing = wat('(module (memory (export "memory") 1) (func (export "_start")))');
  expect(await runs('wasm', nothing, 1, '')).toEqual({ verdict: 'ok', output: '' });
  expect(await runs('javascript', Buffer.from('export default (n) => n * n'), 2, '12')).toEqual({ verdict: 'ok', output: '144' });
  const status = JSON.parse(execFileSync(NODE, [bundle, 'status', '--json', '--dir', home], { cwd: dir, env, encoding: 'utf8' }));
  expect(status).toMatchObject({ tasks_done: 2, session: { state: 'online' } });
  agent.kill('SIGTERM');
  expect(await once(agent, 'exit')).toEqual([0, null]);
  expect(fs.readdirSync(path.join(home, 'programs')).sort()).toEqual([
    expect.stringMatching(/^reach-\w+\.mjs$/),
    expect.stringMatching(/^sandbox-\w+\.mjs$/),
  ]);
});

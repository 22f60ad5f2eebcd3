import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { startTestAgent, type TestAgent } from '../support/agent.js';
import { startBroker, type TestBroker, type TestPerson } from '../support/broker.js';

const root = path.resolve(import.meta.dirname, '../../..');
let broker: TestBroker;
let person: TestPerson;
let agent: TestAgent;
let folder: string;
beforeAll(async () => {
  broker = await startBroker();
  person = await broker.person();
  agent = await startTestAgent(broker, person);
  // A developer's own project, which has the SDK installed and nothing else of ours.
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'my project '));
  fs.mkdirSync(path.join(folder, 'node_modules/@openheaps'), { recursive: true });
  fs.symlinkSync(path.join(root, 'libs/sdk'), path.join(folder, 'node_modules/@openheaps/sdk'));
  fs.writeFileSync(path.join(folder, 'profile.json'), JSON.stringify({ url: broker.url, api_key: person.api_key }));
});
afterAll(async () => {
  await agent?.close();
  await broker?.close();
  fs.rmSync(folder, { recursive: true, force: true });
});

async function node(script: string, env: NodeJS.ProcessEnv) {
  const file = path.join(folder, 'squares.mjs');
  fs.writeFileSync(file, script);
  const { HEAP_URL: _, HEAP_API_KEY: __, ...rest } = process.env;
  const child = spawn(process.execPath, [file], { cwd: folder, env: { ...rest, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  return { out, err, code: code as number };
}

const example = (): string => {
  const readme = fs.readFileSync(path.join(root, 'libs/sdk/README.md'), 'utf8');
  const [, code = ''] = /```ts\n([\s\S]*?)```/.exec(readme) ?? [];
  return code;
};

test("the SDK's first example is at most five lines, finds the heap by the profile, and prints three squares", async () => {
  expect(example().trim().split('\n').length).toBeLessThanOrEqual(5);
  const { out, err, code } = await node(example(), { HEAP_PROFILE: path.join(folder, 'profile.json') });
  expect(err).toBe('');
  const lines = out.trim().split('\n').sort();
  expect(lines.map((line) => line.split(' ').slice(0, 2))).toEqual([
    ['0', '1'],
    ['1', '4'],
    ['2', '9'],
  ]);
  expect(code).toBe(0);
  const costs = lines.map((line) => BigInt((line.split(' ')[2] ?? '').replace('n', '')));
  const { developer } = await person.heap.balance();
  expect(developer).toMatchObject({ spent_micro: costs.reduce((a, b) => a + b), held_micro: 0n });
  expect(await broker.broken()).toEqual([]);
});

test('without a heap it says what to do', async () => {
  const { err, code } = await node(example(), { HEAP_PROFILE: path.join(folder, 'none.json'), HOME: folder });
  expect(err).toContain('No heap is known here');
  expect(code).toBe(1);
});

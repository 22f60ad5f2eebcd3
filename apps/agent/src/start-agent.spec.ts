import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import { NOTHING_READ, SAFE_RULES } from '#agent-core';
import { CLOSE } from '#protocol';
import type { ModuleSource, RunTask, SandboxSlot } from '#sandbox';
import { CODE, LEASE_ID, sha256, TinyHeap } from '../../../test/support/tiny-heap.js';
import { askAgent } from './control/client.js';
import { untilOnDisk } from './journal/testing/on-disk.js';
import { type AgentOptions, type RunningAgent, startAgent } from './start-agent.js';

/** Capitals for letters, and a second copy of the input for `big`. */
class CapitalsSlot implements Pick<SandboxSlot, 'load' | 'runBatch' | 'close'> {
  load = async (module: ModuleSource) => {
    const module_hash = sha256(module.bytes);
    return { module_hash, metered_hash: module_hash, meter_id: 'test', kind: module.kind, bytes: module.bytes.length, imports: [] };
  };
  runBatch: SandboxSlot['runBatch'] = async (_module, tasks: readonly RunTask[], _limits, onOutcome) => {
    for (const [i, task] of tasks.entries()) {
      await null;
      const text = Buffer.from(task.input).toString();
      const output = text === 'big' ? Buffer.alloc(100_000, 1) : Buffer.from(text.toUpperCase());
      const rest = { detail: null, exit_code: 0, fuel_used: 1n, logs: '', memory_peak_bytes: 0, wall_ms: 0 };
      onOutcome(i, { verdict: 'ok', output, output_hash: sha256(output), ...rest });
    }
  };
  close = async () => {};
}

let dir = '';
let heap: TinyHeap;
let url = '';
const agents: RunningAgent[] = [];
beforeEach(async () => {
  dir = fs.mkdtempSync(path.join(os.tmpdir(), 'agent '));
  heap = new TinyHeap();
  url = await heap.listen();
});
afterEach(async () => {
  await Promise.all(agents.splice(0).map((agent) => agent.stop()));
  heap.close();
  fs.rmSync(dir, { recursive: true });
});

async function start(over: Partial<AgentOptions> = {}): Promise<RunningAgent> {
  const agent = await startAgent({
    dir,
    url,
    enrolment_code: CODE,
    name: 'test',
    kind: 'server',
    slots: 1,
    slot_class: 'micro',
    reserve_price_micro: 5n,
    logger: pino({ level: 'silent' }),
    speed_fuel_per_ms: 1_000,
    openSlot: async () => new CapitalsSlot() as unknown as SandboxSlot,
    bounds: { reconnect_base_ms: 10 },
    ...over,
  });
  agents.push(agent);
  return agent;
}

test('enrols, connects, fetches the module, works and delivers', async () => {
  const agent = await start();
  const offer = await heap.until(() => heap.of('offer')[0]);
  expect(offer).toMatchObject({ available: true, slots: [{ slot_class: 'micro', count: 1, reserve_price_micro: 5n }] });
  heap.grant();
  heap.tasks('one', 'two', 'big');
  await heap.until(() => heap.results().length === 3);
  const [one, two, big] = heap.results();
  expect([one?.output, two?.output]).toEqual([{ inline: 'T05F' }, { inline: 'VFdP' }]);
  expect(big?.output).toEqual({ hash: big?.output_hash, bytes: 100_000 });
  expect(heap.blobs.get(big?.output_hash ?? '')).toHaveLength(100_000);
  expect(agent.status()).toMatchObject({ tasks_done: 3, unconfirmed: 3 });
  heap.accept();
});

test('leaves with what is finished delivered, a goodbye and an unlocked directory', async () => {
  const agent = await start();
  await heap.until(() => heap.of('offer')[0]);
  heap.grant();
  heap.tasks('one');
  await heap.until(() => heap.results().length === 1);
  // Far more than it may take: what is delivered is waited for no longer.
  const stopped = agent.stop(600_000);
  await heap.until(() => heap.of('yield')[0]);
  heap.accept();
  await stopped;
  await heap.until(() => heap.of('bye')[0]);
  expect(await agent.ended).toMatchObject({ state: 'stopped', code: 'stopped' });
  expect(fs.existsSync(path.join(dir, 'agent.lock'))).toBe(false);
});

test('an agent that starts after a crash delivers what its predecessor had finished', async () => {
  const agent = await start();
  await heap.until(() => heap.of('offer')[0]);
  heap.grant();
  heap.tasks('one', 'big');
  await heap.until(() => heap.results().length === 2);
  await untilOnDisk(dir, (found) => found.length === 2);
  // What a kill leaves behind: the directory as it is now, without the lock of a living process.
  const left = fs.mkdtempSync(path.join(os.tmpdir(), 'agent crashed '));
  fs.cpSync(dir, left, { recursive: true, filter: (file) => !file.endsWith('.sock') });
  fs.rmSync(path.join(left, 'agent.lock'));
  heap.accept();
  await agent.stop();
  heap.messages.length = 0;
  heap.blobs.clear();
  await start({ dir: left, enrolment_code: null, url: null });
  const state = await heap.until(() => heap.of('state')[0]);
  expect(state.leases).toMatchObject([
    {
      lease_id: LEASE_ID,
      tasks: [
        { index: 0, phase: 'finished' },
        { index: 1, phase: 'finished' },
      ],
    },
  ]);
  heap.send('reconcile', { leases: [{ lease_id: LEASE_ID, epoch: 1, action: 'upload', reason: 'lease_over' }] });
  await heap.until(() => heap.results().length === 2);
  expect(heap.blobs.size).toBe(1);
  heap.accept();
  await agents.pop()?.stop();
  fs.rmSync(left, { recursive: true });
});

test('says in its log what stands between a task and the device', async () => {
  const lines: string[] = [];
  await start({ openSlot: undefined as never, logger: pino({ base: null }, { write: (line) => void lines.push(line) }) });
  const told = lines.map((line) => JSON.parse(line) as { isolation?: string[]; msg: string }).find((line) => line.isolation);
  expect(told?.isolation).toEqual(expect.arrayContaining(['permission-model']));
  expect(told?.msg).toContain('Node.js lets these processes read nothing but their own program');
});

test('comes back when the connection breaks', async () => {
  await start();
  await heap.until(() => heap.of('offer')[0]);
  heap.messages.length = 0;
  heap.socket?.terminate();
  await heap.until(() => heap.of('offer')[0]);
});

test('ends when the device is taken out of the heap, and says so', async () => {
  const agent = await start();
  await heap.until(() => heap.of('offer')[0]);
  heap.socket?.close(CLOSE.revoked, 'Its owner took it out.');
  expect(await agent.ended).toMatchObject({ code: 'revoked', sentence: expect.stringContaining('Its owner took it out.') });
});

test('a second agent on the same directory is told about the first', async () => {
  await start();
  await expect(start()).rejects.toThrow(/already uses/);
});

test('what keeps an agent from starting is said, and the directory stays free', async () => {
  await expect(start({ enrolment_code: null })).rejects.toThrow(/belongs to no heap yet/);
  await expect(start({ enrolment_code: 'a-wrong-code-of-16' })).rejects.toThrow('The code is unknown, used or too old: get a new one.');
  await expect(start({ url: 'http://127.0.0.1:9' })).rejects.toThrow(/did not answer/);
  await start();
  await heap.until(() => heap.of('offer')[0]);
});

test('a folder that cannot be written to is named, with what to do', async () => {
  // Nobody makes folders there, not even root.
  await expect(start({ dir: '/sys/openheaps-agent' })).rejects.toMatchObject({
    code: 'folder_unusable',
    message: expect.stringMatching(/\/sys\/openheaps-agent: .* HEAP_AGENT_DIR/),
  });
});

test('a binary frame ends the connection, not the agent', async () => {
  await start();
  await heap.until(() => heap.of('offer')[0]);
  heap.messages.length = 0;
  heap.socket?.send(Buffer.from([1, 2, 3]));
  await heap.until(() => heap.of('offer')[0]);
});

describe('the owner', () => {
  const status = () => askAgent<'status'>(dir, { do: 'status' });
  const touched = { every_ms: 60_000, read: async () => ({ ...NOTHING_READ, idle_ms: 1_000 }) };

  test('pauses and resumes, and reads why', async () => {
    await start();
    await heap.until(() => heap.of('offer')[0]);
    expect(await status()).toMatchObject({ standing: { available: true, code: 'ready' }, session: { state: 'online' }, give_backs: null });
    const { give_back_ms, until_ms } = await askAgent<'pause'>(dir, { do: 'pause', for_ms: 3_600_000 });
    expect(give_back_ms).toBeGreaterThanOrEqual(0);
    expect(Math.abs((until_ms ?? 0) - Date.now() - 3_600_000)).toBeLessThan(60_000);
    expect(await status()).toMatchObject({ standing: { available: false, code: 'held_by_owner' }, held_until_ms: until_ms });
    await heap.until(() => heap.of('offer').some((offer) => offer.reason.code === 'held_by_owner'));
    expect(await askAgent<'resume'>(dir, { do: 'resume' })).toMatchObject({ standing: { available: true }, held_until_ms: null });
  });

  test('a pause outlives the agent', async () => {
    const agent = await start();
    await askAgent<'pause'>(dir, { do: 'pause', for_ms: null });
    await agent.stop();
    await start();
    expect(await status()).toMatchObject({ standing: { code: 'held_by_owner' }, held_until_ms: null });
    await askAgent<'resume'>(dir, { do: 'resume' });
    await agents.pop()?.stop();
    await start();
    expect((await status()).standing.code).toBe('ready');
  });

  test('a pause holds also where the clock has been set back by years meanwhile', async () => {
    const agent = await start();
    await askAgent<'pause'>(dir, { do: 'pause', for_ms: 3_600_000 });
    await agent.stop();
    fs.writeFileSync(path.join(dir, 'hold.json'), JSON.stringify({ until_ms: Date.now() + 3 * 365 * 86_400_000 }));
    await start();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect((await status()).standing.code).toBe('held_by_owner');
    await askAgent<'resume'>(dir, { do: 'resume' });
  });

  test('rules; what is not valid is refused and changes nothing; the rules outlive the agent', async () => {
    const agent = await start({ sensors: touched });
    await askAgent<'rules'>(dir, { do: 'rules', rules: SAFE_RULES });
    expect(await status()).toMatchObject({
      standing: { available: false, code: 'in_use' },
      readings: { idle_ms: 1_000 },
      rules: SAFE_RULES,
    });
    await expect(askAgent<'rules'>(dir, { do: 'rules', rules: { ...SAFE_RULES, battery: { leave: 2, enter: 3 } } })).rejects.toMatchObject({
      code: 'invalid_rules',
      message: expect.stringContaining('battery.leave'),
    });
    await agent.stop();
    heap.messages.length = 0;
    await start({ sensors: touched });
    const offer = await heap.until(() => heap.of('offer').at(-1));
    expect(offer).toMatchObject({ available: false, reason: { code: 'in_use' } });
  });

  test('rules that cannot be read keep the agent from starting rather than being guessed', async () => {
    fs.writeFileSync(path.join(dir, 'rules.json'), '{"charging":');
    await expect(start()).rejects.toMatchObject({ code: 'rules_unreadable' });
  });
});

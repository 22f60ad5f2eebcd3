import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { startTestAgent, type TestAgent } from '../support/agent.js';
import { startBroker, type TestBroker } from '../support/broker.js';
import { mortalSlot } from '../support/mortal-slot.js';

const COMMAND = path.resolve(import.meta.dirname, '../../../apps/cli/bin/heap.mjs');
const AGENTS = 3;
const ATTEMPTS = 3;
const TURNS_FOR_EVER = 1e12;
const PATIENCE_MS = 120_000;

let broker: TestBroker;
const agents: TestAgent[] = [];
beforeAll(async () => {
  broker = await startBroker();
});
afterAll(async () => {
  await Promise.all(agents.map((agent) => agent.close()));
  await broker?.close();
});

test(
  'a task whose sandbox is killed in each attempt is set aside after three of them, unpaid; its job goes on and the nodes keep their standing',
  async () => {
    const owner = await broker.person({ name: 'Owner', funds_micro: 0n });
    const developer = await broker.person({ name: 'Dev' });
    agents.push(
      ...(await Promise.all(
        Array.from({ length: AGENTS }, () => startTestAgent(broker, owner, { openSlot: mortalSlot(String(TURNS_FOR_EVER)) })),
      )),
    );
    const spin = (turns: number) => {
      let x = 1;
      for (let i = 0; i < turns; i++) x = (x * 31 + i) % 65_521;
      return x;
    };
    const run = developer.heap.map(spin, [TURNS_FOR_EVER, 1, 2, 3], {
      slots: AGENTS,
      maxPrice: 1_000_000n,
      budget: '1.00',
      fuelLimit: 100_000_000_000,
      maxAttempts: ATTEMPTS,
      onTaskError: 'yield',
    });
    const results = new Map<number, unknown>();
    for await (const { index, value, error, cost } of run) results.set(index, error ? [error.code, cost] : value);
    expect([...results].sort(([a], [b]) => a - b)).toEqual([
      [0, ['task_failed', 0n]],
      [1, 31],
      [2, 962],
      [3, 29_824],
    ]);

    const job = await run.job;
    expect(await job.get()).toMatchObject({ state: 'DONE', reason: { code: 'some_tasks_failed' }, held_micro: 0n });
    const task = await job.task(0);
    expect(task).toMatchObject({ state: 'FAILED', reason: { code: 'attempts_exhausted' } });
    // A second execution near the job's end is one more.
    expect(task.attempts.length).toBeGreaterThanOrEqual(ATTEMPTS);
    expect(task.attempts.filter(({ outcome }) => outcome !== 'superseded').map(({ verdict }) => verdict)).not.toContain('ok');
    expect(task.attempts.at(-1)).toMatchObject({ outcome: 'accepted', verdict: 'killed', charge_micro: 0n });
    for (const node of await owner.heap.nodes()) expect(node.health.rules.filter(({ weight }) => weight < 0)).toEqual([]);

    const env = { ...process.env, HEAP_URL: broker.url, HEAP_API_KEY: developer.api_key };
    const text = (await promisify(execFile)(process.execPath, [COMMAND, 'job', job.id, '--task', '0'], { env })).stdout;
    expect(text).toContain('(attempts_exhausted)');
    for (const { node_id } of task.attempts) expect(text).toContain(node_id);
    expect(await broker.broken()).toEqual([]);
  },
  PATIENCE_MS,
);

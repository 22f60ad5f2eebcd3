/**
 * `npm run bench:dispatch [-- --json --nodes 100,1000,10000]`: how many tasks a second a heap settles in its ledger (durably: PostgreSQL waits for
 * the disk) with so many nodes, which are a swarm that does nothing but speak the protocol; and how long a lone task takes from its submission to its result in the
 * developer's stream. The rate is that between a fifth and 95 % of the tasks, when the leases stand. Developer, swarm, broker, PostgreSQL share the
 * cores. Beside it, in the same run, bare BullMQ does the same nothing.
 */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { Heap } from '#sdk';
import { lone, NOTHING, nothings } from './nothing.js';
import { benchReport, median, percentile } from './report.js';
import { type BenchHeap, withBenchHeap } from './swarm/bench-heap.js';
import { bullmqPeer } from './swarm/bullmq-peer.js';
import { cpuMs, treeCpuMs } from './swarm/probe.js';
import { Swarm } from './swarm/swarm.js';

const { values } = parseArgs({
  options: {
    json: { type: 'boolean' },
    nodes: { type: 'string', default: '100,1000,10000' },
    tasks: { type: 'string', default: '60000' },
    lone: { type: 'string', default: '200' },
    repeats: { type: 'string', default: '1' },
  },
});
const TASKS = Number(values.tasks);
const LONE = Number(values.lone);
const log = (line: string) => process.stderr.write(`${line}\n`);

const TERMS = { maxPrice: '1', budget: '20', fuelLimit: 1_000_000 };
/** Tasks a second while all leases work. */
async function settle(heap: Heap, tasks: number, slots: number): Promise<number> {
  const [from, to] = [Math.floor(tasks * 0.2), Math.floor(tasks * 0.95)];
  let [settled, began, ended] = [0, 0, 0];
  for await (const _ of heap.map({ module: NOTHING, codec: 'bytes' }, nothings(tasks), { ...TERMS, slots })) {
    settled += 1;
    if (settled === from) began = performance.now();
    if (settled === to) ended = performance.now();
  }
  if (settled !== tasks) throw new Error(`${settled} of ${tasks} tasks settled`);
  return ((to - from) / (ended - began)) * 1_000;
}

async function untilOffered(heap: BenchHeap, nodes: number): Promise<void> {
  const { default: pg } = await import('pg');
  const client = new pg.Client({ connectionString: heap.database_url });
  await client.connect();
  for (;;) {
    const { rows } = await client.query<{ n: number }>('SELECT count(*)::int AS n FROM offer WHERE available');
    if ((rows[0]?.n ?? 0) >= nodes) break;
    await sleep(50);
  }
  await client.end();
}

interface Crowd {
  nodes: number;
  runs: number[];
  cpu: Record<string, number>;
}

async function crowd(nodes: number): Promise<Crowd & { lone: number[] }> {
  return withBenchHeap(async (heap) => {
    const swarm = await Swarm.start({ ...heap, nodes });
    try {
      await swarm.connect();
      await untilOffered(heap, nodes);
      log(`${nodes} nodes are on offer`);
      const alone = nodes <= 100 ? await lone(heap.sdk, LONE, { ...TERMS, slots: 1 }) : [];
      await settle(heap.sdk, Math.min(TASKS, 20_000), nodes);
      const parts = () => ({
        broker: cpuMs(heap.broker.pid),
        postgres: treeCpuMs(heap.postgres.pid),
        swarm: swarm.pids.reduce((sum, pid) => sum + cpuMs(pid), 0),
        developer: cpuMs(process.pid),
      });
      const before = parts();
      const runs: number[] = [];
      for (let i = 0; i < Number(values.repeats); i++) {
        runs.push(await settle(heap.sdk, TASKS, nodes));
        log(`${nodes} nodes: ${Math.round(runs.at(-1) ?? 0)} settled tasks/s`);
      }
      const after = parts();
      const thousands = (TASKS * runs.length) / 1_000;
      const names = Object.keys(after) as (keyof typeof after)[];
      const cpu = Object.fromEntries(names.map((name) => [name, Math.round((after[name] - before[name]) / thousands)]));
      log(`processor ms per 1,000 tasks: ${JSON.stringify(cpu)}`);
      return { nodes, runs, cpu, lone: alone };
    } finally {
      await swarm.stop();
    }
  }, log);
}

const sizes = values.nodes.split(',').map(Number);
const crowds: Awaited<ReturnType<typeof crowd>>[] = [];
for (const nodes of sizes) crowds.push(await crowd(nodes));
const latencies = crowds.flatMap((one) => one.lone);
const peer = await withBenchHeap((heap) => bullmqPeer(heap.database_url, Math.min(TASKS, 30_000)), log);
const { version } = JSON.parse(readFileSync('node_modules/bullmq/package.json', 'utf8')) as { version: string };
const best = Math.max(...crowds.map(({ runs }) => median(runs)));

benchReport(
  'dispatch',
  { nodes: values.nodes, tasks: TASKS, repeats: Number(values.repeats), lone: latencies.length },
  {
    ...Object.fromEntries(crowds.map(({ nodes, runs }) => [`settled_per_s_${nodes}`, Math.round(median(runs))])),
    ...(latencies.length > 0 && {
      lone_p50_ms: Number(percentile(latencies, 0.5).toFixed(2)),
      lone_p99_ms: Number(percentile(latencies, 0.99).toFixed(2)),
    }),
    ...Object.fromEntries(
      crowds.flatMap(({ nodes, cpu }) => Object.entries(cpu).map(([name, ms]) => [`cpu_ms_per_1000_${name}_${nodes}`, ms])),
    ),
  },
  values.json ?? false,
  { name: peer.name, version, settled_per_s: Math.round(peer.per_s) },
  Number((best / peer.per_s).toFixed(2)),
);
process.exit(0);

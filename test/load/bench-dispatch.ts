/**
 * `npm run bench:dispatch [-- --json --nodes 100,1000,10000 --level L0 --owners 1 --statements 0]`: how many tasks a second a heap settles in its ledger (durably: PostgreSQL waits for
 * the disk) with so many nodes, which are a swarm that does nothing but speak the protocol; and how long a lone task takes from its submission to its result in the
 * developer's stream. The rate is that between a fifth and 95 % of the tasks, when the leases stand; `whole_per_s` counts from the order to the
 * last result, with auction, hold and leases, and `first_result_ms` is what comes before the first one. Processor time is stated for both.
 * `--level L1` has the results checked, as orders are that name no level: the swarm reports the fuel that the task really burns, and the heap runs itself what
 * no other owner's node can: with one owner, which is the default, all of it, and with `--owners 100` what nodes are too new for. `--statements 12` says beside
 * each run which statements PostgreSQL spent most on (the counting costs a little). Developer, swarm, broker, PostgreSQL share the cores. Beside it, in the same run, bare BullMQ does the same nothing.
 */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { openSlot } from '#sandbox/node';
import type { Heap } from '#sdk';
import { runLimitsOf } from '../../apps/broker/src/platform/run-limits.js';
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
    level: { type: 'string', default: 'L0' },
    owners: { type: 'string', default: '1' },
    statements: { type: 'string', default: '0' },
    lone: { type: 'string', default: '200' },
    repeats: { type: 'string', default: '1' },
  },
});
const TASKS = Number(values.tasks);
const LONE = Number(values.lone);
const STATEMENTS = Number(values.statements);
const log = (line: string) => process.stderr.write(`${line}\n`);

const LEVEL = z.enum(['L0', 'L1']).parse(values.level);
const TERMS = { verification: LEVEL, maxPrice: '1', budget: '20', fuelLimit: 1_000_000 };
const COUNTING = {
  shared_preload_libraries: 'pg_stat_statements',
  'pg_stat_statements.track': 'all',
  'pg_stat_statements.track_planning': 'on',
};
type Cpu = Record<'broker' | 'postgres' | 'swarm' | 'developer', number>;
interface Run {
  steady_per_s: number;
  whole_per_s: number;
  first_result_ms: number;
  /** Processor time for each 1,000 tasks, in ms. */
  cpu: { steady: Cpu; whole: Cpu };
}

const perThousand = (before: Cpu, after: Cpu, tasks: number): Cpu => {
  const of = (name: keyof Cpu) => Math.round((after[name] - before[name]) / (tasks / 1_000));
  return { broker: of('broker'), postgres: of('postgres'), swarm: of('swarm'), developer: of('developer') };
};

async function settle(heap: Heap, tasks: number, slots: number, used: () => Cpu): Promise<Run> {
  const mark = () => ({ at: performance.now(), cpu: used() });
  const [from, to] = [Math.floor(tasks * 0.2), Math.floor(tasks * 0.95)];
  const begin = mark();
  let [first_ms, settled, early, late] = [0, 0, begin, begin];
  for await (const _ of heap.map({ module: NOTHING, codec: 'bytes' }, nothings(tasks), { ...TERMS, slots })) {
    settled += 1;
    if (settled === 1) first_ms = performance.now();
    if (settled === from) early = mark();
    if (settled === to) late = mark();
  }
  const end = mark();
  if (settled !== tasks) throw new Error(`${settled} of ${tasks} tasks settled`);
  return {
    steady_per_s: ((to - from) / (late.at - early.at)) * 1_000,
    whole_per_s: (tasks / (end.at - begin.at)) * 1_000,
    first_result_ms: first_ms - begin.at,
    cpu: { steady: perThousand(early.cpu, late.cpu, to - from), whole: perThousand(begin.cpu, end.cpu, tasks) },
  };
}

/** What a sandbox says that the task burns. */
async function fuelOfNothing(): Promise<number> {
  const slot = await openSlot();
  const { module_hash } = await slot.load({ kind: 'wasm', codec: 'bytes', bytes: NOTHING });
  const view = { env: {}, files: [], scratch: null, seed: null, clock_ms: null };
  const limits = runLimitsOf({ slot_class: 'micro', fuel_limit: 1_000_000n, output_bytes_limit: 1_024, wall_ms_limit: 1_000, view });
  const { fuel_used } = await slot.run(module_hash, { input: new Uint8Array(0) }, { ...limits, fuel: BigInt(limits.fuel) });
  await slot.close();
  return Number(fuel_used);
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

/** Which statements took PostgreSQL longest, from here until it is asked. */
async function countStatements(database_url: string): Promise<(tasks: number) => Promise<void>> {
  const { default: pg } = await import('pg');
  const client = new pg.Client({ connectionString: database_url });
  await client.connect();
  await client.query('CREATE EXTENSION IF NOT EXISTS pg_stat_statements');
  await client.query('SELECT pg_stat_statements_reset()');
  return async (tasks) => {
    const { rows } = await client.query<{ ms: number; plan_ms: number; calls: number; rows: number; query: string }>(
      `SELECT total_exec_time AS ms, total_plan_time AS plan_ms, calls::int, rows::int, regexp_replace(left(query, 400), '\\s+', ' ', 'g') AS query
       FROM pg_stat_statements ORDER BY total_exec_time + total_plan_time DESC LIMIT $1`,
      [STATEMENTS],
    );
    await client.end();
    const thousands = tasks / 1_000;
    log('ms and plan ms per 1,000 tasks, calls per 1,000 tasks, rows a call');
    for (const row of rows) {
      const figures = [row.ms / thousands, row.plan_ms / thousands, row.calls / thousands, row.rows / row.calls];
      log(`${figures.map((n) => n.toFixed(1).padStart(8)).join('')}  ${row.query.slice(0, 200)}`);
    }
  };
}

interface Crowd {
  nodes: number;
  runs: Run[];
}

async function crowd(nodes: number): Promise<Crowd & { lone: number[] }> {
  return withBenchHeap(
    async (heap) => {
      const swarm = await Swarm.start({ ...heap, nodes, owners: Number(values.owners), fuel_used: await fuelOfNothing() });
      try {
        await swarm.connect();
        await untilOffered(heap, nodes);
        log(`${nodes} nodes are on offer`);
        const alone = nodes <= 100 ? await lone(heap.sdk, LONE, { ...TERMS, slots: 1 }) : [];
        const used = (): Cpu => ({
          broker: cpuMs(heap.broker.pid),
          postgres: treeCpuMs(heap.postgres.pid),
          swarm: swarm.pids.reduce((sum, pid) => sum + cpuMs(pid), 0),
          developer: cpuMs(process.pid),
        });
        await settle(heap.sdk, Math.min(TASKS, 20_000), nodes, used);
        const runs: Run[] = [];
        for (let i = 0; i < Number(values.repeats); i++) {
          const counted = STATEMENTS > 0 ? await countStatements(heap.database_url) : null;
          const run = await settle(heap.sdk, TASKS, nodes, used);
          await counted?.(TASKS);
          runs.push(run);
          log(`${nodes} nodes: ${Math.round(run.steady_per_s)} settled tasks/s, ${Math.round(run.whole_per_s)} from order to end`);
          log(`processor ms per 1,000 tasks: ${JSON.stringify(run.cpu)}`);
        }
        return { nodes, runs, lone: alone };
      } finally {
        await swarm.stop();
      }
    },
    log,
    { postgres_settings: STATEMENTS > 0 ? COUNTING : {} },
  );
}

const sizes = values.nodes.split(',').map(Number);
const crowds: Awaited<ReturnType<typeof crowd>>[] = [];
for (const nodes of sizes) crowds.push(await crowd(nodes));
const latencies = crowds.flatMap((one) => one.lone);
const peer = await withBenchHeap((heap) => bullmqPeer(heap.database_url, Math.min(TASKS, 30_000)), log);
const { version } = JSON.parse(readFileSync('node_modules/bullmq/package.json', 'utf8')) as { version: string };
const medianOf = (runs: readonly Run[], of: (run: Run) => number) => Math.round(median(runs.map(of)));
const best = Math.max(...crowds.map(({ runs }) => medianOf(runs, (run) => run.steady_per_s)));
const PARTS = ['broker', 'postgres', 'swarm', 'developer'] as const;

benchReport(
  'dispatch',
  {
    nodes: values.nodes,
    level: LEVEL,
    owners: Number(values.owners),
    tasks: TASKS,
    repeats: Number(values.repeats),
    lone: latencies.length,
  },
  {
    ...Object.fromEntries(
      crowds.flatMap(({ nodes, runs }) => [
        [`settled_per_s_${nodes}`, medianOf(runs, (run) => run.steady_per_s)],
        [`whole_per_s_${nodes}`, medianOf(runs, (run) => run.whole_per_s)],
        [`first_result_ms_${nodes}`, medianOf(runs, (run) => run.first_result_ms)],
      ]),
    ),
    ...(latencies.length > 0 && {
      lone_p50_ms: Number(percentile(latencies, 0.5).toFixed(2)),
      lone_p99_ms: Number(percentile(latencies, 0.99).toFixed(2)),
    }),
    ...Object.fromEntries(
      crowds.flatMap(({ nodes, runs }) =>
        PARTS.flatMap((name) => [
          [`cpu_ms_per_1000_${name}_${nodes}`, medianOf(runs, (run) => run.cpu.steady[name])],
          [`cpu_ms_per_1000_whole_${name}_${nodes}`, medianOf(runs, (run) => run.cpu.whole[name])],
        ]),
      ),
    ),
  },
  values.json ?? false,
  { name: peer.name, version, settled_per_s: Math.round(peer.per_s) },
  Number((best / peer.per_s).toFixed(2)),
);
process.exit(0);

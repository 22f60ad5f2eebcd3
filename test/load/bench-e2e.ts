/**
 * `npm run bench:e2e [-- --json]`: a whole heap on this machine (embedded PostgreSQL with its durability on, one broker
 * process, agents with a sandbox process each) and a developer who submits trivial WebAssembly tasks over HTTP and reads
 * every result from the stream. Rate = tasks ÷ time from the first request to the job's end, settled in the ledger.
 */
import fs from 'node:fs';
import { parseArgs } from 'node:util';
import type { Heap } from '#sdk';
import { lone, NOTHING, nothings } from './nothing.js';
import { benchReport, median, percentile, spread } from './report.js';
import { children, treeCpuMs } from './swarm/probe.js';
import { type LocalHeap, withHeap } from './with-heap.js';

const { values } = parseArgs({
  options: {
    json: { type: 'boolean' },
    agents: { type: 'string', default: '16' },
    tasks: { type: 'string', default: '30000' },
    repeats: { type: 'string', default: '3' },
    lone: { type: 'string', default: '300' },
  },
});
const TASKS = Number(values.tasks);
const log = (line: string) => process.stderr.write(`${line}\n`);

const TERMS = { verification: 'L0' as const, maxPrice: '1', budget: '20', fuelLimit: 1_000_000, slots: 64 };

async function settle(heap: Heap, tasks: number): Promise<number> {
  const started_ms = performance.now();
  let settled = 0;
  for await (const _ of heap.map({ module: NOTHING, codec: 'bytes' }, nothings(tasks), TERMS)) settled += 1;
  if (settled !== tasks) throw new Error(`${settled} of ${tasks} tasks settled`);
  return tasks / ((performance.now() - started_ms) / 1_000);
}

/** Where the two cores' time went: processor ms per 1,000 tasks, by process. */
function usage(local: LocalHeap): Record<string, number> {
  return {
    broker: treeCpuMs(local.broker.pid),
    agents: local.agents.reduce((sum, agent) => sum + treeCpuMs(agent.pid), 0),
    postgres: treeCpuMs(local.postgres.pid),
    developer: treeCpuMs(process.pid) - local.agents.reduce((sum, a) => sum + treeCpuMs(a.pid), 0) - treeCpuMs(local.broker.pid),
  };
}

const peakMib = (pid: number): number => {
  const status = fs.readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? 0) / 1024;
};

/** A process with its children: an agent is what its sandboxes take too. */
function treeMib(pid: number): number {
  return peakMib(pid) + children(pid).reduce((sum, child) => sum + treeMib(child), 0);
}

async function rates(heap: Heap, local: LocalHeap): Promise<{ runs: number[]; cpu: Record<string, number> }> {
  const agents = local.agents.length;
  // Sixteen fresh processes share the tasks: each needs some thousands before its code is compiled for good.
  await settle(heap, Math.min(TASKS, 10_000));
  const runs: number[] = [];
  const before = usage(local);
  for (let i = 0; i < Number(values.repeats); i++) {
    runs.push(await settle(heap, TASKS));
    log(`${agents} agents: ${Math.round(runs.at(-1) ?? 0)} settled tasks/s`);
  }
  const after = usage(local);
  const thousands = (TASKS * runs.length) / 1_000;
  const cpu = Object.fromEntries(Object.entries(after).map(([name, ms]) => [name, Math.round((ms - (before[name] ?? 0)) / thousands)]));
  log(`processor ms per 1,000 tasks: ${JSON.stringify(cpu)}`);
  return { runs, cpu };
}

const single = await withHeap(1, async (heap, local) => ({
  lone: await lone(heap, Number(values.lone), TERMS),
  ...(await rates(heap, local)),
}));
const many = Number(values.agents);
const crowd = await withHeap(many, async (heap, local) => ({
  ...(await rates(heap, local)),
  broker_mib: peakMib(local.broker.pid),
  agent_mib: median(local.agents.map((agent) => treeMib(agent.pid))),
}));

benchReport(
  'e2e',
  { tasks: TASKS, agents: many, repeats: Number(values.repeats), lone: single.lone.length },
  {
    settled_per_s_1: Math.round(median(single.runs)),
    settled_per_s_16: Math.round(median(crowd.runs)),
    settled_per_s_1_spread: spread(single.runs),
    settled_per_s_16_spread: spread(crowd.runs),
    lone_p50_ms: Number(percentile(single.lone, 0.5).toFixed(2)),
    lone_p99_ms: Number(percentile(single.lone, 0.99).toFixed(2)),
    ...Object.fromEntries(Object.entries(crowd.cpu).map(([name, ms]) => [`cpu_ms_per_1000_${name}`, ms])),
    broker_rss_mib: Math.round(crowd.broker_mib),
    agent_rss_mib: Math.round(crowd.agent_mib),
  },
  values.json ?? false,
);

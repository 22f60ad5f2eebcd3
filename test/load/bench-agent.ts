/**
 * `npm run bench:agent [-- --json]`: what the agent costs a device that does nothing for the heap (its one-file bundle, connected, with the rules and sensors of this
 * system, heartbeats as the heap asks for them), and how fast a device whose sandbox burns fuel as fast as it can is given back: from the owner's word until no
 * process of a task is left.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { startBusyAgent } from '../support/busy-agent.js';
import { CODE, TinyHeap } from '../support/tiny-heap.js';
import { wat } from '../support/wat.js';
import { benchReport, percentile } from './report.js';
import { cpuMs, rssBytes, treeCpuMs } from './swarm/probe.js';

const { values } = parseArgs({
  options: { json: { type: 'boolean' }, idle: { type: 'string', default: '60' }, 'give-backs': { type: 'string', default: '50' } },
});
const IDLE_S = Number(values.idle);
const GIVE_BACKS = Number(values['give-backs']);
/** What starting cost is not what idling costs. */
const SETTLE_MS = 15_000;
const log = (line: string) => process.stderr.write(`${line}\n`);

const BUSY = wat(`(module (memory (export "memory") 1024) (func (export "_start") (local $at i32)
  (loop $again
    (i64.store (local.get $at) (i64.add (i64.load (local.get $at)) (i64.const 1)))
    (local.set $at (i32.and (i32.add (local.get $at) (i32.const 4104)) (i32.const 67108856)))
    (br $again))))`);

interface Idle {
  core_percent: number;
  rss_mib: number;
  start_cpu_ms: number;
  processes: number;
}

async function idle(): Promise<Idle> {
  execFileSync(process.execPath, ['infra/local/bundle-agent.mjs'], { stdio: ['ignore', 'ignore', 'inherit'] });
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'bench agent '));
  const bundle = path.join(dir, 'heap-agent.mjs');
  fs.copyFileSync('dist/agent/heap-agent.mjs', bundle);
  const heap = new TinyHeap();
  const url = await heap.listen();
  const args = [bundle, CODE, '--url', url, '--dir', path.join(dir, 'agent'), '--rules', 'safe', '--log-format', 'json'];
  const agent: ChildProcess & { pid?: number } = spawn(process.execPath, args, { stdio: 'ignore', cwd: dir });
  try {
    await heap.until(() => heap.of('offer')[0]);
    await sleep(SETTLE_MS);
    const pid = agent.pid as number;
    const start_cpu_ms = cpuMs(pid);
    const [before, began] = [treeCpuMs(pid), performance.now()];
    await sleep(IDLE_S * 1_000);
    const core_percent = ((treeCpuMs(pid) - before) / (performance.now() - began)) * 100;
    const children = fs.readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean);
    const rss_mib = [pid, ...children.map(Number)].reduce((sum, one) => sum + rssBytes(one), 0) / 1_048_576;
    return { core_percent, rss_mib, start_cpu_ms, processes: 1 + children.length };
  } finally {
    agent.kill('SIGTERM');
    heap.close();
    fs.rmSync(dir, { recursive: true, force: true });
  }
}

async function giveBacks(): Promise<number[]> {
  const agent = await startBusyAgent(BUSY);
  const times: number[] = [];
  for (let i = 0; i < GIVE_BACKS; i++) {
    const { took_ms, gone } = await agent.giveBack();
    if (!gone) throw new Error('the device was said to be free while a task still ran');
    times.push(took_ms);
  }
  await agent.close();
  return times;
}

const { core_percent, rss_mib, start_cpu_ms, processes } = await idle();
log(`idle: ${core_percent.toFixed(2)} % of a core, ${rss_mib.toFixed(1)} MiB in ${processes} process`);
const times = await giveBacks();

benchReport(
  'agent',
  { idle_s: IDLE_S, give_backs: GIVE_BACKS },
  {
    idle_core_percent: Number(core_percent.toFixed(2)),
    rss_mib: Number(rss_mib.toFixed(1)),
    give_back_p50_ms: Number(percentile(times, 0.5).toFixed(1)),
    give_back_p99_ms: Number(percentile(times, 0.99).toFixed(1)),
    give_back_max_ms: Number(Math.max(...times).toFixed(1)),
    start_cpu_ms,
    processes,
  },
  values.json ?? false,
);
process.exit(0);

/**
 * `npm run bench:connections [-- --json --nodes 10000]`: a heap on this machine and a swarm of protocol-true nodes. Memory is what the
 * broker holds after its garbage was collected (resident, and of the heap alone); handshakes are whole sessions: signed hello, state, reconcile, offer in
 * the database. The swarm and PostgreSQL share the cores.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { benchReport, percentile } from './report.js';
import { type BenchHeap, withBenchHeap } from './swarm/bench-heap.js';
import { cpuMs } from './swarm/probe.js';
import { Swarm } from './swarm/swarm.js';

const { values } = parseArgs({
  options: {
    json: { type: 'boolean' },
    nodes: { type: 'string', default: '10000' },
    idle: { type: 'string', default: '35' },
    presences: { type: 'string', default: '200' },
  },
});
const NODES = Number(values.nodes);
const log = (line: string) => process.stderr.write(`${line}\n`);

async function offered(client: pg.Client): Promise<number> {
  const { rows } = await client.query<{ n: number }>(`SELECT count(*)::int AS n FROM offer WHERE available`);
  return rows[0]?.n ?? 0;
}

/** Percent of a core that the broker uses while nothing happens but heartbeats. */
async function corePercent(heap: BenchHeap, seconds: number): Promise<number> {
  const [before, began] = [cpuMs(heap.broker.pid), performance.now()];
  await sleep(seconds * 1_000);
  return ((cpuMs(heap.broker.pid) - before) / (performance.now() - began)) * 100;
}

/** From a node's word that it rests (or works again) until the heap's record of its state says so. */
async function presences(swarm: Swarm, client: pg.Client, count: number): Promise<number[]> {
  const latencies: number[] = [];
  for (let i = 0; i < count; i++) {
    const at = Math.floor((i * NODES) / count);
    const began = performance.now();
    await swarm.offer(at, i % 2 === 1);
    const state = i % 2 === 1 ? 'ONLINE' : 'PAUSED';
    for (;;) {
      const { rows } = await client.query('SELECT 1 FROM node WHERE id = $1 AND state = $2::node_state', [swarm.node_ids[at], state]);
      if (rows.length > 0 || state === 'ONLINE') break;
    }
    if (state === 'PAUSED') latencies.push(performance.now() - began);
  }
  return latencies;
}

await withBenchHeap(async (heap) => {
  const client = new pg.Client({ connectionString: heap.database_url });
  await client.connect();
  const swarm = await Swarm.start({ ...heap, nodes: NODES });
  log(`${NODES} nodes enrolled`);
  try {
    // What the first connections make a broker load belongs to no node.
    await swarm.connect({ count: Math.min(200, NODES) });
    await sleep(2_000);
    const quiet_percent = await corePercent(heap, 10);
    const before = await heap.memory();
    const connecting = performance.now();
    await swarm.connect({ at_a_time: 200 });
    const connected_s = (performance.now() - connecting) / 1_000;
    while ((await offered(client)) < NODES) await sleep(20);
    log(`connected in ${connected_s.toFixed(1)} s, offered in ${((performance.now() - connecting) / 1_000).toFixed(1)} s`);
    await sleep(3_000);
    const after = await heap.memory();
    const added = NODES - Math.min(200, NODES);
    const per = (bytes: number) => Math.round(bytes / Math.max(1, added));
    log(`memory: ${JSON.stringify({ before, after })}`);
    const idle_percent = await corePercent(heap, Number(values.idle));
    const beat_before = cpuMs(heap.broker.pid);
    await swarm.all({ do: 'beat' });
    await sleep(1_000);
    const beat_ms = cpuMs(heap.broker.pid) - beat_before;
    const latencies = await presences(swarm, client, Number(values.presences));
    await swarm.all({ do: 'cut' });
    const storm = performance.now();
    const reports = await swarm.connect({ at_a_time: NODES });
    const storm_s = (performance.now() - storm) / 1_000;
    const resumed = reports.reduce((sum, report) => sum + report.resumed, 0);
    log(`storm: ${storm_s.toFixed(1)} s, ${resumed} resumed, ends ${JSON.stringify(reports.map(({ closed }) => closed))}`);
    benchReport(
      'connections',
      { nodes: NODES, idle_s: Number(values.idle), presences: latencies.length, swarm_processes: swarm.pids.length },
      {
        nodes: NODES,
        bytes_per_node: per(after.rss - before.rss),
        heap_bytes_per_node: per(after.heapUsed + after.external - before.heapUsed - before.external),
        heartbeat_core_percent: Number(Math.max(0, idle_percent - quiet_percent).toFixed(1)),
        quiet_core_percent: Number(quiet_percent.toFixed(1)),
        cpu_ms_per_1000_heartbeats: Number(((beat_ms / NODES) * 1_000).toFixed(1)),
        handshakes_per_s: Math.round(added / connected_s),
        presence_p50_ms: Number(percentile(latencies, 0.5).toFixed(1)),
        presence_p99_ms: Number(percentile(latencies, 0.99).toFixed(1)),
        storm_s: Number(storm_s.toFixed(1)),
        storm_resumed: resumed,
      },
      values.json ?? false,
    );
  } finally {
    await client.end();
    await swarm.stop();
  }
}, log);

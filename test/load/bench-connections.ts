/**
 * `npm run bench:connections [-- --json --nodes 10000 --gateways 0]`: a heap on this machine and a swarm of protocol-true nodes, connected to the
 * broker, or to so many processes that are gateways and nothing else (a process opens some 20,000 files). Memory is what those who hold the sockets have
 * after their garbage was collected (resident, and of the heap alone); handshakes are whole sessions: signed hello, state, reconcile, offer in the
 * database. In the storm all nodes knock at the same moment; it is over when each has its session, and `storm_offered_s` when the database has what each
 * offers anew. The swarm and PostgreSQL share the cores.
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
    gateways: { type: 'string', default: '0' },
  },
});
const NODES = Number(values.nodes);
/** Sockets of one process of the swarm. */
const NODES_A_PROCESS = 12_500;
const log = (line: string) => process.stderr.write(`${line}\n`);

async function offered(client: pg.Client): Promise<number> {
  const { rows } = await client.query<{ n: number }>(`SELECT count(*)::int AS n FROM offer WHERE available`);
  return rows[0]?.n ?? 0;
}

/** What those who hold the sockets have used, in ms. */
const usedMs = (heap: BenchHeap): number => heap.gateways.reduce((sum, { pid }) => sum + cpuMs(pid), 0);

/** Their memory together. */
async function memory(heap: BenchHeap): Promise<{ rss: number; heap: number }> {
  const all = await Promise.all(heap.gateways.map((gateway) => gateway.memory()));
  const sum = (of: (usage: NodeJS.MemoryUsage) => number) => all.reduce((total, usage) => total + of(usage), 0);
  return { rss: sum(({ rss }) => rss), heap: sum(({ heapUsed, external }) => heapUsed + external) };
}

/** Percent of a core that they use while nothing happens but heartbeats. */
async function corePercent(heap: BenchHeap, seconds: number): Promise<number> {
  const [before, began] = [usedMs(heap), performance.now()];
  await sleep(seconds * 1_000);
  return ((usedMs(heap) - before) / (performance.now() - began)) * 100;
}

/** Until the heap has the offer that each node makes after its connection began. */
async function offeredAnew(client: pg.Client): Promise<void> {
  for (;;) {
    const { rows } = await client.query<{ n: number }>(`SELECT count(*)::int AS n FROM node WHERE reason_code = 'ready'`);
    if ((rows[0]?.n ?? 0) >= NODES) return;
    await sleep(20);
  }
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

await withBenchHeap(
  async (heap) => {
    const client = new pg.Client({ connectionString: heap.database_url });
    await client.connect();
    const gateway_urls = heap.gateways.map(({ url }) => url);
    const processes = Math.max(2, gateway_urls.length, Math.ceil(NODES / NODES_A_PROCESS));
    const swarm = await Swarm.start({ ...heap, gateway_urls, nodes: NODES, processes });
    log(`${NODES} nodes enrolled`);
    try {
      // What the first connections make a broker load belongs to no node.
      await swarm.connect({ count: Math.min(200, NODES) });
      await sleep(2_000);
      const quiet_percent = await corePercent(heap, 10);
      const before = await memory(heap);
      const connecting = performance.now();
      await swarm.connect({ at_a_time: 200 });
      const connected_s = (performance.now() - connecting) / 1_000;
      while ((await offered(client)) < NODES) await sleep(20);
      log(`connected in ${connected_s.toFixed(1)} s, offered in ${((performance.now() - connecting) / 1_000).toFixed(1)} s`);
      await sleep(3_000);
      const after = await memory(heap);
      const added = NODES - Math.min(200, NODES);
      const per = (bytes: number) => Math.round(bytes / Math.max(1, added));
      log(`memory: ${JSON.stringify({ before, after })}`);
      const idle_percent = await corePercent(heap, Number(values.idle));
      const beat_before = usedMs(heap);
      await swarm.all({ do: 'beat' });
      await sleep(1_000);
      const beat_ms = usedMs(heap) - beat_before;
      const latencies = await presences(swarm, client, Number(values.presences));
      await swarm.all({ do: 'cut' });
      const [storm, storm_before] = [performance.now(), usedMs(heap)];
      const reports = await swarm.connect({ at_a_time: NODES });
      const storm_s = (performance.now() - storm) / 1_000;
      await offeredAnew(client);
      const storm_offered_s = (performance.now() - storm) / 1_000;
      const storm_cpu_ms = usedMs(heap) - storm_before;
      const resumed = reports.reduce((sum, report) => sum + report.resumed, 0);
      log(`storm: ${storm_s.toFixed(1)} s, ${resumed} resumed, ends ${JSON.stringify(reports.map(({ closed }) => closed))}`);
      benchReport(
        'connections',
        {
          nodes: NODES,
          idle_s: Number(values.idle),
          presences: latencies.length,
          swarm_processes: swarm.pids.length,
          gateways: Number(values.gateways),
        },
        {
          nodes: NODES,
          bytes_per_node: per(after.rss - before.rss),
          heap_bytes_per_node: per(after.heap - before.heap),
          heartbeat_core_percent: Number(Math.max(0, idle_percent - quiet_percent).toFixed(1)),
          quiet_core_percent: Number(quiet_percent.toFixed(1)),
          cpu_ms_per_1000_heartbeats: Number(((beat_ms / NODES) * 1_000).toFixed(1)),
          handshakes_per_s: Math.round(added / connected_s),
          presence_p50_ms: Number(percentile(latencies, 0.5).toFixed(1)),
          presence_p99_ms: Number(percentile(latencies, 0.99).toFixed(1)),
          storm_s: Number(storm_s.toFixed(1)),
          storm_offered_s: Number(storm_offered_s.toFixed(1)),
          storm_cpu_ms_per_node: Number((storm_cpu_ms / NODES).toFixed(2)),
          storm_resumed: resumed,
        },
        values.json ?? false,
      );
    } finally {
      await client.end();
      await swarm.stop();
    }
  },
  log,
  { gateways: Number(values.gateways) },
);

import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Heap } from '#sdk';

export interface LocalHeap {
  url: string;
  api_key: string;
  database_url: string;
  data_dir: string;
  call: (method: string, route: string, body?: unknown) => Promise<Record<string, string>>;
  broker: { pid: number };
  postgres: { pid: number };
  stop(): Promise<void>;
}

/** A process of the broker that holds sockets. */
export interface BenchGateway {
  url: string;
  pid: number;
  /** After its garbage was collected. */
  memory(): Promise<NodeJS.MemoryUsage>;
}

export interface BenchHeap extends LocalHeap {
  sdk: Heap;
  /** The broker itself, or the processes that were asked for beside it. */
  gateways: BenchGateway[];
}

interface Supervised {
  pid: number;
  started: Promise<string>;
  stop(): Promise<void>;
}

async function load<T>(file: string): Promise<T> {
  return (await import(`${process.cwd()}/infra/local/${file}`)) as T;
}

/** Asks a process that has loaded `memory-on-signal.mjs`. */
async function memoryOf(pid: number, prefix: string): Promise<NodeJS.MemoryUsage> {
  const file = `${prefix}.${pid}`;
  fs.rmSync(file, { force: true });
  process.kill(pid, 'SIGWINCH');
  for (;;) {
    await sleep(50);
    if (fs.existsSync(file)) return JSON.parse(fs.readFileSync(file, 'utf8')) as NodeJS.MemoryUsage;
  }
}

/** Further processes of the same heap that are gateways and nothing else. */
async function startGateways(count: number, data_dir: string, database_url: string, env: NodeJS.ProcessEnv): Promise<Supervised[]> {
  const { supervise } = await load<{ supervise: (o: object) => Supervised }>('supervised.mjs');
  const url = new URL(database_url);
  url.username = 'openheaps_broker';
  url.password = fs.readFileSync(path.join(data_dir, 'broker.password'), 'utf8');
  return Array.from({ length: count }, (_, i) =>
    supervise({
      name: `gateway ${i}`,
      args: [path.join(process.cwd(), 'dist/apps/broker/src/main.js')],
      env: {
        ...env,
        ...{ DATABASE_URL: url.href, HEAP_DATA_DIR: data_dir, HEAP_PORT: '0', HEAP_ROLES: 'gateway', HEAP_GATEWAY_NAME: `gateway ${i}` },
      },
      log_file: path.join(data_dir, `gateway-${i}.log`),
      ready: /heap: ready on (\S+)/,
    }),
  );
}

/** A heap of its own for a benchmark, without agents: PostgreSQL durable as by default, one broker process, and gateways beside it if asked for. */
export async function withBenchHeap<T>(
  work: (heap: BenchHeap) => Promise<T>,
  log: (line: string) => void,
  {
    gateways = 0,
    env: more = {},
    postgres_settings = {},
  }: { gateways?: number; env?: NodeJS.ProcessEnv; postgres_settings?: Record<string, string | number> } = {},
): Promise<T> {
  const { startHeap } = await load<{ startHeap: (o: object) => Promise<LocalHeap> }>('heap.mjs');
  const data_dir = fs.mkdtempSync(path.join(os.tmpdir(), 'heap-bench-'));
  fs.chmodSync(data_dir, 0o755);
  const prefix = path.join(data_dir, 'memory.json');
  const signal = path.join(process.cwd(), 'test/load/swarm/memory-on-signal.mjs');
  const env = {
    ...process.env,
    HEAP_CALLER_REQUESTS_PER_MINUTE: '1000000',
    HEAP_ADDRESS_REQUESTS_PER_MINUTE: '1000000',
    NODE_OPTIONS: `--import=${signal}`,
    BENCH_MEMORY_FILE: prefix,
    ...more,
  };
  const local = await startHeap({ data_dir, agents: 0, env, postgres_settings, log });
  const further = await startGateways(gateways, data_dir, local.database_url, env);
  const describe = (url: string, { pid }: { pid: number }): BenchGateway => ({ url, pid, memory: () => memoryOf(pid, prefix) });
  try {
    const broker = describe(local.url, local.broker);
    const beside = await Promise.all(further.map(async (gateway) => describe(await gateway.started, gateway)));
    return await work({
      ...local,
      sdk: new Heap({ url: local.url, apiKey: local.api_key }),
      gateways: beside.length > 0 ? beside : [broker],
    });
  } finally {
    await Promise.all(further.map((gateway) => gateway.stop()));
    await local.stop();
    fs.rmSync(data_dir, { recursive: true, force: true });
  }
}

import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Heap } from '#sdk';

export interface LocalHeap {
  url: string;
  api_key: string;
  database_url: string;
  call: (method: string, route: string, body?: unknown) => Promise<Record<string, string>>;
  broker: { pid: number };
  postgres: { pid: number };
  stop(): Promise<void>;
}

export interface BenchHeap extends LocalHeap {
  sdk: Heap;
  /** Of the broker, after its garbage was collected. */
  memory(): Promise<NodeJS.MemoryUsage>;
}

/** A heap of its own for a benchmark, without agents: PostgreSQL durable as by default, one broker process. */
export async function withBenchHeap<T>(work: (heap: BenchHeap) => Promise<T>, log: (line: string) => void): Promise<T> {
  const { startHeap } = (await import(`${process.cwd()}/infra/local/heap.mjs`)) as { startHeap: (o: object) => Promise<LocalHeap> };
  const data_dir = fs.mkdtempSync(path.join(os.tmpdir(), 'heap-bench-'));
  fs.chmodSync(data_dir, 0o755);
  const file = path.join(data_dir, 'memory.json');
  const signal = path.join(process.cwd(), 'test/load/swarm/memory-on-signal.mjs');
  const local = await startHeap({
    data_dir,
    agents: 0,
    env: {
      ...process.env,
      HEAP_CALLER_REQUESTS_PER_MINUTE: '1000000',
      HEAP_ADDRESS_REQUESTS_PER_MINUTE: '1000000',
      NODE_OPTIONS: `--import=${signal}`,
      BENCH_MEMORY_FILE: file,
    },
    log,
  });
  const memory = async () => {
    fs.rmSync(file, { force: true });
    process.kill(local.broker.pid, 'SIGWINCH');
    for (;;) {
      await sleep(50);
      if (fs.existsSync(file)) return JSON.parse(fs.readFileSync(file, 'utf8')) as NodeJS.MemoryUsage;
    }
  };
  try {
    return await work({ ...local, sdk: new Heap({ url: local.url, apiKey: local.api_key }), memory });
  } finally {
    await local.stop();
    fs.rmSync(data_dir, { recursive: true, force: true });
  }
}

import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Heap } from '#sdk';

export interface LocalHeap {
  url: string;
  api_key: string;
  broker: { pid: number };
  agents: { pid: number }[];
  postgres: { pid: number };
  stop(): Promise<void>;
}

/** A whole heap for a benchmark, gone when the work is done: what `npm start` makes, with limits that do not count here. */
export async function withHeap<T>(agents: number, work: (heap: Heap, local: LocalHeap) => Promise<T>): Promise<T> {
  const { startHeap } = (await import(`${process.cwd()}/infra/local/heap.mjs`)) as { startHeap: (o: object) => Promise<LocalHeap> };
  const data_dir = fs.mkdtempSync(path.join(os.tmpdir(), 'heap-bench-'));
  fs.chmodSync(data_dir, 0o755);
  const local = await startHeap({
    data_dir,
    agents,
    agent_env: { HEAP_AGENT_SLOTS: '1', HEAP_AGENT_SLOT_CLASS: 'micro' },
    env: { ...process.env, HEAP_CALLER_REQUESTS_PER_MINUTE: '100000', HEAP_ADDRESS_REQUESTS_PER_MINUTE: '100000' },
    log: (line: string) => process.stderr.write(`${line}\n`),
  });
  try {
    return await work(new Heap({ url: local.url, apiKey: local.api_key }), local);
  } finally {
    await local.stop();
    fs.rmSync(data_dir, { recursive: true, force: true });
  }
}

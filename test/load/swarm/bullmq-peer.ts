import { type ChildProcess, spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createPostgresBackend, Queue, setDefaultBackendFactory, Worker } from 'bullmq';

const BATCH = 1_000;
const AT_A_TIME = 100;

interface Server {
  name: string;
  connection: object;
  stop(): void;
}

/** Redis as one runs it for a queue (append-only file, synced every second) where it is installed; else BullMQ's own PostgreSQL backend. */
async function server(database_url: string): Promise<Server> {
  const program = ['/usr/bin/redis-server', '/usr/local/bin/redis-server'].find((file) => fs.existsSync(file));
  if (program === undefined) {
    setDefaultBackendFactory(createPostgresBackend as never);
    return {
      name: 'bullmq on postgresql',
      connection: { connectionString: database_url, schema: 'peer', migrate: true, max: 20 },
      stop: () => {},
    };
  }
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'heap-bench-redis-'));
  const socket = path.join(dir, 'redis.sock');
  const args = ['--port', '0', '--unixsocket', socket, '--dir', dir, '--appendonly', 'yes', '--appendfsync', 'everysec', '--save', ''];
  const redis: ChildProcess = spawn(program, args, { stdio: 'ignore' });
  while (!fs.existsSync(socket)) await sleep(20);
  const stop = () => {
    redis.kill('SIGKILL');
    fs.rmSync(dir, { recursive: true, force: true });
  };
  return { name: 'bullmq on redis', connection: { path: socket, maxRetriesPerRequest: null }, stop };
}

/** The same nothing done by bare BullMQ: jobs put in by thousands, one worker that takes a hundred at a time, results kept. @returns jobs a second. */
export async function bullmqPeer(database_url: string, jobs: number): Promise<{ name: string; per_s: number }> {
  const { name, connection, stop } = await server(database_url);
  const queue = new Queue('bench', { connection: connection as never });
  let done = 0;
  let finished: () => void = () => {};
  const all = new Promise<void>((resolve) => {
    finished = resolve;
  });
  const worker = new Worker('bench', async () => 'done', { connection: connection as never, concurrency: AT_A_TIME });
  worker.on('completed', () => {
    done += 1;
    if (done === jobs) finished();
  });
  await worker.waitUntilReady();
  const began = performance.now();
  for (let from = 0; from < jobs; from += BATCH)
    await queue.addBulk(Array.from({ length: Math.min(BATCH, jobs - from) }, (_, i) => ({ name: 'nothing', data: { i: from + i } })));
  await all;
  const per_s = jobs / ((performance.now() - began) / 1_000);
  await worker.close();
  await queue.close();
  stop();
  return { name, per_s };
}

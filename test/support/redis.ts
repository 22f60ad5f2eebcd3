import { type ChildProcess, spawn } from 'node:child_process';
import fs from 'node:fs';
import { createServer, connect as dial } from 'node:net';
import { until } from '../chaos/until.js';

const program = ['/usr/bin/redis-server', '/usr/local/bin/redis-server'].find((file) => fs.existsSync(file));

/** Tests that need a Redis are skipped by name where none is installed. */
export const testWithRedis = program ? test : test.skip;

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as { port: number };
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

/** A Redis that keeps nothing on disk: what is killed comes back empty, at the same address. */
export class TestRedis {
  private child: ChildProcess | undefined;

  private constructor(private readonly port: number) {}

  static async start(): Promise<TestRedis> {
    const redis = new TestRedis(await freePort());
    await redis.up();
    return redis;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  async up(): Promise<void> {
    const args = ['--port', String(this.port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
    this.child = spawn(program ?? 'redis-server', args, { stdio: 'ignore' });
    await until('Redis to listen', 20_000, async () => {
      const socket = dial(this.port, '127.0.0.1');
      return new Promise<true | undefined>((resolve) => {
        socket.once('connect', () => resolve(true)).once('error', () => resolve(undefined));
      }).finally(() => socket.destroy());
    });
  }

  /** `kill -9`. */
  async kill(): Promise<void> {
    const { child } = this;
    this.child = undefined;
    if (!child || child.exitCode !== null) return;
    const over = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await over;
  }
}

import { setTimeout as sleep } from 'node:timers/promises';
import { getQueueToken, Processor, WorkerHost } from '@nestjs/bullmq';
import { type INestApplicationContext, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { Job, Queue } from 'bullmq';
import { freshDatabase, type TestDatabase } from '../../../../../test/support/database.js';
import { TestRedis, testWithRedis } from '../../../../../test/support/redis.js';
import { type Config, readSettings } from '../config/config.js';
import { ConfigModule } from '../config/config.module.js';
import { QueueModule } from './queue.module.js';

const done: string[] = [];

@Processor('chores')
class ChoresProcessor extends WorkerHost {
  async process(job: Job<{ fail?: number }>): Promise<void> {
    done.push(`${job.name} ${job.attemptsMade + 1}`);
    if (job.attemptsMade < (job.data.fail ?? 0)) throw new Error('not yet');
  }
}

let database: TestDatabase;
let open: INestApplicationContext[] = [];
beforeAll(async () => {
  database = await freshDatabase();
});
beforeEach(() => done.splice(0));
afterEach(async () => {
  for (const context of open) await context.close();
  open = [];
});
afterAll(() => database?.drop());

async function start(roles: string, repeats: { job: string; every_ms: number }[] = [], redis?: TestRedis): Promise<Queue> {
  const settings = readSettings({ DATABASE_URL: database.url, HEAP_ROLES: roles, ...(redis && { REDIS_URL: redis.url }) });
  const config: Config = { ...settings, auth_secret: 'x'.repeat(32), simulated_payments: true };
  @Module({
    imports: [ConfigModule.forRoot(config), QueueModule.forRoot(config), QueueModule.forQueue({ name: 'chores', repeats })],
    providers: [ChoresProcessor],
  })
  class TestModule {}
  const context = await NestFactory.createApplicationContext(TestModule, { logger: false, abortOnError: false });
  open.push(context);
  return context.get<Queue>(getQueueToken('chores'), { strict: false });
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  for (let i = 0; i < 1_500; i++) {
    if (await condition()) return;
    await sleep(20);
  }
  throw new Error(`did not happen within 30 s; done: ${done.join(', ')}`);
}

test('jobs are done where the process works, and again when they fail', async () => {
  const queue = await start('api,worker');
  await queue.add('sweep floor', {});
  await queue.add('wash up', { fail: 1 });
  await until(() => done.length === 3);
  expect([...done].sort()).toEqual(['sweep floor 1', 'wash up 1', 'wash up 2']);
});

test('a process without the role only puts jobs in; one with it takes them out', async () => {
  const queue = await start('api,gateway');
  await queue.add('iron', {});
  await sleep(300);
  expect(done).toEqual([]);
  await start('worker');
  await until(() => done.includes('iron 1'));
});

test('repeated jobs run for all processes together, and stop when they are declared no longer', async () => {
  await start('worker', [{ job: 'tick', every_ms: 200 }]);
  await start('worker', [{ job: 'tick', every_ms: 200 }]);
  const [began_ms, before] = [performance.now(), done.length];
  await until(() => done.length >= before + 12);
  // Both processes for themselves would do twice as many.
  expect(done.length - before).toBeLessThanOrEqual(1.5 * ((performance.now() - began_ms) / 200) + 2);
  for (const context of open.splice(0)) await context.close();
  const queue = await start('worker', []);
  expect(await queue.getJobSchedulers()).toEqual([]);
  // A turn that had begun before the schedule was taken away is still done.
  while ((await queue.getJobCountByTypes('active', 'waiting', 'prioritized')) > 0) await sleep(50);
  done.splice(0);
  await sleep(600);
  expect(done).toEqual([]);
});

test('repeated jobs go on when the clock is set back by an hour', async () => {
  const now = Date.now;
  try {
    Date.now = () => now() + 3_600_000;
    await start('worker', [{ job: 'tock', every_ms: 200 }]);
    await until(() => done.includes('tock 1'));
  } finally {
    Date.now = now;
  }
  // What was due by the clock that was ahead may still be done.
  await sleep(500);
  const before = done.length;
  await until(() => done.length >= before + 3);
});

testWithRedis('repeated jobs go on after the death of a Redis that kept nothing, and so does what is put in by hand', async () => {
  const redis = await TestRedis.start();
  try {
    const queue = await start('worker', [{ job: 'tack', every_ms: 200 }], redis);
    await until(() => done.includes('tack 1'));
    await redis.kill();
    const put_in = queue.add('while it is away', {});
    await sleep(300);
    done.splice(0);
    await redis.up();
    await put_in;
    await until(() => done.includes('while it is away 1') && done.filter((job) => job === 'tack 1').length >= 3);
  } finally {
    for (const context of open.splice(0)) await context.close();
    await redis.kill();
  }
});

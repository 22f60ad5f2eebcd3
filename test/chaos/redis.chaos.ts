// @own-machine: it kills by the clock.
import { startTestAgent, type TestAgent } from '../support/agent.js';
import { startBroker, type TestBroker } from '../support/broker.js';
import { TestRedis, testWithRedis } from '../support/redis.js';
import { until } from './until.js';

let redis: TestRedis | undefined;
let broker: TestBroker | undefined;
let agent: TestAgent | undefined;
afterEach(async () => {
  await agent?.close();
  await broker?.close();
  await redis?.kill();
});

testWithRedis(
  'a Redis that is killed under a running job and comes back empty costs time only: work flows on, and what is earned is released',
  async () => {
    redis = await TestRedis.start();
    broker = await startBroker({ REDIS_URL: redis.url, HEAP_HOLDBACK_SECONDS: '1' });
    const { sql } = broker;
    const [owner, developer] = [await broker.person({ name: 'Olive' }), await broker.person({ name: 'Bea' })];
    agent = await startTestAgent(broker, owner, { slots: 1 });
    let over = false;
    let fed = 0;
    async function* numbers() {
      while (!over) {
        await new Promise((resolve) => setTimeout(resolve, 10));
        yield fed++;
      }
    }
    const answers: number[] = [];
    const run = developer.heap.map((n: number) => n * 3, numbers(), { verification: 'L0', budget: '5.00' });
    const reading = (async () => {
      for await (const { index, value } of run) answers[index] = value as number;
    })();
    const flows = async () => {
      const had = answers.length;
      await until('work to flow', 60_000, () => answers.length > had + 5 || undefined);
    };
    await flows();
    await redis.kill();
    await flows();
    await redis.up();
    await flows();
    over = true;
    await reading;
    expect(answers).toEqual(Array.from({ length: fed }, (_, n) => n * 3));
    await until('what was earned to be released', 60_000, async () => {
      const [held] = await sql<{ n: bigint }>("SELECT count(*) AS n FROM capture WHERE state <> 'RELEASED'");
      return held?.n === 0n || undefined;
    });
    expect(await broker.broken()).toEqual([]);
  },
  180_000,
);

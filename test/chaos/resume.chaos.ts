// @own-machine: it cuts by the clock.
import { Sessions } from '../../apps/broker/src/dispatch/sessions.js';
import { startTestAgent, type TestAgent } from '../support/agent.js';
import { startBroker, type TestBroker } from '../support/broker.js';
import { TcpProxy } from '../support/tcp-proxy.js';
import { Chance } from './chance.js';
import { until } from './until.js';

/** A slice in `npm test`; `npm run test:chaos` cuts this often. */
const CUTS = process.env.CHAOS_WHOLE ? 200 : 12;
const RESUMED_LEAST = 0.99;
const TIMEOUT_MS = CUTS * 5_000 + 60_000;
const seed = Number(process.env.CHAOS_SEED ?? Math.floor(Math.random() * 1e9));

let broker: TestBroker | undefined;
let proxy: TcpProxy | undefined;
let agent: TestAgent | undefined;
afterEach(async () => {
  await agent?.close();
  await proxy?.close();
  await broker?.close();
});

test(
  `of ${CUTS} connections cut at random while work flows, at least 99 % of the sessions go on, and every task counts once`,
  async () => {
    process.stderr.write(`CHAOS_SEED=${seed}\n`);
    const chance = new Chance(seed);
    broker = await startBroker();
    const [owner, developer] = [await broker.person({ name: 'Olive' }), await broker.person({ name: 'Bea' })];
    const sessions = broker.app.get(Sessions, { strict: false });
    proxy = await TcpProxy.start(Number(new URL(broker.url).port));
    agent = await startTestAgent(broker, owner, { slots: 2, url: `http://127.0.0.1:${proxy.port}` });
    const { node_id } = agent;
    const connected = () => {
      const session = sessions.of(node_id);
      return session?.connected ? { sid: session.sid, session_epoch: session.session_epoch } : undefined;
    };

    let over = false;
    let fed = 0;
    async function* numbers() {
      while (!over) {
        await new Promise((resolve) => setTimeout(resolve, 5));
        yield fed++;
      }
    }
    const answers: number[] = [];
    const run = developer.heap.map((n: number) => n + 1, numbers(), { verification: 'L0', budget: '5.00', slots: 2 });
    const reading = (async () => {
      for await (const { index, value } of run) answers[index] = value as number;
    })();

    let resumed = 0;
    for (let cut = 0; cut < CUTS; cut++) {
      const before = await until('a connection', 30_000, connected);
      const had = answers.length;
      await until('work to flow', 30_000, () => answers.length > had || undefined);
      proxy.faults.latency_ms = chance.pick([0, 0, 5, 20]);
      proxy.faults.to_client_bytes_per_s = chance.pick([0, 0, 20_000]);
      const kind = chance.pick(['reset', 'truncate', 'half-open'] as const);
      if (kind === 'truncate') proxy.truncate();
      if (kind === 'half-open') {
        proxy.halfOpen();
        await new Promise((resolve) => setTimeout(resolve, chance.between(10, 300)));
      }
      // The cut itself: whatever was half sent is lost.
      if (kind !== 'truncate') proxy.reset();
      const after = await until(`the node to come back after cut ${cut} (${kind})`, 60_000, () => {
        const now = connected();
        return now && now.session_epoch > before.session_epoch ? now : undefined;
      });
      if (after.sid === before.sid) resumed += 1;
      else process.stderr.write(`cut ${cut} (${kind}) began a new session\n`);
    }
    over = true;
    await reading;
    expect(answers).toEqual(Array.from({ length: fed }, (_, n) => n + 1));
    expect(resumed / CUTS).toBeGreaterThanOrEqual(RESUMED_LEAST);
    expect(await broker.broken()).toEqual([]);
  },
  TIMEOUT_MS,
);

// @own-machine: it kills by the clock.
import { startTestAgent, type TestAgent } from '../support/agent.js';
import { startBroker, type TestBroker } from '../support/broker.js';
import { TcpProxy } from '../support/tcp-proxy.js';
import { Chance } from './chance.js';
import { GatewayProcess } from './gateway-processes.js';
import { until } from './until.js';

/** A slice in `npm test`; `npm run test:chaos` stops them this often. */
const STOPS = process.env.CHAOS_WHOLE ? 20 : 2;
const AGENTS = 2;
const TIMEOUT_MS = STOPS * 20_000 + 120_000;
const seed = Number(process.env.CHAOS_SEED ?? Math.floor(Math.random() * 1e9));

let broker: TestBroker | undefined;
let balancer: TcpProxy | undefined;
let gateways: GatewayProcess[] = [];
let agents: TestAgent[] = [];
afterEach(async () => {
  await Promise.all(agents.map((agent) => agent.close()));
  await Promise.all(gateways.map((gateway) => gateway.stop()));
  await balancer?.close();
  await broker?.close();
});

test(
  'two gateways behind a balancer, one stopped or killed after the other: their nodes move and nothing is lost or counted twice',
  async () => {
    process.stderr.write(`CHAOS_SEED=${seed}\n`);
    const chance = new Chance(seed);
    broker = await startBroker({ HEAP_ROLES: 'api,market,worker' });
    const { sql } = broker;
    gateways = await Promise.all(['west', 'east'].map((name) => GatewayProcess.start(broker as TestBroker, name)));
    balancer = await TcpProxy.start(...gateways.map((gateway) => gateway.port));
    const url = `http://127.0.0.1:${balancer.port}`;
    const [owner, developer] = [await broker.person({ name: 'Olive' }), await broker.person({ name: 'Bea' })];
    agents = await Promise.all(Array.from({ length: AGENTS }, () => startTestAgent(broker as TestBroker, owner, { slots: 1, url })));

    let over = false;
    let fed = 0;
    async function* numbers() {
      while (!over) {
        await new Promise((resolve) => setTimeout(resolve, 10));
        yield fed++;
      }
    }
    const answers: number[] = [];
    const run = developer.heap.map((n: number) => n * 2, numbers(), { verification: 'L0', budget: '5.00', slots: AGENTS });
    const reading = (async () => {
      for await (const { index, value } of run) answers[index] = value as number;
    })();
    /** Where each node is, by the database. */
    const places = async () =>
      sql<{ id: string; name: string }>("SELECT n.id, g.name FROM node n JOIN gateway g ON g.id = n.gateway_id WHERE n.state = 'ONLINE'");

    for (let stop = 0; stop < STOPS; stop++) {
      await until('all nodes to be there', 60_000, async () => (await places()).length === AGENTS || undefined);
      const had = answers.length;
      await until('work to flow', 60_000, () => answers.length > had + 5 || undefined);
      const victim = gateways[stop % 2] as GatewayProcess;
      victim.kill(chance.pick(['SIGKILL', 'SIGTERM'] as const));
      // Its nodes are at the other one before it is back, or at it again soon after; work flows meanwhile.
      const then = answers.length;
      await until('work to flow again', 60_000, () => answers.length > then + 5 || undefined);
      if (stop + 1 < STOPS) await victim.up();
    }
    over = true;
    await reading;
    expect(answers).toEqual(Array.from({ length: fed }, (_, n) => n * 2));
    const [counted] = await sql<{ tasks: bigint; accepted: bigint }>(
      "SELECT (SELECT count(*) FROM task) AS tasks, (SELECT count(*) FROM attempt WHERE outcome = 'accepted') AS accepted",
    );
    expect(counted).toEqual({ tasks: BigInt(fed), accepted: BigInt(fed) });
    expect(await broker.broken()).toEqual([]);
  },
  TIMEOUT_MS,
);

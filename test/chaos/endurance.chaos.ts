// @own-machine: it kills by the clock, and its thirty nodes fill a machine.
import { setTimeout as sleep } from 'node:timers/promises';
import { NOTHING, nothings } from '../load/nothing.js';
import { Swarm } from '../load/swarm/swarm.js';
import { startBroker, type TestBroker } from '../support/broker.js';
import { ONE_PRICE_OF_FUEL } from '../support/fake-node.js';
import { TcpProxy } from '../support/tcp-proxy.js';
import { readBooks } from './books.js';
import { Chance } from './chance.js';
import { GatewayProcess } from './gateway-processes.js';
import { MarketProcess } from './market-processes.js';
import { until } from './until.js';
import { WorkerProcess } from './worker-processes.js';

/** `npm run test:endurance` is the whole acceptance run, `npm test` a slice of it. */
const WHOLE = process.env.npm_lifecycle_event === 'test:endurance';
const TASKS = Number(process.env.ENDURANCE_TASKS ?? (WHOLE ? 100_000 : 3_000));
const NODES = WHOLE ? 200 : 30;
/** So long a node takes for a task: a run is to see many kills. */
const TASK_MS = WHOLE ? 500 : 60;
const KILL_EVERY_MS = WHOLE ? 30_000 : 500;
const KILL_EVERY_RESULTS = WHOLE ? 1 : TASKS / 6;
/** Of the nodes, so many lose their connection again and again. */
const FLAPPING = 0.2;
const AWAY_MS = WHOLE ? 5_000 : 800;
const TIMEOUT_MS = WHOLE ? 1_800_000 : 600_000;
const STUCK_MS = 120_000;
const BUDGET_MICRO = 20_000_000n;
/** The same seed cuts and kills in the same order; processes keep their own pace. */
const seed = Number(process.env.CHAOS_SEED ?? Math.floor(Math.random() * 1e9));
const note = (line: string) => void process.stderr.write(`endurance: ${line}\n`);

let broker: TestBroker;
let balancer: TcpProxy;
let swarm: Swarm;
const processes: Record<string, GatewayProcess | MarketProcess | WorkerProcess> = {};

beforeAll(async () => {
  note(`CHAOS_SEED=${seed}, ${TASKS} tasks, ${NODES} nodes`);
  broker = await startBroker({
    HEAP_ROLES: 'api',
    HEAP_CALLER_REQUESTS_PER_MINUTE: '1000000',
    HEAP_ADDRESS_REQUESTS_PER_MINUTE: '1000000',
  });
  const gateways = WHOLE ? ['west', 'east'] : ['west'];
  const started = await Promise.all([
    ...gateways.map((name) => GatewayProcess.start(broker, name)),
    MarketProcess.start(broker, 'market', {}),
    WorkerProcess.start(broker, 'worker'),
  ]);
  for (const one of started) processes[one.name] = one;
  balancer = await TcpProxy.start(...started.flatMap((one) => (one instanceof GatewayProcess ? [one.port] : [])));
}, 180_000);
afterAll(async () => {
  await swarm?.stop();
  await Promise.all(Object.values(processes).map((one) => one.stop()));
  await balancer?.close();
  await broker?.close();
}, 60_000);

test(
  `${TASKS} tasks while nodes come and go and processes of the broker are killed in turn: none lost, none paid twice, all at their end`,
  async () => {
    const chance = new Chance(seed);
    const owner = await broker.person({ name: 'Olive', funds_micro: 0n });
    const developer = await broker.person({ name: 'Dev', funds_micro: 100_000_000n });
    swarm = await Swarm.start({
      url: `http://127.0.0.1:${balancer.port}`,
      database_url: broker.database_url,
      call: async (method, route, body) => (await owner.call(method, route, body)).body,
      nodes: NODES,
      task_ms: TASK_MS,
      fuel_used: ONE_PRICE_OF_FUEL,
    });
    await swarm.connect();
    await swarm.all({ do: 'keep', flapping: FLAPPING, away_ms: AWAY_MS, seed });
    note('the nodes are there');

    const began_ms = performance.now();
    const terms = {
      verification: 'L0' as const,
      maxPrice: 5n,
      budget: BUDGET_MICRO,
      fuelLimit: ONE_PRICE_OF_FUEL,
      slots: NODES,
      maxAttempts: 10,
      name: 'endurance',
    };
    const run = developer.heap.map({ module: NOTHING, codec: 'bytes' }, nothings(TASKS), { ...terms, onTaskError: 'yield' });
    const seen = new Set<number>();
    let twice = 0;
    let errors = 0;
    let gaps = 0;
    let over = false;
    let heard_ms = performance.now();
    const reading = (async () => {
      for await (const { index, seq, error } of run) {
        heard_ms = performance.now();
        if (seen.has(index)) twice += 1;
        seen.add(index);
        if (error) errors += 1;
        if (seq !== seen.size) gaps += 1;
      }
    })().finally(() => {
      over = true;
    });
    const kills: string[] = [];
    const names = Object.keys(processes);
    const killing = (async () => {
      for (let turn = 0; !over; turn++) {
        const kill_ms = performance.now() + KILL_EVERY_MS;
        while (!over && (performance.now() < kill_ms || seen.size < (turn + 1) * KILL_EVERY_RESULTS)) {
          if (performance.now() - heard_ms > STUCK_MS) throw new Error(`no result for ${STUCK_MS / 1_000} s, after ${seen.size}`);
          await sleep(50);
        }
        if (over || (!WHOLE && turn >= names.length)) continue;
        const name = names[(turn + (seed % names.length)) % names.length] as string;
        await processes[name]?.up();
        if (over) return;
        processes[name]?.kill('SIGKILL');
        kills.push(name);
        note(`killed ${name} at ${seen.size} results`);
        await sleep(chance.below(200));
      }
    })();
    await Promise.all([reading, killing]);
    const seconds = (performance.now() - began_ms) / 1_000;
    await Promise.all(Object.values(processes).map((one) => one.up()));

    const job = await run.job;
    await until(
      'the end of the leases',
      120_000,
      async () => (await readBooks(broker.database_url, job.id)).open_leases === 0 || undefined,
    );
    const books = await readBooks(broker.database_url, job.id);
    const [{ lost = 0, requeued = 0 } = {}] = await broker.sql<{ lost: number; requeued: number }>(
      `SELECT count(*) FILTER (WHERE outcome = 'lost')::int AS requeued,
         (SELECT count(*)::int FROM task WHERE job_id = $1 AND state NOT IN ('DONE', 'FAILED')) AS lost FROM attempt WHERE job_id = $1`,
      [job.id],
    );
    const [paid_twice] = await broker.sql<{ n: number }>(
      `SELECT count(*)::int AS n FROM (SELECT 1 FROM attempt WHERE job_id = $1 AND charge_micro > 0 GROUP BY index HAVING count(*) > 1) AS t`,
      [job.id],
    );
    const broken = await broker.broken();
    const reports = await swarm.all({ do: 'beat' });
    const total = (of: (report: (typeof reports)[number]) => number) => reports.reduce((sum, report) => sum + of(report), 0);
    const summary = {
      test: 'endurance',
      seed,
      tasks: TASKS,
      nodes: NODES,
      seconds: Math.round(seconds),
      tasks_per_s: Math.round(TASKS / seconds),
      kills: Object.fromEntries(names.map((name) => [name, kills.filter((one) => one === name).length])),
      connections_lost: total(({ closed }) => Object.values(closed).reduce((sum, n) => sum + n, 0)),
      sessions_resumed: total(({ resumed }) => resumed),
      attempts_lost: requeued,
      tasks_lost: lost,
      tasks_failed: errors,
      tasks_paid_twice: paid_twice?.n ?? 0,
      audit_broken: broken,
    };
    process.stderr.write(`${JSON.stringify(summary)}\n`);

    expect([seen.size, twice, errors, gaps]).toEqual([TASKS, 0, 0, 0]);
    expect(summary).toMatchObject({ tasks_lost: 0, tasks_paid_twice: 0, audit_broken: [] });
    expect(books.job).toEqual({
      ...{ state: 'DONE', total: TASKS, queued: 0, leased: 0, done: TASKS, failed: 0, settled_seq: TASKS, reserved: 0 },
    });
    expect(books.accepted).toEqual({ attempts: TASKS, tasks: TASKS, seq_min: 1, seq_max: TASKS, seqs: TASKS });
    const { job: charged } = books.charged;
    expect(charged).toBe(TASKS);
    expect(books.charged).toEqual({ job: charged, attempts: charged, leases: charged, captures: charged });
    expect(books.hold).toEqual({
      ...{ state: 'RESOLVED', amount: Number(BUDGET_MICRO), captured: charged, returned: Number(BUDGET_MICRO) - charged },
    });
    expect(new Set(kills)).toEqual(new Set(names));
    expect(summary.connections_lost).toBeGreaterThan(0);
  },
  TIMEOUT_MS,
);

// @own-machine: how long a market has no rounds is measured.
import { setTimeout as sleep } from 'node:timers/promises';
import { startBroker, type TestBroker, type TestPerson } from '../support/broker.js';
import { FakeNode, type FakeSession, resultOf } from '../support/fake-node.js';
import { echoModule, inline, placed } from '../support/orders.js';
import { Chance } from './chance.js';
import { leaderOf, MarketProcess } from './market-processes.js';
import { until } from './until.js';

/** `npm run test:leaders` runs the whole acceptance test, `npm test` a slice of it. */
const WHOLE = process.env.npm_lifecycle_event === 'test:leaders';
const KILLS = Number(process.env.CHAOS_LEADER_KILLS ?? (WHOLE ? 20 : 3));
const STOPS = Number(process.env.CHAOS_LEADER_STOPS ?? (WHOLE ? 5 : 1));
const MARKET = 'work:micro';
const NODES = 5;
const SLOTS = 2;
/** Jobs that are there to be worked on at a time. */
const JOBS = 8;
const TASKS = 16;
/** Terms are short, so that renewals and displacements fall into the kills. */
const SETTINGS = { HEAP_LEASE_TERM_MS: '2000', HEAP_ROUND_INTERVAL_MS: '250', HEAP_MAX_DISCONNECT_MS: '60000', HEAP_LOG_LEVEL: 'warn' };
const FAILOVER_MS = 5_000;
const STUCK_MS = 90_000;
const seed = Number(process.env.CHAOS_SEED ?? Math.floor(Math.random() * 1e9));

let broker: TestBroker;
let dev: TestPerson;
let module_hash: string;
const processes: MarketProcess[] = [];
const sessions: FakeSession[] = [];
const chance = new Chance(seed);
const note = (line: string) => void process.stderr.write(`leader chaos: ${line}\n`);

beforeAll(async () => {
  const secret = 'leader chaos '.repeat(4);
  broker = await startBroker({ ...SETTINGS, HEAP_ROLES: 'api,gateway,worker', HEAP_AUTH_SECRET: secret });
  for (const name of ['market-a', 'market-b'])
    processes.push(await MarketProcess.start(broker, name, { ...SETTINGS, HEAP_AUTH_SECRET: secret }));
  dev = await broker.person({ funds_micro: 100_000_000n });
  const owner = await broker.person({ funds_micro: 0n });
  module_hash = await echoModule(broker, dev);
  for (let i = 0; i < NODES; i++) {
    const node = await FakeNode.enrol(broker, owner);
    const script = async (task: Parameters<typeof resultOf>[0] & { input: Buffer | null }) => {
      await sleep(20 + chance.below(120));
      return resultOf(task, task.input ?? '');
    };
    sessions.push(await node.online({ script, slots: SLOTS, price_micro: BigInt(40 + 10 * i) }));
  }
}, 120_000);
afterAll(async () => {
  for (const session of sessions) session.send('bye', { code: 'test_over' });
  await Promise.all(sessions.map((session) => session.closed));
  await Promise.all(processes.map((one) => one.stop()));
  await broker?.close();
}, 60_000);

/** Keeps so many jobs going until it is told to stop, then waits for the last. @returns all of them. */
async function load(stopped: () => boolean): Promise<string[]> {
  const all: string[] = [];
  const open = new Set<string>();
  for (let idle_since = Date.now(); ; ) {
    while (!stopped() && open.size < JOBS) {
      const { id } = await placed(dev, module_hash, {
        slots: 1 + chance.below(3),
        max_price_micro: String(85 + chance.below(200)),
        budget_micro: '40000',
        max_attempts: 10,
        interruptible: chance.next() < 0.7,
        preemption_notice_ms: chance.pick([0, 300, 800]),
        inputs: Array.from({ length: TASKS }, (_, i) => inline(`${all.length}/${i}`)),
      });
      all.push(id);
      open.add(id);
    }
    const over = await broker.sql<{ id: string }>('SELECT id FROM job WHERE id = ANY($1) AND finished_at IS NOT NULL', [[...open]]);
    for (const { id } of over) open.delete(id);
    if (over.length > 0) idle_since = Date.now();
    if (stopped() && open.size === 0) return all;
    if (Date.now() - idle_since > STUCK_MS) throw new Error(`no job has ended for ${STUCK_MS / 1_000} s; ${open.size} are open`);
    await sleep(100);
  }
}

/** Who leads, by the epoch: a process that stands still may still hold the lock. */
async function leading(): Promise<{ victim: MarketProcess; epoch: bigint }> {
  const name = await until('a leader', STUCK_MS, () => leaderOf(broker, MARKET));
  const victim = processes.find((one) => one.name === name);
  if (!victim) throw new Error(`${name} leads and is none of ours`);
  return { victim, epoch: await epochOf() };
}

/** The first round under a later epoch: how long after the last one before, and after the leader was lost. */
const nextRound = (epoch: bigint, lost_at: Date | undefined) =>
  until('a round of the next leader', 30_000, async () => {
    const [row] = await broker.sql<{ gap_ms: number; outage_ms: number }>(
      `SELECT round(extract(epoch FROM a.at - b.at) * 1000)::int AS gap_ms, round(extract(epoch FROM a.at - $2::timestamptz) * 1000)::int AS outage_ms
       FROM (SELECT min(cleared_at) AS at FROM round WHERE market = 'work:micro' AND leader_epoch > $1) AS a,
         (SELECT max(cleared_at) AS at FROM round WHERE market = 'work:micro' AND leader_epoch <= $1) AS b WHERE a.at IS NOT NULL`,
      [epoch, lost_at],
    );
    return row;
  });
const now = async () => (await broker.sql<{ now: Date }>('SELECT clock_timestamp() AS now'))[0]?.now;

const epochOf = async () =>
  (await broker.sql<{ epoch: bigint }>("SELECT epoch FROM market_leader WHERE market = 'work:micro'"))[0]?.epoch ?? 0n;
const quantile = (values: number[], q: number) =>
  [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(q * values.length))];
const inMs = (values: number[]) => `p50 ${quantile(values, 0.5)} ms, p95 ${quantile(values, 0.95)} ms, most ${Math.max(...values)} ms`;

test(
  `the leader of a market is killed ${KILLS} times and stopped ${STOPS} times under load: no slot leased twice, no order lost`,
  async () => {
    note(`CHAOS_SEED=${seed}, ${KILLS} kills, ${STOPS} stops`);
    let over = false;
    const working = load(() => over);
    let failed: unknown;
    working.catch((error: unknown) => {
      failed = error;
    });
    /** From the last round before a kill to the first after it, and from the kill to that round. */
    const gaps_ms: number[] = [];
    const outages_ms: number[] = [];
    const stop_gaps_ms: number[] = [];
    try {
      for (let kill = 1; kill <= KILLS; kill++) {
        for (const one of processes) await one.up();
        if (failed) throw failed;
        await sleep(300 + chance.below(1_500));
        const { victim, epoch } = await leading();
        const at = await now();
        const pid = victim.kill();
        const next = await nextRound(epoch, at);
        gaps_ms.push(next.gap_ms);
        outages_ms.push(next.outage_ms);
        note(`kill ${kill}: ${victim.name} (${pid}); a round ${next.outage_ms} ms later, ${next.gap_ms} ms after the last`);
      }
      for (let stop = 1; stop <= STOPS; stop++) {
        for (const one of processes) await one.up();
        if (failed) throw failed;
        await sleep(300 + chance.below(1_500));
        const { victim, epoch } = await leading();
        const at = await now();
        const pid = victim.freeze();
        try {
          const next = await nextRound(epoch, at);
          stop_gaps_ms.push(next.gap_ms);
          note(`stop ${stop}: ${victim.name} (${pid}); a round ${next.outage_ms} ms later, ${next.gap_ms} ms after the last`);
          // Its successor leads for a while; then it goes on in the middle of what it did, and must hear that it is over.
          await sleep(chance.below(2_000));
        } finally {
          victim.thaw();
        }
        const successor = await epochOf();
        await until('the lock to be with who leads', 30_000, async () => (await leaderOf(broker, MARKET)) !== undefined || undefined);
        await until('a round after the old leader went on', 30_000, async () => {
          const [row] = await broker.sql<{ n: number }>(
            "SELECT count(*)::int AS n FROM round WHERE market = 'work:micro' AND leader_epoch >= $1 AND cleared_at > clock_timestamp() - interval '2 s'",
            [successor],
          );
          return (row?.n ?? 0) > 0 || undefined;
        });
      }
    } finally {
      over = true;
    }
    const jobs = await working;

    // No order lost, none done twice.
    const [done] = await broker.sql<{ jobs: number; tasks: number; accepted: number; twice: number }>(
      `SELECT (SELECT count(*)::int FROM job WHERE id = ANY($1) AND state = 'DONE' AND done = $2 AND reserved_micro = 0) AS jobs,
         (SELECT count(*)::int FROM task WHERE job_id = ANY($1) AND state = 'DONE') AS tasks,
         (SELECT count(*)::int FROM attempt WHERE job_id = ANY($1) AND outcome = 'accepted') AS accepted,
         (SELECT count(*)::int FROM (SELECT 1 FROM attempt WHERE job_id = ANY($1) AND outcome = 'accepted' GROUP BY job_id, index HAVING count(*) > 1) t) AS twice`,
      [jobs, TASKS],
    );
    expect(done).toEqual({ jobs: jobs.length, tasks: jobs.length * TASKS, accepted: jobs.length * TASKS, twice: 0 });

    // No slot leased twice, no node beyond its slots, no job beyond its own, no fencing token used again.
    await until(
      'the end of the leases',
      30_000,
      async () => (await broker.sql("SELECT 1 FROM lease WHERE state <> 'ENDED'")).length === 0 || undefined,
    );
    const twice = await broker.sql(
      `SELECT a.id, b.id FROM lease a JOIN lease b ON a.id < b.id AND a.node_id = b.node_id AND a.slot_class = b.slot_class AND a.slot_no = b.slot_no
         AND tstzrange(a.granted_at, a.ended_at) && tstzrange(b.granted_at, b.ended_at)`,
    );
    expect(twice).toEqual([]);
    expect(await broker.sql('SELECT slot_no FROM lease WHERE slot_no >= $1', [SLOTS])).toEqual([]);
    expect(await broker.sql('SELECT node_id, epoch FROM lease GROUP BY 1, 2 HAVING count(*) > 1')).toEqual([]);
    // A job that wins a slot elsewhere finishes what is out on the one it leaves, which takes nothing new.
    const beyond = await broker.sql(
      `SELECT l.job_id FROM lease l JOIN job j ON j.id = l.job_id
       WHERE (SELECT count(*) FROM lease o WHERE o.job_id = l.job_id AND o.granted_at <= l.granted_at AND o.ended_at > l.granted_at
                AND (o.leaving_code IS NULL OR o.leaving_code = 'repriced')) > j.slots`,
    );
    expect(beyond).toEqual([]);

    // One chain of rounds, each epoch after the one before.
    const rounds = await broker.sql<{ number: bigint; leader_epoch: bigint; hash: string; previous_hash: string | null }>(
      "SELECT number, leader_epoch, hash, previous_hash FROM round WHERE market = 'work:micro' ORDER BY number",
    );
    rounds.forEach(({ number, leader_epoch, previous_hash }, i) => {
      expect([number, previous_hash]).toEqual([BigInt(i + 1), rounds[i - 1]?.hash ?? null]);
      expect(leader_epoch).toBeGreaterThanOrEqual(rounds[i - 1]?.leader_epoch ?? 0n);
    });
    expect(await broker.broken()).toEqual([]);

    const ends = await broker.sql<{ end_code: string; n: number }>(
      'SELECT end_code, count(*)::int AS n FROM lease GROUP BY 1 ORDER BY 2 DESC',
    );
    const [{ renewed } = { renewed: 0 }] = await broker.sql<{ renewed: number }>(
      'SELECT COALESCE(sum(renewals), 0)::int AS renewed FROM lease',
    );
    note(`${jobs.length} jobs, ${jobs.length * TASKS} tasks, ${rounds.length} rounds, ${renewed} renewals in place; leases ended by`);
    note(ends.map(({ end_code, n }) => `${end_code} ${n}`).join(', '));
    note(`gap between rounds over a kill: ${inMs(gaps_ms)}; from the kill to the next round: ${inMs(outages_ms)}`);
    const report = {
      bench: 'leaders',
      seed,
      kills: KILLS,
      stops: STOPS,
      jobs: jobs.length,
      rounds: rounds.length,
      gap_ms: { median: quantile(gaps_ms, 0.5), most: Math.max(...gaps_ms), all: gaps_ms },
      stop_gap_ms: { median: quantile(stop_gaps_ms, 0.5), most: Math.max(...stop_gaps_ms), all: stop_gaps_ms },
    };
    process.stderr.write(`${JSON.stringify(report)}\n`);
    expect([gaps_ms.length, stop_gaps_ms.length]).toEqual([KILLS, STOPS]);
    expect(quantile([...gaps_ms, ...stop_gaps_ms], 0.5)).toBeLessThan(FAILOVER_MS);
  },
  60_000 + (KILLS + STOPS) * 40_000,
);

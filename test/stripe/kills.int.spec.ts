import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Chance } from '../chaos/chance.js';
import { AT_ONCE, StripeWorld } from './world.js';

/** `npm run test:kills` has 100. */
const KILLS = Number(process.env.KILLS ?? 3);
const AFTER_MS_MAX = 1_200;
const SEED = 20_261_121;
/** All processes of a heap have the same limits: each screens a payout anew before it sends it. */
const LIMITS = { HEAP_PAYOUTS_PER_DAY: '1000' };
const DRAINED_WITHIN_MS = 60_000;
/** Processes that get ready, or work, while another is killed. */
const AHEAD = 2;

/** A worker process beside the broker, which then does nothing by itself. */
async function worker(world: StripeWorld, people: readonly string[]): Promise<ChildProcess> {
  const env = {
    ...process.env,
    ...world.fake.env(),
    DATABASE_URL: world.broker.database_url,
    HEAP_DATA_DIR: world.broker.config.data_dir,
    HEAP_ROLES: 'worker',
    HEAP_LOG_LEVEL: 'fatal',
    ...AT_ONCE,
    ...LIMITS,
    STRIPE_TIMEOUT_MS: '1000',
  };
  const child = spawn(process.execPath, [path.join(import.meta.dirname, 'money-child.js'), ...people], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await Promise.race([
    once(child.stdout as NodeJS.ReadableStream, 'data'),
    once(child, 'exit').then(([code]) => Promise.reject(new Error(`the worker ended with ${code}`))),
  ]);
  return child;
}

test(
  `a worker killed at ${KILLS} points of deposits, captures and payouts loses nothing and doubles nothing`,
  async () => {
    const world = await StripeWorld.start({ HEAP_ROLES: 'api', ...LIMITS });
    const chance = new Chance(SEED);
    try {
      const [developer, earner] = [await world.person('Ada'), await world.person('Eve')];
      await world.fund(developer, 900_000_000n);
      const owner = await world.owner('Bob');
      await world.earn(owner, developer, 300_000_000n);
      let deposits = 0n;
      const payouts: string[] = [];
      const start = () => {
        const ready = worker(world, [developer.person_id, earner.person_id]);
        // Whoever waits for it hears of it.
        ready.catch(() => {});
        return ready;
      };
      const next = Array.from({ length: Math.min(AHEAD, KILLS) }, start);
      for (let i = 0; i < KILLS; i++) {
        const child = await (next.shift() as Promise<ChildProcess>);
        if (i + AHEAD < KILLS) next.push(start());
        const exited = child.exitCode === null && child.signalCode === null ? once(child, 'exit') : Promise.resolve();
        const work = (async () => {
          // What the api process sends at once is cut off, so that the worker has something to do.
          world.fake.fail('POST /v1/transfers', chance.pick(['broken_before', 'broken_after']), 2);
          const { session } = await world.ask(developer, 5_000_000n);
          if (session !== '') {
            world.fake.payments.pay(session);
            deposits += 5_000_000n;
          }
          const { status, body } = await world.payOut(owner, 1_000_000n);
          if (status === 201) payouts.push(body.payout_id);
        })();
        await sleep(chance.below(AFTER_MS_MAX));
        child.kill('SIGKILL');
        await Promise.all([exited, work]);
        world.fake.faults.clear();
      }
      const began = performance.now();
      // Leases of the killed run out; a test does not wait for them.
      await world.broker.sql(`UPDATE outbox_message SET next_at = now() WHERE state IN ('PENDING', 'UNKNOWN')`);
      await world.broker.sql('UPDATE provider_event SET next_at = now() WHERE applied_at IS NULL');
      await world.settle();
      expect(performance.now() - began).toBeLessThan(DRAINED_WITHIN_MS);
      expect(payouts.length).toBe(KILLS);
      const stuck = await world.broker.sql(
        `SELECT p.id, p.state::text, p.reason, m.kind, m.state::text AS call, m.attempts, m.outcome FROM payout p
         LEFT JOIN outbox_message m ON m.subject_id = p.id WHERE p.transfer_ref IS NULL ORDER BY p.id`,
      );
      expect(stuck).toEqual([]);
      const transferred = [...world.fake.world.transfers.values()].map(({ metadata }) => metadata.heap_payout);
      expect(transferred.toSorted()).toEqual(payouts.toSorted());
      const [sum] = await world.broker.sql<{ sum: bigint }>(`SELECT sum(amount)::bigint AS sum FROM deposit WHERE state = 'SUCCEEDED'`);
      expect(sum?.sum).toBe(900_000_000n + deposits);
      const [captures] = await world.broker.sql<{ captured: bigint; jobs: bigint }>(
        `SELECT COALESCE(sum(gross), 0)::bigint AS captured, 7000 * count(DISTINCT job_id) AS jobs FROM capture WHERE owner_id = $1`,
        [earner.person_id],
      );
      expect(captures?.captured).toBe(captures?.jobs);
      expect(captures?.captured).toBeGreaterThan(0n);
      await world.expectSound();
    } finally {
      await world.close();
    }
  },
  60_000 + KILLS * 30_000,
);

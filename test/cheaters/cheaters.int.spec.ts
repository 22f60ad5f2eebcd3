/**
 * `npm run test:cheaters`: 200 nodes, a tenth of them a ring, and 100,000 tasks through a whole broker. As part of `npm test` a few nodes whose every
 * result is checked, so that what comes out does not depend on chance.
 *
 * `CHEATERS_TASKS`, `CHEATERS_NODES` and `CHEATERS_LEVELS` make it smaller (with fewer than 100 tasks to a node and level a ring that sleeps through its
 * probation need not be caught), `CHEATERS_SEED` another one, and `CHEATERS_SECONDS` is when it orders no more and judges what it has.
 */
import { LEVEL_RULES, type Level } from '#verification';
import { until } from '../chaos/until.js';
import { seeded } from '../sim/verification/random.js';
import { startBroker, type TestBroker, type TestPerson } from '../support/broker.js';
import { FakeNode, type FakeSession, type Script } from '../support/fake-node.js';
import { inline, placed, putModule } from '../support/orders.js';
import { Truth } from '../support/truth.js';
import { honest, Ring } from './ring.js';

const WHOLE = process.env.CHEATERS_WHOLE === '1';
const SEED = Number(process.env.CHEATERS_SEED ?? 1);
const SOURCE = 'export default (input) => { let n = 0; for (const byte of input) n = (n * 31 + byte) % 65521; return String(n); };';
const PRICE = 1_000_000_000n;
/** How the tasks of the whole run are shared out among the levels; `CHEATERS_LEVELS=L1,L3` runs only these, with all of the tasks each. */
const ONLY = process.env.CHEATERS_LEVELS?.split(',');
const SHARES = (
  [
    ['L1', 0.6],
    ['L2', 0.2],
    ['L3', 0.2],
  ] as [Level, number][]
).flatMap(([level, share]): [Level, number][] => (ONLY ? (ONLY.includes(level) ? [[level, 1]] : []) : [[level, share]]));
const JOB_TASKS = 5_000;
const JOINING_AT_ONCE = 4;
const INPUTS_AT_ONCE = 1_000;
const PROGRESS_MS = 15_000;
/** The whole run takes twenty minutes on two cores that do nothing else. What is not ordered by then is left out. */
const STOP_MS = Number(process.env.CHEATERS_SECONDS ?? 3_000) * 1_000;
/** A node that reports nothing for so long has its open results closed: longer than any is kept waiting for work. */
const HOLDBACK_SECONDS = WHOLE ? '20' : '2';
/** So many tasks to a node are enough for a ring of this greed, after the longest probation, to be caught at every level. */
const TIME_TO_CATCH = 100;
/** What chance adds to a share among so many. */
const sigma = (share: number, among: number): number => Math.sqrt(share / among);
const PATIENCE_MS = WHOLE ? 3_600_000 : 120_000;

let broker: TestBroker;
let truth: Truth;
beforeAll(async () => {
  broker = await startBroker({ HEAP_HOLDBACK_SECONDS: HOLDBACK_SECONDS });
  truth = await Truth.of(SOURCE);
}, 120_000);
afterAll(async () => {
  await truth?.close();
  await broker?.close();
});

const inputOf = (i: number): string => `task ${i} of a job that some would rather not do`;
const rightOf = (text: string): string => String([...Buffer.from(text)].reduce((n, byte) => (n * 31 + byte) % 65_521, 0));

interface Member {
  node_id: string;
  owner: TestPerson;
  session: FakeSession;
  cheats: boolean;
}

async function crowd(nodes: number, cheaters: number, ring: Ring): Promise<Member[]> {
  const join = async (i: number): Promise<Member> => {
    const cheats = i < cheaters;
    const script: Script = cheats ? ring.member() : honest(truth);
    const owner = await broker.person();
    const node = await FakeNode.enrol(broker, owner);
    const session = await node.online({ script, price_micro: PRICE });
    // Between two jobs nothing else is heard of it.
    session.keepAlive();
    return { node_id: node.node_id, owner, cheats, session };
  };
  const members: Member[] = [];
  for (let i = 0; i < nodes; i += JOINING_AT_ONCE)
    members.push(...(await Promise.all(Array.from({ length: Math.min(JOINING_AT_ONCE, nodes - i) }, (_, k) => join(i + k)))));
  return members;
}

interface Verdict {
  tasks: number;
  wrong: number;
  refuted: number;
  banned_cheaters: number;
  banned_honest: number;
  held_of_banned: number;
  released_to_banned: number;
  /** What banned nodes were paid when they were banned already. */
  released_after_ban: number;
  /** Of a task. */
  executions: number;
  took_s: number;
}

async function bannedNodes(): Promise<Set<string>> {
  const rows = await broker.sql<{ node_id: string }>('SELECT node_id FROM node_standing WHERE banned IS NOT NULL');
  return new Set(rows.map(({ node_id }) => node_id));
}

/** Orders a job, its inputs in as many requests as that takes. */
async function order(developer: TestPerson, module_hash: string, verification: Level, from: number, count: number, slots: number) {
  const inputs = Array.from({ length: count }, (_, i) => inline(inputOf(from + i)));
  const terms = { verification, max_price_micro: '2000000000', budget_micro: '100000000000', fuel_limit: 100_000_000, slots, open: true };
  const { id } = await placed(developer, module_hash, { ...terms, inputs: inputs.slice(0, INPUTS_AT_ONCE) });
  for (let first_index = INPUTS_AT_ONCE; first_index < count; first_index += INPUTS_AT_ONCE) {
    const body = { first_index, inputs: inputs.slice(first_index, first_index + INPUTS_AT_ONCE) };
    expect((await developer.call('POST', `/v1/jobs/${id}/tasks`, body)).status).toBe(200);
  }
  expect((await developer.call('POST', `/v1/jobs/${id}/close`)).status).toBe(200);
  return id;
}

/**
 * A task's executions in a heap as young as this one. What the level promises is of one that has run for long; beside that every node's first results
 * are all checked, its last ones closed, and what a cheater has open when it is caught, up to a window, is run again.
 */
function executionsMax(level: Level, nodes: number, cheaters: number, tasks: number): number {
  const { expected_executions, probation_results, closing_checks, window_results } = LEVEL_RULES[level];
  return expected_executions + (nodes * (probation_results + closing_checks) + cheaters * window_results) / tasks;
}

/** Jobs one after another, until so many tasks are done, or time is up, or all cheaters are banned. */
async function play(members: readonly Member[], level: Level, tasks: number, job_tasks: number, stop_at_ms: number): Promise<Verdict> {
  const cheaters = members.filter(({ cheats }) => cheats).length;
  const developer = await broker.person({ funds_micro: 1_000_000_000_000n });
  const { status, body } = await putModule(broker, developer, 'javascript', SOURCE);
  if (status >= 300) throw new Error(`the module was answered ${status}: ${JSON.stringify(body)}`);
  const module_hash: string = body.hash;
  const began_ms = performance.now();
  const jobs: string[] = [];
  const first_of = new Map<string, number>();
  for (let from = 0; from < tasks && (from === 0 || performance.now() < stop_at_ms); from += job_tasks) {
    const id = await order(developer, module_hash, level, from, Math.min(job_tasks, tasks - from), members.length);
    jobs.push(id);
    first_of.set(id, from);
    await until('the job ends', PATIENCE_MS, async () =>
      (await developer.call('GET', `/v1/jobs/${id}`)).body.finished_at ? true : undefined,
    );
    await until('its checks are decided', PATIENCE_MS, async () => {
      const [open] = await broker.sql<{ n: bigint }>(
        "SELECT count(*) AS n FROM result_check WHERE job_id = $1 AND state IN ('WANTED', 'OUT')",
        [id],
      );
      return open?.n === 0n ? true : undefined;
    });
    if (!WHOLE && (await bannedNodes()).size === cheaters) break;
  }
  await until('all is final', PATIENCE_MS, async () => {
    const [open] = await broker.sql<{ n: bigint }>(
      `SELECT (SELECT count(*) FROM capture WHERE job_id = ANY($1) AND state IN ('CAPTURED', 'DISPUTED'))
            + (SELECT count(*) FROM result_check WHERE job_id = ANY($1) AND state IN ('WANTED', 'OUT')) AS n`,
      [jobs],
    );
    return open?.n === 0n ? true : undefined;
  });
  const accepted = await broker.sql<{ job_id: string; index: number; output: Buffer; refuted: boolean }>(
    `SELECT a.job_id, a.index, a.output, r.job_id IS NOT NULL AS refuted FROM attempt a
     LEFT JOIN refuted_result r ON r.job_id = a.job_id AND r.index = a.index AND r.epoch = a.epoch
     WHERE a.job_id = ANY($1) AND a.outcome = 'accepted'`,
    [jobs],
  );
  const wrong = accepted.filter(
    ({ job_id, index, output, refuted }) => !refuted && output.toString() !== rightOf(inputOf((first_of.get(job_id) ?? 0) + index)),
  );
  const [work] = await broker.sql<{ n: bigint }>(
    `SELECT (SELECT count(*) FROM attempt WHERE job_id = ANY($1) AND outcome IN ('accepted', 'checked', 'superseded'))
          + (SELECT count(*) FROM result_check WHERE job_id = ANY($1) AND by_reference AND state IN ('AGREED', 'DIFFERED')) AS n`,
    [jobs],
  );
  const out = await bannedNodes();
  const money = await broker.sql<{ state: string; n: bigint }>(
    `SELECT c.state::text, count(*) AS n FROM capture c JOIN lease l ON l.id = c.lease_id WHERE l.node_id = ANY($1) GROUP BY c.state`,
    [[...out]],
  );
  const [late] = await broker.sql<{ n: bigint }>(
    `SELECT (SELECT count(*) FROM capture c JOIN lease l ON l.id = c.lease_id JOIN penalty p ON p.node_id = l.node_id AND p.kind <> 'probation'
             WHERE l.node_id = ANY($1) AND c.released_at > p.created_at)
          + (SELECT count(*) FROM check_pay WHERE node_id = ANY($1) AND state = 'HELD')
          + (SELECT count(*) FROM check_pay c JOIN penalty p ON p.node_id = c.node_id AND p.kind <> 'probation'
             WHERE c.node_id = ANY($1) AND c.state = 'RELEASED' AND c.ended_at > p.created_at) AS n`,
    [[...out]],
  );
  const captures = (state: string): number => Number(money.find((row) => row.state === state)?.n ?? 0n);
  return {
    ...{ tasks: accepted.length, wrong: wrong.length, refuted: accepted.filter(({ refuted }) => refuted).length },
    banned_cheaters: members.filter(({ node_id, cheats }) => cheats && out.has(node_id)).length,
    banned_honest: members.filter(({ node_id, cheats }) => !cheats && out.has(node_id)).length,
    held_of_banned: captures('CAPTURED') + captures('DISPUTED'),
    released_to_banned: captures('RELEASED'),
    released_after_ban: Number(late?.n ?? 0n),
    executions: Number(work?.n ?? 0n) / accepted.length,
    took_s: Math.round((performance.now() - began_ms) / 1000),
  };
}

/** What a run that takes hours is at, now and then, on stderr. @returns stops it. */
function tellProgress(): () => void {
  const began_ms = performance.now();
  const timer = setInterval(() => {
    void broker
      .sql(
        `SELECT (SELECT json_agg(json_build_array(order_terms->>'verification', done, queued, leased, checking)) FROM job WHERE finished_at IS NULL) AS open_jobs,
           (SELECT sum(done) FROM job) AS done,
           (SELECT json_object_agg(w, n) FROM (SELECT CASE WHEN by_reference THEN 'heap' ELSE 'nodes' END || ' ' || kind || ' ' || state AS w, count(*) AS n
              FROM result_check WHERE state IN ('WANTED', 'OUT') GROUP BY 1) AS c) AS checks,
           (SELECT count(*) FROM node_standing WHERE banned IS NOT NULL) AS banned,
           (SELECT count(*) FROM lease WHERE state <> 'ENDED') AS leases`,
      )
      .then(([row]) =>
        process.stderr.write(
          `${Math.round((performance.now() - began_ms) / 1000)} s ${JSON.stringify(row, (_, v) => (typeof v === 'bigint' ? Number(v) : v))}\n`,
        ),
      )
      .catch(() => undefined); // the run itself fails with the reason
  }, PROGRESS_MS);
  return () => clearInterval(timer);
}

async function goHome(members: readonly Member[]): Promise<void> {
  for (const { session } of members) if (session.socket.readyState === session.socket.OPEN) session.send('bye', { code: 'over' });
  await Promise.all(members.map(({ session }) => session.closed));
}

if (WHOLE)
  test(
    'a ring that sleeps through its probation gets no more through than each level says, and what it had open is void',
    async () => {
      const tasks = Number(process.env.CHEATERS_TASKS ?? 100_000);
      const nodes = Number(process.env.CHEATERS_NODES ?? 200);
      const [cheaters, all] = [Math.round(nodes / 10), SHARES.reduce((sum, [, share]) => sum + share, 0)];
      const stopTelling = tellProgress();
      let stop_at_ms = performance.now();
      try {
        for (const [level, share] of SHARES) {
          const { probation_results, expected_error } = LEVEL_RULES[level];
          const ring = new Ring(truth, { greed: 0.1, sleeps_for: probation_results, random: seeded(SEED) });
          // A fresh ring for each level, so that none is spared by what an earlier one lost.
          const members = await crowd(nodes, cheaters, ring);
          // Replicas take time: what a level does not use of its part is the next one's.
          stop_at_ms = Math.max(stop_at_ms, performance.now()) + (STOP_MS * share) / all;
          const verdict = await play(members, level, Math.round(tasks * share), JOB_TASKS, stop_at_ms);
          console.error(
            JSON.stringify({ run: 'cheaters', level, nodes, seed: SEED, asked: Math.round(tasks * share), lies: ring.lies, ...verdict }),
          );
          await goHome(members);
          expect(verdict).toMatchObject({ banned_honest: 0, held_of_banned: 0, released_after_ban: 0 });
          expect(verdict.wrong / verdict.tasks).toBeLessThanOrEqual(
            (expected_error as number) + 3 * sigma(expected_error as number, verdict.tasks),
          );
          if (verdict.tasks >= nodes * TIME_TO_CATCH) expect(verdict.banned_cheaters).toBeGreaterThan(0);
          expect(verdict.executions).toBeLessThanOrEqual(executionsMax(level, nodes, cheaters, verdict.tasks));
          expect(await broker.broken()).toEqual([]);
        }
      } finally {
        stopTelling();
      }
    },
    PATIENCE_MS,
  );
else
  test(
    'a ring that lies from the start is out with nothing, nothing wrong is final, and the books are right',
    async () => {
      const members = await crowd(8, 2, new Ring(truth, { greed: 1, sleeps_for: 0, random: seeded(SEED) }));
      const verdict = await play(members, 'L1', 600, 60, Number.POSITIVE_INFINITY);
      await goHome(members);
      expect(verdict).toMatchObject({
        wrong: 0,
        banned_cheaters: 2,
        banned_honest: 0,
        held_of_banned: 0,
        released_to_banned: 0,
        released_after_ban: 0,
      });
      expect(verdict.refuted).toBeGreaterThanOrEqual(6);
      expect(await broker.broken()).toEqual([]);
    },
    PATIENCE_MS,
  );

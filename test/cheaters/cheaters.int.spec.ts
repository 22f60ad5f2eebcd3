/**
 * `npm run test:cheaters`: 200 nodes, a tenth of them a ring, and 100,000 tasks through a whole broker. As part of `npm test` a few nodes whose every
 * result is checked, so that what comes out does not depend on chance.
 */
import { LEVEL_RULES } from '#verification';
import { until } from '../chaos/until.js';
import { seeded } from '../sim/verification/random.js';
import { startBroker, type TestBroker, type TestPerson } from '../support/broker.js';
import { FakeNode, type FakeSession, type Script } from '../support/fake-node.js';
import { inline, placed, putModule } from '../support/orders.js';
import { Truth } from '../support/truth.js';
import { type Habits, honest, Ring } from './ring.js';

const WHOLE = process.env.CHEATERS_WHOLE === '1';
const SEED = Number(process.env.CHEATERS_SEED ?? 1);
const SOURCE = 'export default (input) => { let n = 0; for (const byte of input) n = (n * 31 + byte) % 65521; return String(n); };';
const PRICE = 1_000_000_000n;
const PATIENCE_MS = WHOLE ? 4 * 3_600_000 : 120_000;

let broker: TestBroker;
let truth: Truth;
beforeAll(async () => {
  broker = await startBroker({ HEAP_HOLDBACK_SECONDS: WHOLE ? '60' : '2' });
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
  const members: Member[] = [];
  for (let i = 0; i < nodes; i++) {
    const cheats = i < cheaters;
    const script: Script = cheats ? ring.member() : honest(truth);
    const owner = await broker.person();
    const node = await FakeNode.enrol(broker, owner);
    members.push({ node_id: node.node_id, owner, cheats, session: await node.online({ script, price_micro: PRICE }) });
  }
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
  executions: number;
}

async function bannedNodes(): Promise<Set<string>> {
  const rows = await broker.sql<{ node_id: string }>('SELECT node_id FROM node_standing WHERE banned IS NOT NULL');
  return new Set(rows.map(({ node_id }) => node_id));
}

/** Jobs one after another, until so many tasks are done or all cheaters are banned. */
async function play(nodes: number, cheaters: number, tasks: number, job_tasks: number, habits: Habits): Promise<Verdict> {
  const developer = await broker.person({ funds_micro: 1_000_000_000_000n });
  const module_hash = (await putModule(broker, developer, 'javascript', SOURCE)).body.hash;
  const members = await crowd(nodes, cheaters, new Ring(truth, habits));
  const jobs: string[] = [];
  for (let from = 0; from < tasks; from += job_tasks) {
    const inputs = Array.from({ length: Math.min(job_tasks, tasks - from) }, (_, i) => inline(inputOf(i)));
    const terms = { verification: 'L1', max_price_micro: '2000000000', budget_micro: '10000000000', fuel_limit: 100_000_000 };
    const { id } = await placed(developer, module_hash, { ...terms, slots: nodes, inputs });
    jobs.push(id);
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
  const accepted = await broker.sql<{ index: number; output: Buffer; refuted: boolean }>(
    `SELECT a.index, a.output, r.job_id IS NOT NULL AS refuted FROM attempt a
     LEFT JOIN refuted_result r ON r.job_id = a.job_id AND r.index = a.index AND r.epoch = a.epoch
     WHERE a.job_id = ANY($1) AND a.outcome = 'accepted'`,
    [jobs],
  );
  const wrong = accepted.filter(({ index, output, refuted }) => !refuted && output.toString() !== rightOf(inputOf(index)));
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
  const captures = (state: string): number => Number(money.find((row) => row.state === state)?.n ?? 0n);
  for (const { session } of members) if (session.socket.readyState === session.socket.OPEN) session.send('bye', { code: 'over' });
  await Promise.all(members.map(({ session }) => session.closed));
  return {
    ...{ tasks: accepted.length, wrong: wrong.length, refuted: accepted.filter(({ refuted }) => refuted).length },
    banned_cheaters: members.filter(({ node_id, cheats }) => cheats && out.has(node_id)).length,
    banned_honest: members.filter(({ node_id, cheats }) => !cheats && out.has(node_id)).length,
    held_of_banned: captures('CAPTURED') + captures('DISPUTED'),
    released_to_banned: captures('RELEASED'),
    executions: Number(work?.n ?? 0n) / accepted.length,
  };
}

if (WHOLE)
  test(
    'a ring that sleeps through its probation gets no more through than the level says, and what it had open is void',
    async () => {
      const tasks = Number(process.env.CHEATERS_TASKS ?? 100_000);
      const nodes = Number(process.env.CHEATERS_NODES ?? 200);
      const { probation_results, expected_error, expected_executions } = LEVEL_RULES.L1;
      const verdict = await play(nodes, nodes / 10, tasks, 5_000, { greed: 0.1, sleeps_for: probation_results, random: seeded(SEED) });
      console.log(JSON.stringify({ run: 'cheaters', nodes, seed: SEED, ...verdict }));
      expect(verdict).toMatchObject({ tasks, banned_honest: 0, held_of_banned: 0 });
      expect(verdict.wrong / tasks).toBeLessThanOrEqual(expected_error as number);
      expect(verdict.executions).toBeLessThanOrEqual(expected_executions * 1.05);
      expect(verdict.banned_cheaters).toBeGreaterThan(0);
      expect(await broker.broken()).toEqual([]);
    },
    PATIENCE_MS,
  );
else
  test(
    'a ring that lies from the start is out with nothing, nothing wrong is final, and the books are right',
    async () => {
      const verdict = await play(8, 2, 600, 60, { greed: 1, sleeps_for: 0, random: seeded(SEED) });
      expect(verdict).toMatchObject({ wrong: 0, banned_cheaters: 2, banned_honest: 0, held_of_banned: 0, released_to_banned: 0 });
      expect(verdict.refuted).toBeGreaterThanOrEqual(6);
      expect(await broker.broken()).toEqual([]);
    },
    PATIENCE_MS,
  );

import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TestBroker, TestPerson } from '../../support/broker.js';
import { FakeNode, type FakeSession, resultOf, type Script, type WireTask } from '../../support/fake-node.js';
import { inline, placed, putModule } from '../../support/orders.js';
import { Truth } from '../../support/truth.js';

/** What the heap has checked, found wrong and punished, for the pages that tell of it. */
export interface CheckedJobs {
  /** A job with a result that was proven wrong. */
  checked_job_id: string;
  /** A job whose results a verifier of its developer's own looked at. */
  verified_job_id: string;
  sessions: FakeSession[];
}

const SQUARE = 'export default (n) => n * n;';
/** Finds what is wrong, and does not like one that is right. */
const VERIFIER = `export default ({ input, output }) => {
  if (output !== input * input) return { accept: false, reason: \`\${input} times itself is not \${output}\` };
  return input !== 4 || { accept: false, reason: 'four is my unlucky number' };
};`;
const TASKS = 8;
/** Which of them the device that errs once answers wrongly. */
const ERRS_AT = 2;
const PRICE_MICRO = 1_000_000n;
const BOUNDS = { max_price_micro: '2000000', budget_micro: '1000000', fuel_limit: 1_000_000_000, codec: 'json', slots: 1 };
const LOOK_MS = 50;

const inputs = Array.from({ length: TASKS }, (_, i) => inline(JSON.stringify(i + 1)));
const wrong = (task: WireTask) => resultOf(task, '0', { fuel_used: 3_000_000 });

/** Scripted devices that are honest, err once, or lie, and the jobs that find it out; one liar appeals in vain, one penalty is lifted by an admin. */
export async function checkedJobs(
  broker: TestBroker,
  { owner, developer, admin }: { owner: TestPerson; developer: TestPerson; admin: TestPerson },
): Promise<CheckedJobs> {
  const truth = await Truth.of(SQUARE, 'json');
  const sessions: FakeSession[] = [];
  try {
    const { body: module } = await putModule(broker, developer, 'javascript', SQUARE);
    const { body: verifier } = await putModule(broker, developer, 'javascript', VERIFIER);
    const join = async (person: TestPerson, name: string, script: Script): Promise<string> => {
      const node = await FakeNode.enrol(broker, person, { name, kind: 'board' });
      sessions.push(await node.online({ script, price_micro: PRICE_MICRO }));
      return node.node_id;
    };
    const liars = await Promise.all(['Mallory', 'Moe'].map((name) => broker.person({ name, roles: ['owner'], funds_micro: 0n })));
    // One card pays out to both: they are one cluster.
    for (const { person_id } of liars)
      await broker.sql("INSERT INTO payment_fingerprint (kind, fingerprint, person_id) VALUES ('card', 'card-of-both', $1)", [person_id]);
    const [mallory, moe] = liars as [TestPerson, TestPerson];
    const errs = await join(owner, 'Board with bad memory', (task) => (task.index === ERRS_AT ? wrong(task) : truth.result(task)));
    const lies = await join(mallory, 'Quick board', wrong);
    const spare = await join(moe, 'Spare board', (task) => truth.result(task));
    const place = async (name: string, node_id: string, more: Record<string, unknown> = {}) =>
      (await placed(developer, module.hash, { name, inputs, ...BOUNDS, verification: 'L1', constraints: { nodes: [node_id] }, ...more }))
        .id;
    const checked_job_id = await place('Squares, checked', errs);
    await place('Squares by a liar', lies);
    await settled(developer, checked_job_id);
    const verified_job_id = await place('Squares, with a verifier', errs, {
      verification: 'L0',
      verifier: { module_hash: verifier.hash, budget_micro: '10000' },
    });
    await settled(developer, verified_job_id);
    const penalty = await penaltyOf(mallory);
    await mallory.call('POST', `/v1/penalties/${penalty}/appeal`, { reason: 'My board does not lie.' });
    const banned = await admin.call('POST', `/v1/admin/nodes/${spare}/ban`, { reason: 'It stands beside one that lies.' });
    await admin.call('POST', `/v1/admin/penalties/${banned.body.penalty_id}/lift`, {
      reason: 'It never said anything wrong.',
      pay_back: false,
    });
    await developer.call(
      'POST',
      `/v1/jobs/${checked_job_id}/objections`,
      { tasks: [5], reason: 'I had expected another square.' },
      { 'idempotency-key': randomUUID() },
    );
    return { checked_job_id, verified_job_id, sessions };
  } finally {
    await truth.close();
  }
}

/** Waits until a job is over and nothing of it is provisional. */
async function settled(developer: TestPerson, job_id: string): Promise<void> {
  for (;;) {
    const { body } = await developer.call('GET', `/v1/jobs/${job_id}/verification`);
    const { body: job } = await developer.call('GET', `/v1/jobs/${job_id}`);
    if (job.finished_at !== null && body.results.refuted + body.results.final > 0 && body.checks.waiting === 0) return;
    await sleep(LOOK_MS);
  }
}

async function penaltyOf(owner: TestPerson): Promise<string> {
  for (;;) {
    const { body } = await owner.call('GET', '/v1/penalties');
    if (body.penalties.length > 0) return body.penalties[0].penalty_id;
    await sleep(LOOK_MS);
  }
}

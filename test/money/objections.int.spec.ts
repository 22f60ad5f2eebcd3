import { randomUUID } from 'node:crypto';
import { ObjectionsQuery } from '../../apps/broker/src/money/objections.query.js';
import { ObjectionsService } from '../../apps/broker/src/settlement/objections.service.js';
import { SettlementCommands } from '../../apps/broker/src/settlement/settlement.commands.js';
import { startBroker, type TestBroker, type TestPerson } from '../support/broker.js';
import { balanceOf, release, work } from './support.js';

let broker: TestBroker;
let admin: TestPerson;
let developer: TestPerson;
let owner: TestPerson;
beforeAll(async () => {
  broker = await startBroker({ HEAP_HOLDBACK_SECONDS: '86400' });
  admin = await broker.person({ name: 'Admin', roles: ['admin', 'developer', 'owner'], funds_micro: 0n });
});
beforeEach(async () => {
  developer = await broker.person({ name: 'Dev', funds_micro: 100_000_000n });
  owner = await broker.person({ name: 'Own', funds_micro: 0n });
});
afterAll(() => broker?.close());

const object = (job_id: string, body: object, key: string = randomUUID()) =>
  developer.call('POST', `/v1/jobs/${job_id}/objections`, { reason: 'It is wrong.', ...body }, { 'idempotency-key': key });
const decide = (objection_id: string, body: object) =>
  admin.call('POST', `/v1/admin/objections/${objection_id}/decision`, { reason: 'I looked at it.', ...body });
const holdbackOver = () => broker.sql(`UPDATE capture SET release_at = now() WHERE owner_id = $1`, [owner.person_id]);
/** Available of the developer less what was there before the job; pending, available and fee income of the owner's work. */
const money = async () => ({
  back: await balanceOf(broker, 2000, developer),
  pending: await balanceOf(broker, 2100, owner),
  earned: await balanceOf(broker, 2110, owner),
});
const deferred = async () =>
  (await broker.sql<{ sum: bigint }>('SELECT COALESCE(-sum(balance), 0)::bigint AS sum FROM ledger_account WHERE code = 2400'))[0]?.sum;

test('stops the release of just what is objected to; the owner sees it, and no other job waits', async () => {
  const { job_id } = await work(broker, developer, owner);
  await work(broker, developer, owner);
  const { status, body } = await object(job_id, { tasks: [1] });
  expect([status, body]).toMatchObject([
    201,
    { as: 'buyer', state: 'OPEN', tasks: [1], amount_micro: '1000000', refund_micro: null, reason: { code: 'in_dispute' } },
  ]);
  await holdbackOver();
  await release(broker);
  await broker.app.get(ObjectionsService).settle();
  const [captures] = await broker.sql<{ disputed: bigint; released: bigint }>(
    `SELECT COALESCE(sum(net) FILTER (WHERE state = 'DISPUTED'), 0)::bigint AS disputed, COALESCE(sum(net) FILTER (WHERE state = 'RELEASED'), 0)::bigint AS released
     FROM capture WHERE owner_id = $1`,
    [owner.person_id],
  );
  expect(await money()).toMatchObject({ pending: captures?.disputed, earned: captures?.released });
  expect((captures?.disputed ?? 0n) + (captures?.released ?? 0n)).toBe(5_400_000n);
  expect(captures?.disputed).toBeGreaterThanOrEqual(900_000n);
  const seen = await owner.heap.objections({ state: 'OPEN' });
  expect(seen).toMatchObject([{ objection_id: body.objection_id, as: 'owner', amount_micro: 1_000_000n, complaint: 'It is wrong.' }]);
  expect(await broker.broken()).toEqual([]);
});

test.each([
  ['owner', {}, '0', 5_000_000n - 0n, 2_700_000n],
  ['developer', {}, '3000000', 8_000_000n, 0n],
  ['split', { refund_micro: '1000001' }, '1000001', 6_000_001n, 1_799_999n],
] as const)(
  'decided for %s: the parts are exact to the micro-unit, and the same decision again changes nothing',
  async (outcome, more, refund_micro, back, earned) => {
    const before = await deferred();
    const { job_id } = await work(broker, developer, owner);
    const start = await balanceOf(broker, 2000, developer);
    const { body } = await object(job_id, {});
    expect(body.amount_micro).toBe('3000000');
    await holdbackOver();
    const answers = await Promise.all(Array.from({ length: 8 }, () => decide(body.objection_id, { outcome, ...more })));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(answers[0]?.body).toMatchObject({ state: 'DECIDED', outcome, refund_micro, decided_as: 'admin', decision: 'I looked at it.' });
    await broker.app.get(ObjectionsService).settle();
    const after = await money();
    expect(after).toMatchObject({ pending: 0n });
    expect(after.back - start).toBe(back - 5_000_000n);
    expect(after.earned).toBe(earned);
    expect(await deferred()).toBe(before);
    expect((await decide(body.objection_id, { outcome: outcome === 'owner' ? 'developer' : 'owner' })).body.code).toBe(
      'objection.decided.conflict',
    );
    await expect(broker.sql(`UPDATE objection SET outcome = 'owner' WHERE id = $1`, [body.objection_id])).rejects.toThrow('never changed');
    expect(await broker.broken()).toEqual([]);
  },
);

test('what is the owner’s is paid with the end of the holdback and not before; what goes back whole goes at once', async () => {
  const [first, second] = [await work(broker, developer, owner), await work(broker, developer, owner)];
  const start = await balanceOf(broker, 2000, developer);
  await decide((await object(first.job_id, {})).body.objection_id, { outcome: 'owner' });
  await decide((await object(second.job_id, {})).body.objection_id, { outcome: 'developer' });
  expect(await money()).toEqual({ back: start + 3_000_000n, pending: 2_700_000n, earned: 0n });
  await holdbackOver();
  expect(await broker.app.get(ObjectionsService).settle()).toBeGreaterThan(0);
  expect(await money()).toEqual({ back: start + 3_000_000n, pending: 0n, earned: 2_700_000n });
  expect(await broker.broken()).toEqual([]);
});

test('64 times the same objection is one; the key with another text is refused; a task is objected to once', async () => {
  const { job_id } = await work(broker, developer, owner);
  const key = randomUUID();
  const answers = await Promise.all(Array.from({ length: 64 }, () => object(job_id, { tasks: [0, 2] }, key)));
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]));
  expect(new Set(answers.map(({ body }) => body.objection_id)).size).toBe(1);
  expect((await object(job_id, { tasks: [0] }, key)).body.code).toBe('idempotency_mismatch');
  expect((await object(job_id, { tasks: [2] })).body.code).toBe('objection.again.conflict');
  // Another task, perhaps of the same capture, is another objection; each decides about its own part.
  const second = await object(job_id, { tasks: [1] });
  expect(second.body.amount_micro).toBe('1000000');
  expect((await object(job_id, {})).body.code).toBe('objection.nothing_held.conflict');
  const start = await balanceOf(broker, 2000, developer);
  await holdbackOver();
  await decide(second.body.objection_id, { outcome: 'owner' });
  await decide(answers[0]?.body.objection_id, { outcome: 'developer' });
  expect(await money()).toEqual({ back: start + 2_000_000n, pending: 0n, earned: 900_000n });
  expect(await broker.broken()).toEqual([]);
});

test('is refused for what was released, for somebody else’s job, without a reason; decided by admins only', async () => {
  const { job_id } = await work(broker, developer, owner);
  const stranger = await broker.person({ name: 'Eve' });
  const foreign = await stranger.call('POST', `/v1/jobs/${job_id}/objections`, { reason: 'Mine!' }, { 'idempotency-key': randomUUID() });
  expect([foreign.status, foreign.body.code]).toEqual([404, 'not_found']);
  expect((await object(job_id, { reason: ' ' })).body.code).toBe('invalid_input');
  const { body } = await object(job_id, { tasks: [0] });
  expect((await owner.call('POST', `/v1/admin/objections/${body.objection_id}/decision`, { outcome: 'owner', reason: 'Me.' })).status).toBe(
    403,
  );
  expect((await decide(body.objection_id, { outcome: 'split' })).body.code).toBe('invalid_input');
  expect((await decide(body.objection_id, { outcome: 'split', refund_micro: '1000000' })).body.code).toBe('invalid_input');
  expect((await admin.call('GET', '/v1/admin/objections?state=OPEN')).body.objections.map((o: { as: string }) => o.as)).toContain('admin');
  const late = await work(broker, developer, owner);
  await holdbackOver();
  await release(broker);
  expect((await object(late.job_id, {})).body.code).toBe('objection.nothing_held.conflict');
});

test('nobody decides in time: it is the owner’s, and says why; the reference run may decide before', async () => {
  const [first, second] = [await work(broker, developer, owner), await work(broker, developer, owner)];
  const [overdue, rerun] = [(await object(first.job_id, {})).body, (await object(second.job_id, {})).body];
  await broker.app.get(SettlementCommands).decideByReference({
    objection_id: rerun.objection_id,
    outcome: 'developer',
    code: 'reference_differs',
    sentence: 'Run again, it gave another result.',
  });
  await broker.sql('UPDATE objection SET decide_by = now() WHERE id = $1', [overdue.objection_id]);
  const service = broker.app.get(ObjectionsService);
  await Promise.all([service.decideOverdue(), service.decideOverdue()]);
  const listed = await developer.heap.objections();
  expect(listed).toMatchObject([
    { outcome: 'developer', decided_as: 'reference', reason: { code: 'reference_differs' } },
    {
      outcome: 'owner',
      decided_as: 'term',
      refund_micro: 0n,
      reason: { code: 'undecided', sentence: expect.stringContaining('did not run this work again') },
    },
  ]);
  const [reputation, unknown] = await broker.app.get(ObjectionsQuery).ofBuyers([developer.person_id, owner.person_id]);
  expect(reputation).toMatchObject({ open: 0, decided_for_owner: 1, decided_for_developer: 1, objected: 6_000_000n, refunded: 3_000_000n });
  expect(unknown).toMatchObject({ open: 0, objected: 0n });
});

describe('a result is proven wrong', () => {
  const correct = (job_id: string, tasks: number[]) =>
    admin.call('POST', '/v1/admin/corrections', { job_id, tasks, reason: 'The output is not what the program gives.' });

  test('before its release: everything held for work of that device goes back, an objection to it is settled, other devices keep theirs', async () => {
    const other = await broker.person({ name: 'Other', funds_micro: 0n });
    const { job_id } = await work(broker, developer, owner);
    const kept = await work(broker, developer, other);
    const objection = (await object(job_id, { tasks: [0] })).body;
    const start = await balanceOf(broker, 2000, developer);
    expect((await correct(job_id, [0])).body).toEqual({ refunded_micro: '3000000', clawed_back_micro: '0', debt_micro: '0' });
    expect((await correct(job_id, [0])).body.refunded_micro).toBe('0');
    expect(await money()).toEqual({ back: start + 3_000_000n, pending: 0n, earned: 0n });
    expect(await balanceOf(broker, 2100, other)).toBe(2_700_000n);
    const [decided] = await developer.heap.objections();
    expect(decided).toMatchObject({ objection_id: objection.objection_id, outcome: 'developer', reason: { code: 'proven_wrong' } });
    expect((await object(kept.job_id, { tasks: [0] })).status).toBe(201);
    expect(await broker.broken()).toEqual([]);
  });

  test('after its release: the owner’s free money pays, the rest is a debt that later earnings pay by themselves', async () => {
    const { job_id } = await work(broker, developer, owner);
    await holdbackOver();
    await release(broker);
    // Of 2.70 free, 1.70 are paid out.
    await owner.call('POST', '/v1/payouts', { amount_micro: '1700000', password: owner.password }, { 'idempotency-key': randomUUID() });
    expect(await balanceOf(broker, 2110, owner)).toBe(1_000_000n);
    const start = await balanceOf(broker, 2000, developer);
    const answers = await Promise.all(Array.from({ length: 8 }, () => correct(job_id, [0, 1])));
    expect(answers.map(({ status }) => status)).toEqual(Array(8).fill(200));
    expect(answers.filter(({ body }) => body.clawed_back_micro !== '0')).toHaveLength(1);
    expect(await balanceOf(broker, 2000, developer)).toBe(start + 2_000_000n);
    expect([await balanceOf(broker, 2110, owner), await balanceOf(broker, 1100, owner)]).toEqual([0n, 800_000n]);
    const refused = await owner.call('POST', '/v1/payouts', { password: owner.password }, { 'idempotency-key': randomUUID() });
    expect(refused.status).toBe(409);
    expect(await broker.broken()).toEqual([]);
    await work(broker, developer, owner);
    await holdbackOver();
    await release(broker);
    expect([await balanceOf(broker, 2110, owner), await balanceOf(broker, 1100, owner)]).toEqual([1_900_000n, 0n]);
    expect(await broker.broken()).toEqual([]);
  });
});

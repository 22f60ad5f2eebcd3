import { setTimeout as sleep } from 'node:timers/promises';
import { startBroker, type TestBroker, type TestPerson } from '../support/broker.js';
import { FakeNode, type FakeSession } from '../support/fake-node.js';
import { echoModule, inline, placed } from '../support/orders.js';

/*
 * A thief bids through a second account on the devices of the first, to drive the price up for whoever wants them, or to take the slots of others by what
 * it would get back. Accounts are linked by what they pay with (I9); who is not linked is anybody.
 */
let broker: TestBroker;
let victim: TestPerson;
let owner: TestPerson;
let shill: TestPerson;
let node: FakeNode;
let session: FakeSession;
let module_hash: string;

beforeAll(async () => {
  broker = await startBroker();
  [victim, shill] = [await broker.person(), await broker.person()];
  owner = await broker.person({ funds_micro: 0n });
  module_hash = await echoModule(broker, victim);
  await echoModule(broker, shill);
  node = await FakeNode.enrol(broker, owner);
  session = await node.online({ script: () => null, slots: 0 });
});
afterAll(async () => {
  session?.send('bye', { code: 'test_over' });
  await session?.closed;
  await broker?.close();
});

const bid = (who: TestPerson, max: number, more: object = {}) =>
  placed(who, module_hash, { slots: 1, max_price_micro: String(max), inputs: ['a', 'b'].map(inline), ...more });
const leases = () =>
  broker.sql<{ job_id: string; price_micro: bigint }>("SELECT job_id, price_micro FROM lease WHERE node_id = $1 AND state <> 'ENDED'", [
    node.node_id,
  ]);
async function reason(who: TestPerson, id: string, code: string): Promise<void> {
  for (let i = 0; i < 2_000 && (await who.heap.job(id).get()).reason.code !== code; i++) await sleep(20);
  expect((await who.heap.job(id).get()).reason.code).toBe(code);
}
/** Both bids wait before the one slot is there. @returns who got it, and at which price. */
async function contest(victims: number, shills: number) {
  const [theirs, own] = [await bid(victim, victims), await bid(shill, shills)];
  await reason(victim, theirs.id, 'no_supply');
  await reason(shill, own.id, 'no_supply');
  session.offer(1, 'micro', 50n);
  let rows = await leases();
  for (let i = 0; i < 500 && rows.length === 0; i++) {
    await sleep(20);
    rows = await leases();
  }
  const [round] = await broker.sql<{ own: boolean | null; volume: bigint }>(
    `SELECT (receipt #>> '{body,outputs,assignments,0,own}')::boolean AS own,
       (SELECT COALESCE(sum(volume), 0)::bigint FROM candle WHERE market = 'work:micro' AND term_ms = 60000) AS volume
     FROM round WHERE market = 'work:micro' ORDER BY number DESC LIMIT 1`,
  );
  const [lease] = rows;
  session.offer(0, 'micro', 50n);
  await victim.heap.job(theirs.id).cancel();
  await shill.heap.job(own.id).cancel();
  for (let i = 0; i < 2_000 && (await leases()).length > 0; i++) await sleep(20);
  return { winner: lease?.job_id === theirs.id ? 'victim' : 'shill', price_micro: lease?.price_micro, ...round };
}

test('a rival who is a stranger to the owner sets the price', async () => {
  expect(await contest(1_000, 900)).toMatchObject({ winner: 'victim', price_micro: 900n, own: null, volume: 1n });
});

test('a second account of the owner sets none: it takes the device out of the market at its reserve, and no chart shows it', async () => {
  for (const { person_id } of [owner, shill])
    await broker.sql("INSERT INTO payment_fingerprint (kind, fingerprint, person_id) VALUES ('card', 'one and the same card', $1)", [
      person_id,
    ]);
  expect(await contest(1_000, 900)).toMatchObject({ winner: 'shill', price_micro: 50n, own: true, volume: 1n });
});

test('linked over a third account it is the same', async () => {
  const between = await broker.person({ funds_micro: 0n });
  await broker.sql("UPDATE payment_fingerprint SET fingerprint = 'another card' WHERE person_id = $1", [owner.person_id]);
  await broker.sql(
    "INSERT INTO payment_fingerprint (kind, fingerprint, person_id) VALUES ('card', 'one and the same card', $1), ('card', 'another card', $1)",
    [between.person_id],
  );
  expect(await contest(1_000, 900)).toMatchObject({ winner: 'shill', price_micro: 50n, own: true });
});

test('an owner hears of a buyer what the buyer did to others, with figures and in sentences', async () => {
  const buyerOf = async (person: TestPerson) =>
    (await owner.heap.leases({ limit: 100 })).find((lease) => lease.buyer_id === person.person_id)?.buyer;
  expect(await buyerOf(victim)).toMatchObject({
    jobs_done: 0,
    jobs_cancelled_started: 1,
    disputes: 0,
    objections: 0,
    refused_by_owners: 0,
  });
  await broker.sql(
    `INSERT INTO payment_dispute (id, dispute_ref, deposit_id, person_id, amount, unspent, state, closed_at) VALUES
       (gen_random_uuid(), 'test one', gen_random_uuid(), $1, 5, 0, 'LOST', now()), (gen_random_uuid(), 'test two', gen_random_uuid(), $1, 5, 0, 'OPEN', NULL)`,
    [victim.person_id],
  );
  const objection = (key: string, decided: string) =>
    broker.sql(
      `INSERT INTO objection (id, job_id, tasks, person_id, complaint, amount, idempotency_key, request_hash, decide_by, state, outcome, refund, decided_as,
         decision_code, decision, decided_at)
       SELECT gen_random_uuid(), id, '{}', person_id, 'Wrong.', 5, $2, 'hash', now(), ${decided} FROM job WHERE person_id = $1 LIMIT 1`,
      [victim.person_id, key],
    );
  await objection('open', "'OPEN', NULL, NULL, NULL, NULL, NULL, NULL");
  await objection('refused', "'DECIDED', 'owner', 0, 'term', 'term_over', 'Nobody decided in time.', now()");
  const other = await broker.person({ funds_micro: 0n });
  await other.heap.setRules({ denyBuyers: [victim.person_id] });
  const known = await buyerOf(victim);
  expect(known).toMatchObject({ disputes: 2, disputes_lost: 1, objections: 2, objections_refused: 1, refused_by_owners: 1 });
  expect(known?.notes.map(({ code }) => code)).toEqual([
    'buyer_new',
    'buyer_took_payments_back',
    'buyer_objected',
    'buyer_cancelled_started',
    'buyer_refused',
  ]);
  expect((await buyerOf(shill))?.notes.map(({ code }) => code)).toEqual(['buyer_new', 'buyer_cancelled_started']);
});

import { randomUUID } from 'node:crypto';
import { HeapError } from '#units';
import { MoneyService } from '../../apps/broker/src/money/money.service.js';
import { Transactions } from '../../apps/broker/src/platform/database/transactions.js';
import { startBroker, type TestBroker, type TestPerson } from '../support/broker.js';
import { echoModule, order } from '../support/orders.js';

const WRITERS = 32;
let broker: TestBroker;
beforeAll(async () => {
  broker = await startBroker({ HEAP_DATABASE_POOL: '32' });
});
afterAll(() => broker?.close());

const together = <T>(work: (i: number) => Promise<T>): Promise<T[]> => Promise.all(Array.from({ length: WRITERS }, (_, i) => work(i)));
const available = async (person: TestPerson): Promise<bigint> => (await person.heap.balance()).developer.available_micro;

test(`${WRITERS} orders at once never hold more than there is`, async () => {
  const person = await broker.person({ funds_micro: 1_000_000n });
  const module_hash = await echoModule(broker, person);
  const answers = await together(() => order(person, module_hash, { budget_micro: '300000' }));
  expect(answers.filter(({ status }) => status === 201)).toHaveLength(3);
  const refused = answers.filter(({ status }) => status !== 201);
  expect(refused.every(({ status, body }) => status === 402 && body.code === 'insufficient_funds')).toBe(true);
  expect((await person.heap.balance()).developer).toMatchObject({ available_micro: 100_000n, held_micro: 900_000n });
  expect(await person.heap.jobs()).toHaveLength(3);
  expect(await broker.broken()).toEqual([]);
});

test(`${WRITERS} times the same deposit is one deposit`, async () => {
  const person = await broker.person({ funds_micro: 0n });
  const key = randomUUID();
  const answers = await together(() => person.call('POST', '/v1/deposits', { amount_micro: '500' }, { 'idempotency-key': key }));
  expect(answers.map(({ status }) => status)).toEqual(Array(WRITERS).fill(201));
  expect(new Set(answers.map(({ body }) => body.deposit_id)).size).toBe(1);
  expect(await available(person)).toBe(500n);
  expect(await broker.broken()).toEqual([]);
});

test(`${WRITERS} times the same order is one order with one hold`, async () => {
  const person = await broker.person({ funds_micro: 1_000_000n });
  const module_hash = await echoModule(broker, person);
  const key = randomUUID();
  const answers = await together(() => order(person, module_hash, { budget_micro: '300000' }, key));
  expect(answers.map(({ status }) => status)).toEqual(Array(WRITERS).fill(201));
  expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
  expect(await available(person)).toBe(700_000n);
  expect(await broker.broken()).toEqual([]);
});

test(`${WRITERS} deposits and orders of one person at once lose nothing`, async () => {
  const person = await broker.person({ funds_micro: 10_000_000n });
  const module_hash = await echoModule(broker, person);
  await together(async (i) => {
    if (i % 2) await person.heap.deposit(1_000n);
    else expect((await order(person, module_hash, { budget_micro: '10000' })).status).toBe(201);
  });
  expect((await person.heap.balance()).developer).toMatchObject({
    available_micro: 10_000_000n + 16n * 1_000n - 16n * 10_000n,
    held_micro: 16n * 10_000n,
  });
  expect(await broker.broken()).toEqual([]);
});

describe('in the ledger itself', () => {
  /** A job with 1,000 held and nothing that runs it. */
  async function held() {
    const person = await broker.person({ funds_micro: 1_000_000n });
    const module_hash = await echoModule(broker, person);
    const { body } = await order(person, module_hash, { budget_micro: '1000', max_price_micro: '1' });
    const [hold] = await broker.sql<{ id: string }>('SELECT id FROM hold WHERE job_id = $1', [body.id]);
    return { person, job_id: body.id as string, hold_id: hold?.id ?? '' };
  }
  const money = () => broker.app.get(MoneyService);
  const run = <T>(work: Parameters<Transactions['run']>[0]): Promise<T> => broker.app.get(Transactions).run(work) as Promise<T>;

  test(`${WRITERS} captures of one hold stop at what was held, and those that are refused move nothing`, async () => {
    const { person, job_id, hold_id } = await held();
    const [lease_id, owner_id] = [randomUUID(), person.person_id];
    const outcomes = await together(async () =>
      run((tx) =>
        money().capture(tx, [
          { hold_id, job_id, lease_id, developer_id: person.person_id, owner_id, gross: 100n, charged_before: 0n, tasks: 1, fuel: 1n },
        ]),
      ).then(
        () => 'captured',
        (error: { constraint?: string }) => error.constraint,
      ),
    );
    expect(outcomes.filter((outcome) => outcome === 'captured')).toHaveLength(10);
    expect(outcomes.filter((outcome) => outcome === 'i6_hold_parts')).toHaveLength(WRITERS - 10);
    const [sums] = await broker.sql('SELECT count(*) AS captures, sum(gross)::bigint AS gross FROM capture WHERE hold_id = $1', [hold_id]);
    expect(sums).toEqual({ captures: 10n, gross: 1_000n });
    expect((await person.heap.balance()).owner.pending_micro).toBe(900n);
  });

  test(`${WRITERS} times giving back one hold gives it back once`, async () => {
    const { person, job_id } = await held();
    const before = await available(person);
    await together(() => run((tx) => money().resolveHold(tx, job_id)));
    expect((await available(person)) - before).toBe(1_000n);
    const journals = await broker.sql(
      "SELECT key FROM journal WHERE kind = 'void' AND key LIKE '%' || (SELECT id FROM hold WHERE job_id = $1) || '%'",
      [job_id],
    );
    expect(journals).toHaveLength(1);
    const row = () => broker.sql('SELECT state::text, returned, resolved_at FROM hold WHERE job_id = $1', [job_id]);
    const resolved = await row();
    await run((tx) => money().resolveHold(tx, job_id));
    expect(await row()).toEqual(resolved);
  });

  test('a hold that was given back pays nobody any more', async () => {
    const { person, job_id, hold_id } = await held();
    await run((tx) => money().resolveHold(tx, job_id));
    const late = { hold_id, job_id, lease_id: randomUUID(), developer_id: person.person_id, owner_id: person.person_id };
    const capture = run((tx) => money().capture(tx, [{ ...late, gross: 1n, charged_before: 0n, tasks: 1, fuel: 1n }]));
    await expect(capture).rejects.toMatchObject({ code: 'hold_resolved' });
    await expect(capture).rejects.toBeInstanceOf(HeapError);
    expect((await person.heap.balance()).owner.pending_micro).toBe(0n);
  });
});

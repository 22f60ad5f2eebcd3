import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { developerDebtWrittenOff } from '#ledger';
import { DebtsService } from '../../apps/broker/src/funding/debts.service.js';
import { MoneyService } from '../../apps/broker/src/money/money.service.js';
import { Transactions } from '../../apps/broker/src/platform/database/transactions.js';
import { until } from '../chaos/until.js';
import type { TestPerson } from '../support/broker.js';
import { echoModule, order } from '../support/orders.js';
import { StripeWorld } from './world.js';

let world: StripeWorld;
beforeAll(async () => {
  world = await StripeWorld.start();
  // Disputes take from what the provider has for all; payouts need something to be left.
  await world.fund(await world.person('Rich'), 100_000_000n);
});
afterAll(() => world?.close());

const balance = (person: TestPerson) => person.heap.balance();
const account = async (code: number, person: TestPerson): Promise<bigint> => {
  const [row] = await world.broker.sql<{ balance: bigint }>('SELECT balance FROM ledger_account WHERE code = $1 AND person_id = $2', [
    code,
    person.person_id,
  ]);
  return code >= 2000 && code < 5000 ? -(row?.balance ?? 0n) : (row?.balance ?? 0n);
};
const dispute = async (charge: string) => {
  const { id } = world.fake.reversals.dispute(charge);
  await world.settle();
  return id;
};
const close = async (id: string, outcome: 'won' | 'lost') => {
  world.fake.reversals.closeDispute(id, outcome);
  await world.settle();
};
const releaseAll = (people: TestPerson[]) =>
  world.broker.sql(`UPDATE capture SET release_at = now() - interval '1 second' WHERE owner_id = ANY($1::uuid[])`, [
    people.map((p) => p.person_id),
  ]);
const place = async (person: TestPerson) => order(person, await echoModule(world.broker, person), { budget_micro: '4000000' });

async function release(): Promise<void> {
  const { SettlementService } = await import('../../apps/broker/src/settlement/settlement.service.js');
  await world.broker.app.get(SettlementService).releaseDue();
}

describe('a card payment is disputed while', () => {
  test('unspent: it is frozen, nothing new can be held, waiting work stops; won, all is as before', async () => {
    const person = await world.person('Ada');
    const { charge, deposit_id } = await world.fund(person, 20_000_000n);
    const placed = await place(person);
    expect(placed.status).toBe(201);
    const id = await dispute(charge);
    const stopped = await until('the job to stop', 30_000, async () => {
      const { body } = await person.call('GET', `/v1/jobs/${placed.body.id}`);
      return body.state === 'STOPPED' ? body : undefined;
    });
    expect(stopped.reason.code).toBe('developer_frozen');
    expect(await account(2030, person)).toBe(16_000_000n);
    expect((await place(person)).body).toMatchObject({ code: 'payer_blocked' });
    expect((await world.post(person, `/v1/deposits/${deposit_id}/refunds`, {})).status).toBe(409);
    expect((await person.call('GET', `/v1/deposits/${deposit_id}`)).body.disputed_micro).toBe('20000000');
    await world.expectSound();
    await close(id, 'won');
    expect(await account(2030, person)).toBe(0n);
    expect((await balance(person)).developer.available_micro).toBe(20_000_000n);
    expect((await place(person)).status).toBe(201);
    await world.expectSound();
  });

  test('unspent, and lost: the payer pays with what was frozen and with what stopped work gave back', async () => {
    const person = await world.person('Ada');
    const { charge } = await world.fund(person, 20_000_000n);
    await place(person);
    await close(await dispute(charge), 'lost');
    await until('the stopped job to pay', 30_000, async () => {
      await world.reconciliation.tend();
      return (await account(1110, person)) === 0n || undefined;
    });
    expect((await balance(person)).developer.available_micro).toBe(0n);
    expect([await account(1110, person), await account(2030, person)]).toEqual([0n, 0n]);
    await world.expectSound();
  });

  test('spent and in holdback: releases stop for owners linked to the payer only; lost, they pay the debt', async () => {
    const card = randomUUID();
    const [payer, linked, honest] = [await world.person('Thief'), await world.person('Mule'), await world.person('Honest')];
    await world.fund(linked, 1_000_000n, { fingerprint: card });
    const { charge } = await world.fund(payer, 20_000_000n, { fingerprint: card });
    await world.earn(linked, payer, 10_000_000n, false);
    await world.earn(honest, payer, 10_000_000n, false);
    const id = await dispute(charge);
    await releaseAll([linked, honest]);
    await release();
    expect((await balance(honest)).owner).toMatchObject({ pending_micro: 0n, available_micro: 9_000_000n });
    expect((await balance(linked)).owner).toMatchObject({ pending_micro: 9_000_000n, available_micro: 0n });
    await world.expectSound();
    await close(id, 'lost');
    expect((await balance(linked)).owner).toMatchObject({ pending_micro: 0n, available_micro: 0n });
    expect(await account(1110, payer)).toBe(10_000_000n);
    expect((await place(payer)).body.code).toBe('payer_blocked');
    await world.expectSound();
  });

  test('spent and in holdback, and won: the stopped releases go on', async () => {
    const card = randomUUID();
    const [payer, linked] = [await world.person('Ada'), await world.person('Bob')];
    await world.fund(linked, 1_000_000n, { fingerprint: card });
    const { charge } = await world.fund(payer, 10_000_000n, { fingerprint: card });
    await world.earn(linked, payer, 10_000_000n, false);
    const id = await dispute(charge);
    await releaseAll([linked]);
    await release();
    expect((await balance(linked)).owner.available_micro).toBe(0n);
    await close(id, 'won');
    await release();
    expect((await balance(linked)).owner.available_micro).toBe(9_000_000n);
    await world.expectSound();
  });

  test('its owners are paid already: they keep it, the payer owes, and new money pays the debt first', async () => {
    const [payer, owner] = [await world.person('Ada'), await world.owner('Bob')];
    const { charge } = await world.fund(payer, 10_000_000n);
    await world.earn(owner, payer, 10_000_000n);
    expect((await world.payOut(owner)).body.state).toBe('BANK_PENDING');
    await close(await dispute(charge), 'lost');
    expect(await account(1110, payer)).toBe(10_000_000n);
    expect((await balance(owner)).owner.available_micro).toBe(0n);
    await world.fund(payer, 4_000_000n);
    expect([await account(1110, payer), (await balance(payer)).developer.available_micro]).toEqual([6_000_000n, 0n]);
    expect((await place(payer)).body.code).toBe('payer_blocked');
    await world.fund(payer, 10_000_000n);
    expect([await account(1110, payer), (await balance(payer)).developer.available_micro]).toEqual([0n, 4_000_000n]);
    expect((await place(payer)).status).toBe(201);
    await world.expectSound();
  });
});

test('opened and lost are heard in any order, many times: once each', async () => {
  const person = await world.person('Ada');
  const { charge } = await world.fund(person, 10_000_000n);
  world.fake.webhooks.automatic = false;
  const first = world.fake.world.events.length;
  const { id } = world.fake.reversals.dispute(charge);
  world.fake.reversals.closeDispute(id, 'lost');
  const events = world.fake.world.events.slice(first);
  for (const event of [...events.toReversed(), ...events, ...events]) await world.fake.webhooks.deliver(event);
  world.fake.webhooks.automatic = true;
  await world.settle();
  expect((await balance(person)).developer.available_micro).toBe(0n);
  expect(await world.broker.sql('SELECT state::text, fee FROM payment_dispute WHERE dispute_ref = $1', [id])).toEqual([
    { state: 'LOST', fee: 15_000_000n },
  ]);
  await world.expectSound();
});

test('a dispute that is heard of before its deposit waits for it', async () => {
  const person = await world.person('Ada');
  world.fake.webhooks.automatic = false;
  const { session } = await world.ask(person, 10_000_000n);
  const intent = world.fake.payments.pay(session);
  const { id } = world.fake.reversals.dispute(intent.latest_charge as string);
  const about = world.fake.world.events.at(-1);
  if (about) await world.fake.webhooks.deliver(about);
  await world.inbox.applyWaiting();
  expect(await world.broker.sql('SELECT 1 FROM payment_dispute WHERE dispute_ref = $1', [id])).toEqual([]);
  world.fake.webhooks.automatic = true;
  await world.expectSound();
  expect(await account(2030, person)).toBe(10_000_000n);
});

test('a part of a deposit is disputed, and then another part: each freezes its own amount and ends for itself', async () => {
  const person = await world.person('Ada');
  const { charge, deposit_id } = await world.fund(person, 20_000_000n);
  const first = world.fake.reversals.dispute(charge, 500).id;
  await world.settle();
  const second = world.fake.reversals.dispute(charge, 700).id;
  await world.settle();
  expect([await account(2000, person), await account(2030, person)]).toEqual([8_000_000n, 12_000_000n]);
  expect((await person.call('GET', `/v1/deposits/${deposit_id}`)).body.disputed_micro).toBe('12000000');
  expect((await place(person)).body.code).toBe('payer_blocked');
  // Not by another way out either, while it is open.
  expect((await world.post(person, `/v1/deposits/${deposit_id}/refunds`, {})).body.code).toBe('refund.blocked.conflict');
  await world.expectSound();
  await close(first, 'lost');
  expect((await place(person)).body.code).toBe('payer_blocked');
  await close(second, 'won');
  expect([await account(2000, person), await account(2030, person), await account(1110, person)]).toEqual([15_000_000n, 0n, 0n]);
  expect((await person.heap.funds()).refundable_micro).toBe(15_000_000n);
  expect((await place(person)).status).toBe(201);
  await world.expectSound();
});

test('work that is captured after the dispute came, and a link that shows later, are stopped as well', async () => {
  const card = randomUUID();
  const [payer, mule] = [await world.person('Thief'), await world.person('Mule')];
  const { charge } = await world.fund(payer, 30_000_000n);
  await world.earn(mule, payer, 10_000_000n, false);
  await dispute(charge);
  await world.fund(payer, 1_000_000n, { fingerprint: card });
  await world.fund(mule, 1_000_000n, { fingerprint: card });
  await world.reconciliation.tend();
  await releaseAll([mule]);
  await release();
  expect((await balance(mule)).owner).toMatchObject({ pending_micro: 9_000_000n, available_micro: 0n });
  expect((await mule.heap.earnings()).held).toMatchObject([{ reason: { code: 'payment_disputed' } }]);
  await world.expectSound();
});

/** Somebody who owes `amount` after a lost dispute and has as much back from a job that ended later, which no sweep has seen yet. */
async function debtor(amount: bigint): Promise<TestPerson> {
  const person = await world.person('Ada');
  const { charge } = await world.fund(person, amount + 8_000_000n);
  const [money, transactions, job_id] = [world.broker.app.get(MoneyService), world.broker.app.get(Transactions), randomUUID()];
  await transactions.run((tx) => money.takeHold(tx, { job_id, developer: person.person_id, amount }));
  await close(await dispute(charge), 'lost');
  await transactions.run((tx) => money.resolveHold(tx, job_id));
  expect([await account(2000, person), await account(1110, person)]).toEqual([amount, amount]);
  return person;
}

/** What two do at once who both have seen a debt and wait for its account. @returns how they ended. */
async function bothSeeing(person: TestPerson, ...work: [() => Promise<unknown>, () => Promise<unknown>]): Promise<string[]> {
  const gate = new pg.Client({ connectionString: world.broker.database_url });
  await gate.connect();
  try {
    await gate.query('BEGIN');
    await gate.query('SELECT 1 FROM ledger_account WHERE person_id = $1 AND code = 1110 FOR UPDATE', [person.person_id]);
    const both = Promise.allSettled(work.map((one) => one()));
    await until('two to wait', 20_000, async () => {
      const [row] = await world.broker.sql<{ n: number }>(
        `SELECT count(*)::int AS n FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%ledger_post%'`,
      );
      return row?.n === 2 || undefined;
    });
    await gate.query('COMMIT');
    return (await both).map(({ status }) => status);
  } finally {
    await gate.end();
  }
}
const paymentsOf = (person: TestPerson) =>
  world.broker.sql<{ amount: bigint }>(
    `SELECT -e.amount AS amount FROM journal j JOIN journal_entry e ON e.journal_id = j.id JOIN ledger_account a ON a.id = e.account_id
     WHERE j.kind = 'developer.debt_paid' AND a.code = 1110 AND a.person_id = $1`,
    [person.person_id],
  );

test('two workers who collect the same debt at once both come to an end, and it is paid once', async () => {
  const person = await debtor(12_000_000n);
  const collect = () => world.broker.app.get(DebtsService).collect();
  expect(await bothSeeing(person, collect, collect)).toEqual(['fulfilled', 'fulfilled']);
  expect([await account(2000, person), await account(1110, person)]).toEqual([0n, 0n]);
  expect(await paymentsOf(person)).toEqual([{ amount: 12_000_000n }]);
  await world.expectSound();
});

test('earnings that are released while a debt is collected from deposits are released, and the debt is paid once', async () => {
  const rich = await world.person('Rich');
  await world.fund(rich, 20_000_000n);
  const person = await debtor(12_000_000n);
  await world.earn(person, rich, 20_000_000n, false);
  const transactions = world.broker.app.get(Transactions);
  const outcomes = await bothSeeing(
    person,
    () => world.broker.app.get(DebtsService).collect(),
    () =>
      transactions.run(async (tx) => {
        await tx.query('UPDATE capture SET release_at = now() WHERE owner_id = $1', [person.person_id]);
        await world.broker.app.get(MoneyService).releaseDue(tx, 500);
      }),
  );
  expect(outcomes).toEqual(['fulfilled', 'fulfilled']);
  expect((await account(2000, person)) + (await account(2110, person))).toBe(18_000_000n);
  expect([await account(2100, person), await account(1110, person)]).toEqual([0n, 0n]);
  expect(await paymentsOf(person)).toEqual([{ amount: 12_000_000n }]);
  await world.expectSound();
});

test('a debt that is written off is the heap’s loss, and its developer stays blocked', async () => {
  const [payer, owner] = [await world.person('Ada'), await world.owner('Bob')];
  const { charge } = await world.fund(payer, 10_000_000n);
  await world.earn(owner, payer, 10_000_000n);
  await close(await dispute(charge), 'lost');
  await world.broker.app.get(Transactions).run((tx) => {
    const step = { write_off_id: randomUUID(), developer: payer.person_id, amount: 10_000_000n, cause: 'chargeback' as const };
    return world.broker.app.get(MoneyService).record(tx, [developerDebtWrittenOff(step)]);
  });
  await world.reconciliation.tend();
  expect([await account(1110, payer), (await world.balances())['5020']]).toEqual([0n, 10_000_000n]);
  await world.fund(payer, 5_000_000n);
  expect((await place(payer)).body.code).toBe('payer_blocked');
  await world.expectSound();
});

test('who owes after a chargeback and owns devices pays with what they earn, and may hold money again', async () => {
  const [payer, rich, owner] = [await world.person('Ada'), await world.person('Rich'), await world.owner('Bob')];
  const { charge } = await world.fund(payer, 10_000_000n);
  await world.earn(owner, payer, 10_000_000n);
  await close(await dispute(charge), 'lost');
  expect(await account(1110, payer)).toBe(10_000_000n);
  await world.fund(rich, 20_000_000n);
  await world.earn(payer, rich, 10_000_000n);
  expect([await account(2110, payer), await account(1110, payer)]).toEqual([0n, 1_000_000n]);
  expect((await payer.heap.earnings()).debt_micro).toBe(1_000_000n);
  expect((await place(payer)).body.code).toBe('payer_blocked');
  await world.earn(payer, rich, 10_000_000n);
  await world.reconciliation.tend();
  expect([await account(2110, payer), await account(1110, payer)]).toEqual([8_000_000n, 0n]);
  await world.fund(payer, 5_000_000n);
  expect((await place(payer)).status).toBe(201);
  await world.expectSound();
});

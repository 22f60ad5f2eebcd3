import { randomUUID } from 'node:crypto';
import { TopUpsService } from '../../apps/broker/src/funding/top-ups.service.js';
import type { TestPerson } from '../support/broker.js';
import { StripeWorld, together } from './world.js';

let world: StripeWorld;
beforeAll(async () => {
  world = await StripeWorld.start({ HEAP_DATABASE_POOL: '24' });
});
afterEach(() => {
  world.fake.faults.clear();
  world.fake.webhooks.automatic = true;
});
afterAll(() => world?.close());

const developer = async (person: TestPerson) => (await person.heap.balance()).developer;
const deposit = async (person: TestPerson, id: string) => (await person.call('GET', `/v1/deposits/${id}`)).body;

describe('a deposit', () => {
  test('waits at a page of the provider, arrives when it is paid, and clears later', async () => {
    const person = await world.person('Ada');
    const { deposit_id, session } = await world.ask(person, 20_000_000n);
    expect(await deposit(person, deposit_id)).toMatchObject({
      state: 'OPEN',
      url: expect.stringContaining(session),
      simulated: false,
      reason: { code: 'waiting_for_payment' },
    });
    expect((await developer(person)).available_micro).toBe(0n);
    world.fake.payments.pay(session, { declines: true });
    await world.settle();
    expect((await deposit(person, deposit_id)).state).toBe('OPEN');
    world.fake.payments.pay(session);
    await world.settle();
    expect(await deposit(person, deposit_id)).toMatchObject({ state: 'SUCCEEDED', url: null, reason: { code: 'arrived' } });
    // The developer has all of it; the provider's fee is the heap's.
    expect((await developer(person)).available_micro).toBe(20_000_000n);
    expect(await world.balances()).toMatchObject({ '1010': 20_000_000n - 880_000n, '5000': 880_000n });
    await world.expectSound();
    world.fake.clock.advance(3 * 86_400);
    await world.reconciliation.tend();
    expect(await world.balances()).toMatchObject({ '1000': 20_000_000n - 880_000n });
    await world.expectSound();
  });

  test('that nobody pays expires', async () => {
    const person = await world.person('Ada');
    const { deposit_id, session } = await world.ask(person, 20_000_000n);
    world.fake.payments.expire(session);
    await world.settle();
    expect(await deposit(person, deposit_id)).toMatchObject({ state: 'EXPIRED', reason: { code: 'payment_expired' } });
    expect((await developer(person)).available_micro).toBe(0n);
  });

  test('is booked late at the provider: what it cost follows', async () => {
    const person = await world.person('Ada');
    world.fake.world.books_late = true;
    const { session } = await world.ask(person, 10_000_000n);
    const intent = world.fake.payments.pay(session);
    await world.settle();
    world.fake.world.books_late = false;
    expect((await developer(person)).available_micro).toBe(10_000_000n);
    world.fake.payments.bookLate(intent.latest_charge as string);
    await world.settle();
    await world.expectSound();
  });

  test('of a fraction of a cent is refused', async () => {
    const person = await world.person('Ada');
    const { status, body } = await world.post(person, '/v1/deposits', { amount_micro: '1005000' });
    expect([status, body.code, body.detail]).toEqual([400, 'amount_not_whole', expect.stringContaining('1.00 or 1.01')]);
  });

  test('64 times with one key is one, and another amount with it is refused', async () => {
    const person = await world.person('Ada');
    const key = randomUUID();
    const before = world.fake.world.sessions.size;
    const answers = await together(64, () => world.post(person, '/v1/deposits', { amount_micro: '5000000' }, key));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]));
    expect(new Set(answers.map(({ body }) => body.url)).size).toBe(1);
    expect(world.fake.world.sessions.size).toBe(before + 1);
    expect((await world.post(person, '/v1/deposits', { amount_micro: '6000000' }, key)).body.code).toBe('idempotency_mismatch');
  });

  test.each(['broken_before', 'broken_after', 'silent_before', 'silent_after', 'unavailable', 'rate_limited'] as const)(
    'is asked for until the provider answers (%s), with one key',
    async (kind) => {
      const person = await world.person('Ada');
      const before = world.fake.world.sessions.size;
      world.fake.fail('POST /v1/checkout/sessions', kind, 2);
      const { body } = await world.post(person, '/v1/deposits', { amount_micro: '5000000' });
      expect(body).toMatchObject({ state: 'PENDING', reason: { code: 'asking_provider' } });
      await world.settle();
      expect(await deposit(person, body.deposit_id)).toMatchObject({ state: 'OPEN', url: expect.any(String) });
      expect(world.fake.world.sessions.size).toBe(before + 1);
    },
  );

  test('of somebody else does not exist', async () => {
    const [person, stranger] = [await world.person('Ada'), await world.person('Eve')];
    const { deposit_id } = await world.ask(person, 5_000_000n);
    expect((await stranger.call('GET', `/v1/deposits/${deposit_id}`)).status).toBe(404);
    expect((await world.post(stranger, `/v1/deposits/${deposit_id}/refunds`, {})).status).toBe(404);
    expect((await stranger.call('GET', '/v1/deposits')).body).toEqual({ deposits: [] });
    expect((await person.call('GET', '/v1/deposits')).body.deposits).toMatchObject([{ deposit_id }]);
  });
});

describe('a refund', () => {
  test('sends back what is unspent and no more (I27)', async () => {
    const [person, owner] = [await world.person('Ada'), await world.person('Bob')];
    const { deposit_id } = await world.fund(person, 20_000_000n);
    await world.earn(owner, person, 5_000_000n);
    const refund = (amount?: string) => world.post(person, `/v1/deposits/${deposit_id}/refunds`, amount ? { amount_micro: amount } : {});
    expect((await refund('15010000')).body).toMatchObject({
      status: 409,
      code: 'refund.conflict',
      details: { refundable_micro: '15000000' },
    });
    const first = (await refund('4000000')).body;
    expect(first).toMatchObject({ state: 'SENT', amount_micro: '4000000', reason: { code: 'refund_sent' } });
    expect((await refund()).body).toMatchObject({ state: 'SENT', amount_micro: '11000000' });
    expect((await refund()).status).toBe(409);
    expect((await developer(person)).available_micro).toBe(0n);
    expect(await deposit(person, deposit_id)).toMatchObject({ refunded_micro: '15000000' });
    for (const id of world.fake.world.refunds.keys()) world.fake.reversals.finishRefund(id);
    await world.settle();
    expect((await person.call('GET', '/v1/refunds')).body.refunds).toMatchObject([{ state: 'SUCCEEDED' }, { state: 'SUCCEEDED' }]);
    await world.expectSound();
  });

  test('that the bank sends back, even after it succeeded, is in the balance again', async () => {
    const person = await world.person('Ada');
    const { deposit_id } = await world.fund(person, 10_000_000n);
    const { body } = await world.post(person, `/v1/deposits/${deposit_id}/refunds`, {});
    const [id] = [...world.fake.world.refunds.values()]
      .filter(({ metadata }) => metadata?.heap_refund === body.refund_id)
      .map((refund) => refund.id);
    world.fake.reversals.finishRefund(id ?? '');
    await world.settle();
    world.fake.reversals.failRefund(id ?? '');
    await world.settle();
    expect((await person.call('GET', '/v1/refunds')).body.refunds).toMatchObject([{ state: 'FAILED', reason: { code: 'refund_failed' } }]);
    expect((await developer(person)).available_micro).toBe(10_000_000n);
    expect(await deposit(person, deposit_id)).toMatchObject({ refunded_micro: '0' });
    await world.expectSound();
  });

  test('whose answer is lost happens once; its money is set aside meanwhile', async () => {
    const person = await world.person('Ada');
    const { deposit_id } = await world.fund(person, 10_000_000n);
    const before = world.fake.world.refunds.size;
    world.fake.webhooks.automatic = false;
    world.fake.fail('POST /v1/refunds', 'broken_after', 2);
    const { body } = await world.post(person, `/v1/deposits/${deposit_id}/refunds`, {});
    expect(body).toMatchObject({ state: 'UNKNOWN', reason: { code: 'outcome_unknown' } });
    expect((await developer(person)).available_micro).toBe(0n);
    await world.settle();
    expect(world.fake.world.refunds.size).toBe(before + 1);
    world.fake.webhooks.automatic = true;
    await world.expectSound();
  });

  test('that the provider refuses gives the money back', async () => {
    const person = await world.person('Ada');
    const { deposit_id, charge } = await world.fund(person, 10_000_000n);
    const held = world.fake.world.charges.get(charge);
    if (held) held.disputed = true;
    const { body } = await world.post(person, `/v1/deposits/${deposit_id}/refunds`, {});
    expect(body).toMatchObject({ state: 'FAILED', reason: { code: 'provider_refused' } });
    expect((await developer(person)).available_micro).toBe(10_000_000n);
    await world.expectSound();
  });

  test('64 at once never send back more than there is, and 64 times one key is one', async () => {
    const person = await world.person('Ada');
    const { deposit_id } = await world.fund(person, 10_000_000n);
    const path = `/v1/deposits/${deposit_id}/refunds`;
    const key = randomUUID();
    const same = await together(64, () => world.post(person, path, { amount_micro: '1000000' }, key));
    expect(new Set(same.map(({ status }) => status))).toEqual(new Set([201]));
    expect(new Set(same.map(({ body }) => body.refund_id)).size).toBe(1);
    const many = await together(64, () => world.post(person, path, { amount_micro: '2000000' }));
    expect(many.filter(({ status }) => status === 201)).toHaveLength(4);
    expect(many.filter(({ status }) => status === 409 || status === 402)).toHaveLength(60);
    expect((await developer(person)).available_micro).toBe(1_000_000n);
    await world.expectSound();
  });
});

describe('a top-up', () => {
  const set = (person: TestPerson, more: object = {}) =>
    person.call('PUT', '/v1/top-up', {
      enabled: true,
      below_micro: '5000000',
      amount_micro: '10000000',
      monthly_cap_micro: '25000000',
      ...more,
    });
  const due = () => world.broker.app.get(TopUpsService).addDue();

  test('needs a saved card and an amount below its cap', async () => {
    const person = await world.person('Ada');
    expect((await set(person)).body).toMatchObject({ status: 409, code: 'top_up.conflict' });
    expect((await set(person, { monthly_cap_micro: '9000000' })).body.code).toBe('invalid_input');
    expect((await person.call('GET', '/v1/top-up')).body).toMatchObject({ enabled: false, reason: { code: 'off' } });
  });

  test('adds money when little is left, once however many look, and never above the cap of a month', async () => {
    const [person, owner] = [await world.person('Ada'), await world.person('Bob')];
    await world.fund(person, 10_000_000n);
    expect((await set(person)).body).toMatchObject({ enabled: true, reason: { code: 'watching' } });
    await due();
    await world.settle();
    expect((await developer(person)).available_micro).toBe(10_000_000n);
    for (const [spend, left] of [
      [6_000_000n, 14_000_000n],
      [10_000_000n, 14_000_000n],
      [12_000_000n, 2_000_000n],
    ] as const) {
      await world.earn(owner, person, spend);
      await together(8, due);
      await world.settle();
      expect((await developer(person)).available_micro).toBe(left);
    }
    expect((await person.call('GET', '/v1/top-up')).body).toMatchObject({ this_month_micro: '20000000', reason: { code: 'cap_reached' } });
    await world.expectSound();
  });

  test('stops when the card declines, and says so', async () => {
    const [person, owner] = [await world.person('Ada'), await world.person('Bob')];
    await world.fund(person, 10_000_000n);
    await set(person);
    const [row] = await world.broker.sql<{ method_ref: string }>('SELECT method_ref FROM top_up WHERE person_id = $1', [person.person_id]);
    world.fake.payments.declineFromNowOn(row?.method_ref ?? '');
    await world.earn(owner, person, 8_000_000n);
    await due();
    await world.settle();
    expect((await person.call('GET', '/v1/top-up')).body).toMatchObject({ enabled: false, reason: { code: 'card_declined' } });
    expect((await person.call('GET', '/v1/deposits')).body.deposits[0]).toMatchObject({ purpose: 'auto', state: 'FAILED' });
    expect((await developer(person)).available_micro).toBe(2_000_000n);
    expect(await due()).toBe(0);
    await world.expectSound();
  });
});

describe('the books of the provider', () => {
  test('have a movement that nothing explains: it stands in suspense until something does', async () => {
    const before = await world.balances();
    const transaction = world.fake.world.book('', 'stripe_fee', 'acct_fee', -2_50);
    await world.inbox.pull();
    expect(await world.reconciliation.reconcile(0)).toMatchObject({ suspended: 1, difference_micro: 0n });
    expect((await world.balances())['2300']).toBe(-2_500_000n);
    expect(await world.broker.broken()).toEqual([]);
    await world.broker.sql(`UPDATE provider_transaction SET suspended_at = now() - interval '25 hours' WHERE id = $1`, [transaction.id]);
    expect(await world.broker.broken()).toEqual(['I16']);
    await world.broker.sql(`INSERT INTO provider_effect (object_id, effect, transaction_id, net) VALUES ('test', 'fee', $1, -2500000)`, [
      transaction.id,
    ]);
    expect(await world.reconciliation.reconcile(0)).toMatchObject({ explained: 1, difference_micro: -2_500_000n });
    expect(await world.balances()).toEqual(before);
    // Taken back at the provider as well, so that the tests after this one begin with equal books.
    world.fake.world.transactions.delete(transaction.id);
  });

  test("have the operator's own payouts to the bank, and those that the bank sent back", async () => {
    await world.fund(await world.person('Ada'), 30_000_000n);
    const { id } = world.fake.connect.createPayout('', { amount: '500' });
    await world.settle();
    expect((await world.balances())['1030']).toBe(5_000_000n);
    await world.expectSound();
    world.fake.connect.bankFailed(id);
    await world.settle();
    expect((await world.balances())['1030']).toBeUndefined();
    await world.expectSound();
  });
});

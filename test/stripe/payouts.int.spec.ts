import { randomUUID } from 'node:crypto';
import { clawback } from '#ledger';
import { MoneyService } from '../../apps/broker/src/money/money.service.js';
import { Transactions } from '../../apps/broker/src/platform/database/transactions.js';
import type { TestPerson } from '../support/broker.js';
import { StripeWorld, together } from './world.js';

let world: StripeWorld;
let payer: TestPerson;
beforeAll(async () => {
  world = await StripeWorld.start({ HEAP_DATABASE_POOL: '24', HEAP_PAYOUTS_PER_DAY: '3', HEAP_PAYOUT_DAILY_LIMIT_MICRO: '60000000' });
  payer = await world.person('Payer');
  await world.fund(payer, 900_000_000n);
});
afterEach(() => world.fake.faults.clear());
afterAll(() => world?.close());
/** Past the triggers that guard the ledger. */
const force = (statement: string) => world.broker.sql(`DO $do$ BEGIN SET LOCAL session_replication_role = replica; ${statement}; END $do$`);

/** An owner with 9.00 payable, and 1.00 the heap's fee. */
async function earner(gross = 10_000_000n) {
  const owner = await world.owner('Owner');
  await world.earn(owner, payer, gross);
  return owner;
}
const owned = async (person: TestPerson) => (await person.heap.balance()).owner.available_micro;
const transfersOf = (payout_id: string) =>
  [...world.fake.world.transfers.values()].filter(({ metadata }) => metadata.heap_payout === payout_id);

test('earnings go through transfer and bank to paid, and every account agrees', async () => {
  const owner = await earner();
  const { status, body } = await world.payOut(owner);
  expect([status, body.state, body.amount_micro, body.simulated]).toEqual([201, 'BANK_PENDING', '9000000', false]);
  const [transfer] = transfersOf(body.payout_id);
  expect(transfer).toMatchObject({ amount: 900, destination: owner.account });
  const { bank_ref } = await world.payout(body.payout_id);
  world.fake.connect.bankPaid(bank_ref as string);
  await world.settle();
  expect((await owner.call('GET', `/v1/payouts/${body.payout_id}`)).body).toMatchObject({
    state: 'PAID',
    reason: { code: 'paid' },
    paid_at: expect.any(String),
  });
  expect(await owned(owner)).toBe(0n);
  await world.expectSound();
});

test('a remainder below a cent stays with the owner', async () => {
  const owner = await earner(1_234_567n);
  const { body } = await world.payOut(owner);
  expect(body.amount_micro).toBe('1110000');
  expect(await owned(owner)).toBe(1_111_111n - 1_110_000n);
  expect(await owner.heap.earnings()).toMatchObject({
    payable_micro: 0n,
    withheld: { amount_micro: 1_111n, reason: { code: 'below_a_cent' } },
    in_flight_micro: 1_110_000n,
  });
  await world.expectSound();
});

describe('a payout is refused in a sentence, and nothing is begun:', () => {
  const owes = (owner: TestPerson, as_debt: bigint) =>
    world.broker.app.get(Transactions).run((tx) => {
      const people = { owner: owner.person_id, developer: payer.person_id };
      const step = { capture_id: randomUUID(), ...people, from_available: 0n, from_reserve: 0n, as_debt, fee: 0n };
      return world.broker.app.get(MoneyService).record(tx, [clawback(step)]);
    });
  const sql = (text: string, person: TestPerson) => world.broker.sql(text, [person.person_id]);
  test.each<[string, (owner: TestPerson) => Promise<unknown>, string]>([
    ['a debt', (o) => owes(o, 5n), 'payout.debt_open.conflict'],
    [
      'a disputed payment of the same person',
      (o) => sql(`INSERT INTO payer_block (person_id, cause) VALUES ($1, 'test')`, o),
      'payout.account_frozen.conflict',
    ],
    [
      'a rejected identity',
      (o) => sql(`UPDATE payout_account SET identity = 'rejected' WHERE person_id = $1`, o),
      'payout.identity_rejected.conflict',
    ],
    [
      'below the minimum',
      (o) => sql(`INSERT INTO payout_terms (person_id, minimum) VALUES ($1, 9000001)`, o),
      'payout.below_minimum.conflict',
    ],
    ['more than there is', () => Promise.resolve(), 'payout.own_cluster.conflict'],
    ['no account', (o) => sql('DELETE FROM payout_account WHERE person_id = $1', o), 'payout.no_account.conflict'],
  ])('%s', async (name, spoil, code) => {
    const owner = await earner();
    await spoil(owner);
    const { status, body } = await world.payOut(owner, name === 'more than there is' ? 9_010_000n : undefined);
    expect([status, body.code]).toEqual([409, code]);
    expect(body.detail).toMatch(/^[A-Z0-9].*\.$/);
    expect(await world.broker.sql('SELECT 1 FROM payout WHERE person_id = $1', [owner.person_id])).toEqual([]);
    expect(await owned(owner)).toBe(9_000_000n);
  });

  test('without the password, or with a wrong one five times and then never again', async () => {
    const owner = await earner();
    expect((await world.post(owner, '/v1/payouts', {})).body).toMatchObject({ status: 403, code: 'step_up.forbidden' });
    const wrong = () => world.post(owner, '/v1/payouts', { password: 'guess' });
    const answers = await together(8, wrong);
    expect(answers.filter(({ status }) => status === 403)).toHaveLength(5);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(3);
    expect((await world.payOut(owner)).status).toBe(429);
  });

  test('the fourth within a day, and more than the daily limit', async () => {
    const owner = await earner(80_000_000n);
    expect((await world.payOut(owner, 60_010_000n)).body.code).toBe('payout.daily_limit.conflict');
    for (let i = 0; i < 3; i++) expect((await world.payOut(owner, 1_000_000n)).status).toBe(201);
    expect((await world.payOut(owner, 1_000_000n)).body.code).toBe('payout.too_many_payouts.conflict');
  });

  test('money of the own card, the own bank and what was flagged (I9)', async () => {
    const [card, bank] = [randomUUID(), randomUUID()];
    const thief = await world.person('Thief');
    const mule = await world.owner('Mule', bank);
    await world.fund(thief, 20_000_000n, { fingerprint: card });
    await world.earn(mule, thief, 10_000_000n);
    await world.earn(mule, payer, 2_000_000n);
    // Nothing links them yet, but the capture was flagged.
    await world.broker.sql(`UPDATE capture SET own_cluster = true WHERE owner_id = $1 AND gross = 10000000`, [mule.person_id]);
    expect((await world.payOut(mule, 1_810_000n)).body).toMatchObject({
      code: 'payout.own_cluster.conflict',
      detail: expect.stringContaining('1.80 can'),
    });
    await world.broker.sql(`UPDATE capture SET own_cluster = false WHERE owner_id = $1`, [mule.person_id]);
    // The same card, over one person in between.
    const friend = await world.owner('Friend', bank);
    await world.fund(friend, 1_000_000n, { fingerprint: card });
    expect((await world.payOut(mule, 1_810_000n)).body.code).toBe('payout.own_cluster.conflict');
    expect((await world.payOut(mule, 1_800_000n)).status).toBe(201);
  });
});

describe('a payout waits, and goes on by itself:', () => {
  test('until the identity is confirmed again', async () => {
    const owner = await earner();
    world.fake.connect.setIdentity(owner.account, 'lapsed');
    await world.settle();
    const { status, body } = await world.payOut(owner);
    expect([status, body.state, body.reason.code]).toEqual([201, 'REQUESTED', 'identity_missing']);
    // Keeps earning meanwhile.
    await world.earn(owner, payer, 1_000_000n);
    world.fake.connect.setIdentity(owner.account, 'active');
    await world.settle();
    await world.tendPayouts();
    expect((await world.payout(body.payout_id)).state).toBe('BANK_PENDING');
    expect(await owned(owner)).toBe(900_000n);
    await world.expectSound();
  });

  test('72 hours after the bank account changed', async () => {
    const owner = await earner();
    world.fake.connect.setBank(owner.account, randomUUID());
    await world.settle();
    const { body } = await world.payOut(owner);
    expect([body.state, body.reason.code]).toEqual(['REQUESTED', 'bank_details_new']);
    await world.tendPayouts();
    expect((await world.payout(body.payout_id)).state).toBe('REQUESTED');
    await world.broker.sql(`UPDATE payout_account SET bank_changed_at = now() - interval '73 hours' WHERE person_id = $1`, [
      owner.person_id,
    ]);
    await world.tendPayouts();
    expect((await world.payout(body.payout_id)).state).toBe('BANK_PENDING');
  });

  test('until the provider has cleared the money', async () => {
    const owner = await earner();
    const [row] = await world.broker.sql<{ balance: bigint }>(`SELECT balance FROM ledger_account WHERE code = 1000`);
    await force('UPDATE ledger_account SET balance = 8999999 WHERE code = 1000');
    const { body } = await world.payOut(owner);
    expect([body.state, body.reason.code]).toEqual(['SCREENED', 'funds_clearing']);
    await force(`UPDATE ledger_account SET balance = ${row?.balance} WHERE code = 1000`);
    await world.tendPayouts();
    expect((await world.payout(body.payout_id)).state).toBe('BANK_PENDING');
  });
});

test('a rejected owner is frozen, a waiting payout comes back, and both are undone when the provider changes its mind', async () => {
  const owner = await earner();
  world.fake.connect.setIdentity(owner.account, 'lapsed');
  await world.settle();
  const { body } = await world.payOut(owner, 4_000_000n);
  world.fake.connect.setIdentity(owner.account, 'rejected');
  await world.settle();
  expect(await owned(owner)).toBe(0n);
  await world.tendPayouts();
  expect(await world.payout(body.payout_id)).toMatchObject({ state: 'REJECTED', reason_code: 'screen_refused' });
  expect(await owned(owner)).toBe(4_000_000n);
  world.fake.connect.setIdentity(owner.account, 'active');
  await world.settle();
  expect(await owned(owner)).toBe(9_000_000n);
  await world.expectSound();
});

describe('the transfer', () => {
  test.each(['error_after', 'broken_after', 'silent_after'] as const)('whose answer is lost (%s) is made once', async (kind) => {
    const owner = await earner();
    // The package itself repeats once what was cut off.
    world.fake.fail('POST /v1/transfers', kind, 2);
    const { body } = await world.payOut(owner);
    expect(['UNKNOWN', 'TRANSFERRED', 'BANK_PENDING']).toContain((await world.payout(body.payout_id)).state);
    await world.fake.webhooks.settled();
    world.fake.faults.clear();
    await world.settleQuietly();
    expect(transfersOf(body.payout_id)).toHaveLength(1);
    expect((await world.payout(body.payout_id)).state).toBe('BANK_PENDING');
    expect(await owned(owner)).toBe(0n);
  });

  test('that never arrived is sent again with the same key', async () => {
    const owner = await earner();
    world.fake.fail('POST /v1/transfers', 'broken_before', 2);
    const { body } = await world.payOut(owner);
    expect([body.state, body.reason.code]).toEqual(['UNKNOWN', 'transfer_outcome_unknown']);
    await world.settle();
    expect(transfersOf(body.payout_id)).toHaveLength(1);
    expect((await world.payout(body.payout_id)).state).toBe('BANK_PENDING');
    await world.expectSound();
  });

  test('that the provider refuses gives the money back', async () => {
    const owner = await earner();
    world.fake.world.accounts.delete(owner.account);
    const { body } = await world.payOut(owner);
    expect([body.state, body.reason.code]).toEqual(['TRANSFER_FAILED', 'transfer_refused']);
    expect(await owned(owner)).toBe(9_000_000n);
    await world.expectSound();
  });

  test('is asked for later when there are too many requests', async () => {
    const owner = await earner();
    world.fake.fail('POST /v1/transfers', 'rate_limited', 1);
    const { body } = await world.payOut(owner);
    expect(body.state).toBe('TRANSFER_SENT');
    const [call] = await world.broker.sql(
      `SELECT state::text, outcome, next_at - now() > interval '500 milliseconds' AS later FROM outbox_message WHERE subject_id = $1`,
      [body.payout_id],
    );
    expect(call).toEqual({ state: 'PENDING', outcome: 'rate_limit', later: true });
    await world.settle();
    expect(transfersOf(body.payout_id)).toHaveLength(1);
  });

  test.each([
    ['that arrived is found by its metadata', 'error_after', 'BANK_PENDING', 1],
    ['that never arrived is given up', 'error_before', 'TRANSFER_FAILED', 0],
  ] as const)('of unknown outcome for 23 hours %s, never sent with another key', async (_, kind, state, transfers) => {
    const owner = await earner();
    world.fake.webhooks.automatic = false;
    world.fake.fail('POST /v1/transfers', kind);
    const { body } = await world.payOut(owner);
    expect(body.state).toBe('UNKNOWN');
    // Stripe remembers the 500 and says it again.
    await world.hurry();
    await world.outbox.drain();
    expect((await world.payout(body.payout_id)).state).toBe('UNKNOWN');
    world.fake.clock.advance(25 * 3600);
    await world.broker.sql(`UPDATE outbox_message SET first_sent_at = now() - interval '23 hours 1 minute' WHERE subject_id = $1`, [
      body.payout_id,
    ]);
    await world.hurry();
    await world.settle();
    expect((await world.payout(body.payout_id)).state).toBe(state);
    expect(transfersOf(body.payout_id)).toHaveLength(transfers);
    expect(await owned(owner)).toBe(transfers ? 0n : 9_000_000n);
    world.fake.webhooks.automatic = true;
    await world.expectSound();
  });
});

describe('the bank', () => {
  async function sent() {
    const owner = await earner();
    const { body } = await world.payOut(owner);
    const { bank_ref } = await world.payout(body.payout_id);
    return { owner, payout_id: body.payout_id as string, bank_ref: bank_ref as string };
  }

  test.each(['before it is called paid', 'after it was called paid'])(
    'sends a payout back %s: the owner has the money again',
    async (when) => {
      const { owner, payout_id, bank_ref } = await sent();
      if (when.startsWith('after')) {
        world.fake.connect.bankPaid(bank_ref);
        await world.settle();
        expect((await world.payout(payout_id)).state).toBe('PAID');
      }
      world.fake.connect.bankFailed(bank_ref);
      await world.settle();
      expect(await world.payout(payout_id)).toMatchObject({
        state: 'BANK_FAILED',
        reason_code: 'bank_refused',
        returned_at: expect.any(Date),
      });
      expect(await owned(owner)).toBe(9_000_000n);
      expect((await world.payOut(owner)).status).toBe(201);
      await world.expectSound();
    },
  );

  test('hears both, the newer first: what failed stays failed', async () => {
    const { payout_id, bank_ref } = await sent();
    world.fake.webhooks.automatic = false;
    world.fake.connect.bankPaid(bank_ref);
    world.fake.connect.bankFailed(bank_ref);
    const [paid, failed] = world.fake.world.events.slice(-2);
    for (const event of [failed, paid, failed]) if (event) await world.fake.webhooks.deliver(event);
    world.fake.webhooks.automatic = true;
    await world.settle();
    expect((await world.payout(payout_id)).state).toBe('BANK_FAILED');
    await world.expectSound();
  });
});

test('64 times the same payout is one', async () => {
  const owner = await earner();
  const key = randomUUID();
  const answers = await together(64, () => world.payOut(owner, 2_000_000n, key));
  // The password is checked 64 times: some may be told to wait, none is told something else.
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set(answers.some(({ status }) => status === 429) ? [201, 429] : [201]));
  expect(new Set(answers.filter(({ status }) => status === 201).map(({ body }) => body.payout_id)).size).toBe(1);
  await world.settle();
  expect(await owned(owner)).toBe(7_000_000n);
  expect((await world.payOut(owner, 3_000_000n, key)).body.code).toBe('idempotency_mismatch');
  await world.expectSound();
});

test('payouts at once never take more than there is (I21)', async () => {
  const owner = await earner();
  await world.broker.sql('UPDATE payout_account SET payouts_enabled = false WHERE person_id = $1', [owner.person_id]);
  const answers = [];
  for (let i = 0; i < 4; i++) answers.push(...(await together(4, () => world.payOut(owner, 4_000_000n))));
  expect(answers.filter(({ status }) => status === 201)).toHaveLength(2);
  expect(await owned(owner)).toBe(1_000_000n);
  expect(await world.broker.broken()).toEqual([]);
});

test('a schedule pays by itself on its day, once, and only above the minimum', async () => {
  const owner = await earner();
  const set = (minimum_micro: string) =>
    owner.call('PUT', '/v1/payout-terms', { schedule: 'weekly', minimum_micro, password: owner.password });
  expect((await owner.call('PUT', '/v1/payout-terms', { schedule: 'weekly' })).body.code).toBe('step_up.forbidden');
  expect((await set('9000001')).body).toMatchObject({ schedule: 'weekly', minimum_micro: '9000001', next_at: expect.any(String) });
  const due = () =>
    world.broker.sql(`UPDATE payout_terms SET next_at = now() - interval '1 minute' WHERE person_id = $1`, [owner.person_id]);
  await due();
  await world.tendPayouts();
  expect((await owner.call('GET', '/v1/payouts')).body.payouts).toEqual([]);
  await set('1000000');
  await due();
  await Promise.all([world.tendPayouts(), world.tendPayouts()]);
  await world.settle();
  const { payouts } = (await owner.call('GET', '/v1/payouts')).body;
  expect(payouts).toMatchObject([{ purpose: 'schedule', amount_micro: '9000000', state: 'BANK_PENDING' }]);
  await world.expectSound();
});

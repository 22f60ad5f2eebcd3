import { randomUUID } from 'node:crypto';
import { clawback } from '#ledger';
import { ROUTES } from '#protocol';
import { MoneyService } from '../../apps/broker/src/money/money.service.js';
import { Transactions } from '../../apps/broker/src/platform/database/transactions.js';
import { StripeWorld, together } from '../stripe/world.js';
import type { TestPerson } from '../support/broker.js';
import { echoModule, order } from '../support/orders.js';
import { balancesOf } from './earn.js';

let world: StripeWorld;
let ada: TestPerson;
let bob: TestPerson;
let developer: TestPerson;
beforeAll(async () => {
  world = await StripeWorld.start({ STRIPE_TIMEOUT_MS: '5000' });
  const roles = ['admin', 'developer', 'owner'] as const;
  ada = await world.broker.person({ name: 'Ada', funds_micro: 0n, roles });
  bob = await world.broker.person({ name: 'Bob', funds_micro: 0n, roles });
  developer = await world.broker.person({ name: 'Dev', funds_micro: 0n, roles: ['developer', 'owner'] });
});
afterAll(() => world?.close());

const REASON = 'A gift of the operator, agreed by telephone.';
const gift = (amount: bigint, person: TestPerson = developer) => ({
  reason: REASON,
  entries: [
    { account: 3000, amount_micro: String(amount) },
    { account: 2000, person_id: person.person_id, amount_micro: String(-amount) },
  ],
});
async function proposed(amount: bigint): Promise<string> {
  const { status, body } = await ada.call('POST', '/v1/admin/journals', gift(amount));
  expect([status, body.state]).toEqual([201, 'PROPOSED']);
  return body.manual_id;
}
const decide = (admin: TestPerson, id: string, approve = true) => admin.call('POST', `/v1/admin/journals/${id}/decision`, { approve });
const manual = async () =>
  Number((await world.broker.sql<{ n: number }>(`SELECT count(*)::int AS n FROM journal WHERE kind = 'manual'`))[0]?.n);

const adminRoutes = Object.values(ROUTES).filter(({ access }) => access === 'admin');
test.each(adminRoutes.map(({ method, path }) => `${method} ${path}`))('who is no admin is refused: %s', async (route) => {
  const [method = '', path = ''] = route.split(' ');
  const there = path.replaceAll(/:\w+/g, '00000000-0000-4000-8000-000000000000');
  expect(await developer.call(method, there, method === 'GET' ? undefined : {})).toMatchObject({
    status: 403,
    body: { code: 'forbidden' },
  });
});

test('one proposes, another approves, and it is posted once, however many approve at once', async () => {
  const id = await proposed(1_000_000n);
  expect(await manual()).toBe(0);
  expect(await decide(ada, id)).toMatchObject({ status: 403, body: { code: 'manual.forbidden' } });
  expect(await manual()).toBe(0);
  const answers = await together(8, () => decide(bob, id));
  expect(new Set(answers.map(({ status, body }) => `${status} ${body.state}`))).toEqual(new Set(['200 APPROVED']));
  expect(await manual()).toBe(1);
  expect(await balancesOf(world.broker, developer)).toEqual({ 2000: 1_000_000n });
  expect(await decide(bob, id, false)).toMatchObject({ status: 409, body: { code: 'manual.conflict' } });
  await world.expectSound();
});

test('what is rejected, too old, or would break a floor is never posted', async () => {
  const before = await manual();
  const taken_back = await proposed(1n);
  expect((await decide(ada, taken_back, false)).body.state).toBe('REJECTED');
  expect((await decide(bob, taken_back)).status).toBe(409);
  const old = await proposed(2n);
  await world.broker.sql(`UPDATE manual_journal SET expires_at = now() WHERE id = $1`, [old]);
  expect(await decide(bob, old)).toMatchObject({ status: 409, body: { code: 'manual.conflict' } });
  const { body } = await ada.call('POST', '/v1/admin/journals', {
    reason: REASON,
    entries: [
      { account: 2000, person_id: developer.person_id, amount_micro: '999999999999' },
      { account: 3000, amount_micro: '-999999999999' },
    ],
  });
  expect(await decide(bob, body.manual_id)).toMatchObject({ status: 409, body: { code: 'manual_funds.conflict' } });
  expect(await manual()).toBe(before);
  const states = (await ada.call('GET', '/v1/admin/journals')).body.journals.map(({ state }: { state: string }) => state);
  expect(states.slice(0, 3)).toEqual(['PROPOSED', 'EXPIRED', 'REJECTED']);
});

test.each<[string, { account: number; person_id?: string; amount_micro: string }[]]>([
  [
    'unbalanced',
    [
      { account: 3000, amount_micro: '5' },
      { account: 5000, amount_micro: '-4' },
    ],
  ],
  [
    'of an account that follows holds',
    [
      { account: 2010, amount_micro: '5' },
      { account: 5000, amount_micro: '-5' },
    ],
  ],
  [
    'of promotional money',
    [
      { account: 2020, amount_micro: '5' },
      { account: 5050, amount_micro: '-5' },
    ],
  ],
  [
    'of no account',
    [
      { account: 7777, amount_micro: '5' },
      { account: 5000, amount_micro: '-5' },
    ],
  ],
  [
    'without the person',
    [
      { account: 2000, amount_micro: '5' },
      { account: 5000, amount_micro: '-5' },
    ],
  ],
  [
    'of nobody',
    [
      { account: 2000, person_id: '00000000-0000-4000-8000-000000000000', amount_micro: '5' },
      { account: 5000, amount_micro: '-5' },
    ],
  ],
])('a journal %s is refused when it is proposed', async (_, entries) => {
  expect((await ada.call('POST', '/v1/admin/journals', { reason: REASON, entries })).status).toBe(400);
});

test('money of the operator that comes in by hand is conserved (I28)', async () => {
  const entries = [
    { account: 1030, amount_micro: '7000000' },
    { account: 3000, amount_micro: '-7000000' },
  ];
  const { body } = await ada.call('POST', '/v1/admin/journals', { reason: REASON, entries });
  await decide(bob, body.manual_id);
  await world.expectSound();
});

describe('a debt is forgiven by two admins, and what it kept shut opens by itself:', () => {
  /** One admin proposes to write a debt off as a bad debt, another approves. */
  const writeOff = async (account: number, person: TestPerson, amount: bigint) => {
    const entries = [
      { account: 5030, amount_micro: String(amount) },
      { account, person_id: person.person_id, amount_micro: String(-amount) },
    ];
    const { status, body } = await ada.call('POST', '/v1/admin/journals', { reason: 'Talked to them: a card was stolen.', entries });
    expect(status).toBe(201);
    expect((await decide(ada, body.manual_id)).status).toBe(403);
    expect((await decide(bob, body.manual_id)).body.state).toBe('APPROVED');
  };

  test('a payer may place orders again', async () => {
    const [payer, owner] = [await world.person('Payer'), await world.owner('Owner')];
    const { charge } = await world.fund(payer, 10_000_000n);
    await world.earn(owner, payer, 10_000_000n);
    const { id } = world.fake.reversals.dispute(charge);
    await world.settle();
    world.fake.reversals.closeDispute(id, 'lost');
    await world.settle();
    expect(await balancesOf(world.broker, payer)).toEqual({ 1110: 10_000_000n });
    const place = async () => order(payer, await echoModule(world.broker, payer), { budget_micro: '4000000' });
    expect((await place()).body.code).toBe('payer_blocked');
    await writeOff(1110, payer, 10_000_000n);
    await world.reconciliation.tend();
    await world.fund(payer, 5_000_000n);
    expect((await place()).status).toBe(201);
    await world.expectSound();
  });

  test('a part that is forgiven leaves the rest owed, and the payer blocked', async () => {
    const [payer, owner] = [await world.person('Payer'), await world.owner('Owner')];
    const { charge } = await world.fund(payer, 10_000_000n);
    await world.earn(owner, payer, 10_000_000n);
    const { id } = world.fake.reversals.dispute(charge);
    await world.settle();
    world.fake.reversals.closeDispute(id, 'lost');
    await world.settle();
    await writeOff(1110, payer, 9_999_999n);
    await world.reconciliation.tend();
    expect(await balancesOf(world.broker, payer)).toEqual({ 1110: 1n });
    expect((await order(payer, await echoModule(world.broker, payer), {})).body.code).toBe('payer_blocked');
  });

  test('an owner is paid out again', async () => {
    const [payer, owner] = [await world.person('Payer'), await world.owner('Owner')];
    await world.fund(payer, 30_000_000n);
    await world.earn(owner, payer, 20_000_000n);
    const people = { owner: owner.person_id, developer: payer.person_id };
    await world.broker.app.get(Transactions).run((tx) => {
      const step = { capture_id: randomUUID(), ...people, from_available: 0n, from_reserve: 0n, as_debt: 50_000_000n, fee: 0n };
      return world.broker.app.get(MoneyService).record(tx, [clawback(step)]);
    });
    expect((await world.payOut(owner)).body.code).toBe('payout.debt_open.conflict');
    await writeOff(1100, owner, 50_000_000n);
    expect(await world.payOut(owner)).toMatchObject({ status: 201, body: { amount_micro: '18000000' } });
  });
});

test('a movement in suspense is explained by two people and leaves it; the books stay right', async () => {
  const { id } = world.fake.world.book('', 'adjustment', 'nothing known', 500);
  await world.inbox.pull();
  expect(await world.reconciliation.reconcile(0)).toMatchObject({ suspended: 1 });
  const { suspense } = (await ada.call('GET', '/v1/admin/solvency')).body;
  expect(suspense).toMatchObject([{ transaction_id: id, net_micro: '5000000' }]);
  const path = `/v1/admin/suspense/${id}`;
  const { status, body } = await ada.call('POST', path, { reason: 'Stripe corrected its own fee.', account: 5000 });
  expect(status).toBe(201);
  expect((await decide(bob, body.manual_id)).body.state).toBe('APPROVED');
  expect((await ada.call('POST', path, { reason: 'Stripe corrected its own fee.', account: 5000 })).status).toBe(404);
  expect((await world.balances())['2300']).toBeUndefined();
  await world.expectSound();
});

test('solvency: assets are liabilities and what is left, the provider agrees, and every invariant says when it was checked', async () => {
  await world.fund(developer, 20_000_000n);
  await world.expectSound();
  const { body } = await ada.call('GET', '/v1/admin/solvency');
  const total = (rows: { amount_micro: string }[]) => rows.reduce((sum, row) => sum + BigInt(row.amount_micro), 0n);
  expect(BigInt(body.surplus_micro)).toBe(total(body.assets) - total(body.liabilities));
  expect(BigInt(body.surplus_micro)).toBe(total(body.equity) + total(body.income) - total(body.expenses));
  expect(body.provider_balance_micro).toBe(body.ledger_balance_micro);
  expect(body.invariants).toHaveLength(30);
  expect(body.invariants.every(({ holds }: { holds: boolean }) => holds)).toBe(true);
  expect(body).toMatchObject({ suspense: [], disputes: [], outbox: { open: 0 }, inbox: { open: 0 }, admin_log_intact: true });
});

test('the log of admins has a line for each deed, without a gap, and a changed one is noticed', async () => {
  const { lines } = (await ada.call('GET', '/v1/admin/log?limit=100')).body;
  expect(lines.map(({ seq }: { seq: number }) => seq)).toEqual(lines.map((_: unknown, i: number) => lines.length - i));
  const actions = lines.map(({ action }: { action: string }) => action);
  expect(actions.filter((action: string) => action === 'journal.approve')).toHaveLength(6);
  await expect(world.broker.sql(`UPDATE admin_log SET subject = 'x' WHERE seq = 1`)).rejects.toThrow();
  await world.broker.sql('ALTER TABLE admin_log DISABLE TRIGGER ALL');
  await world.broker.sql(`UPDATE admin_log SET detail = '{}' WHERE seq = 2`);
  await world.broker.sql('ALTER TABLE admin_log ENABLE TRIGGER ALL');
  expect((await ada.call('GET', '/v1/admin/solvency')).body.admin_log_intact).toBe(false);
});

import { PromoCommands } from '../../apps/broker/src/money/promo.commands.js';
import { startBroker, type TestBroker, type TestPerson } from '../support/broker.js';
import { balancesOf, earn, giveBack, releaseAll } from './earn.js';

let broker: TestBroker;
let admin: TestPerson;
let owner: TestPerson;
beforeAll(async () => {
  broker = await startBroker({ HEAP_HOLDBACK_SECONDS: '86400' });
  admin = await broker.person({ name: 'Root', funds_micro: 0n, roles: ['admin', 'developer', 'owner'] });
  owner = await broker.person({ name: 'Owner', funds_micro: 0n });
});
afterAll(() => broker?.close());

let count = 0;
async function campaign(terms: Record<string, unknown> = {}): Promise<string> {
  count += 1;
  const body = {
    code: `WELCOME${count}`,
    name: 'Welcome',
    amount_micro: '5000000',
    budget_micro: '50000000',
    days: 30,
    ends_at: new Date(Date.now() + 86_400_000).toISOString(),
    ...terms,
  };
  const answer = await admin.call('POST', '/v1/admin/campaigns', body);
  expect(answer.status).toBe(201);
  return answer.body.code;
}
const redeem = (person: TestPerson, code: string) => person.call('POST', '/v1/promotions', { code });
const grants = (code: string) =>
  broker.sql<{ sum: bigint; granted: bigint }>(
    `SELECT (SELECT COALESCE(sum(g.amount), 0)::bigint FROM promo_grant g WHERE g.campaign_id = c.id) AS sum, c.granted FROM campaign c WHERE code = $1`,
    [code],
  );

test('promotional money is spent first, comes back as such, and never reaches a card or a bank', async () => {
  const developer = await broker.person({ name: 'Ada', funds_micro: 10_000_000n });
  const code = await campaign();
  expect((await redeem(developer, code.toLowerCase())).body).toMatchObject({ amount_micro: '5000000', left_micro: '5000000' });
  // Asking again tells of the same grant.
  expect((await redeem(developer, code)).status).toBe(201);
  expect(await balancesOf(broker, developer)).toEqual({ 2000: 10_000_000n, 2020: 5_000_000n });
  const { job_id } = await earn(broker, { owner, developer }, 3_000_000n, 7_000_000n);
  expect(await balancesOf(broker, developer)).toEqual({ 2000: 10_000_000n, 2020: 2_000_000n });
  await earn(broker, { owner, developer }, 6_000_000n);
  expect(await balancesOf(broker, developer)).toEqual({ 2000: 6_000_000n });
  await giveBack(broker, job_id);
  expect(await balancesOf(broker, developer)).toEqual({ 2000: 6_000_000n, 2020: 3_000_000n });
  const { deposits } = (await developer.call('GET', '/v1/deposits')).body;
  const refund = await developer.call('POST', `/v1/deposits/${deposits[0].deposit_id}/refunds`, {}, { 'idempotency-key': 'all' });
  expect(refund.body).toMatchObject({ amount_micro: '6000000' });
  expect(await balancesOf(broker, developer)).toEqual({ 2020: 3_000_000n });
  expect(await broker.broken()).toEqual([]);
});

test('what somebody pays to the own devices with promotional money stays promotional (I26)', async () => {
  const alone = await broker.person({ name: 'Alone', funds_micro: 1_000_000n });
  await redeem(alone, await campaign());
  await earn(broker, { owner: alone, developer: alone }, 5_500_000n);
  await releaseAll(broker);
  const balances = await balancesOf(broker, alone);
  expect(balances['2110'] ?? 0n).toBe(0n);
  expect(balances['2000']).toBeLessThanOrEqual(1_000_000n);
  expect((balances['2020'] ?? 0n) + (balances['2000'] ?? 0n)).toBeLessThanOrEqual(6_000_000n);
  expect(await broker.broken()).toEqual([]);
});

test('as many as the budget holds redeem a code, however many try at once', async () => {
  const code = await campaign({ budget_micro: '17000000' });
  const people = await Promise.all(Array.from({ length: 8 }, (_, i) => broker.person({ name: `Many${i}`, funds_micro: 0n })));
  const answers = await Promise.all(people.flatMap((person) => [redeem(person, code), redeem(person, code)]));
  expect(answers.filter(({ status }) => status === 201)).toHaveLength(6);
  expect(new Set(answers.filter(({ status }) => status !== 201).map(({ body }) => body.code))).toEqual(new Set(['promo_budget.conflict']));
  expect(await grants(code)).toEqual([{ sum: 15_000_000n, granted: 15_000_000n }]);
  const { campaigns } = (await admin.call('GET', '/v1/admin/campaigns')).body;
  expect(campaigns.find((row: { code: string }) => row.code === code)).toMatchObject({
    people: 3,
    granted_micro: '15000000',
    used_micro: '0',
  });
});

test('people who share a card redeem once among them', async () => {
  const code = await campaign();
  const people = await Promise.all(Array.from({ length: 4 }, (_, i) => broker.person({ name: `Same${i}`, funds_micro: 0n })));
  for (const { person_id } of people)
    await broker.sql(`INSERT INTO payment_fingerprint (kind, fingerprint, person_id) VALUES ('card', 'one card', $1)`, [person_id]);
  const answers = await Promise.all(people.map((person) => redeem(person, code)));
  expect(answers.map(({ status }) => status).toSorted()).toEqual([201, 409, 409, 409]);
  expect(await grants(code)).toEqual([{ sum: 5_000_000n, granted: 5_000_000n }]);
});

test('what is left when a grant ends goes back to the operator, and so does what a job returns later', async () => {
  const developer = await broker.person({ name: 'Late', funds_micro: 0n });
  const code = await campaign();
  await redeem(developer, code);
  const { job_id } = await earn(broker, { owner, developer }, 2_000_000n);
  await broker.sql(`UPDATE promo_grant SET expires_at = now() - interval '1 second' WHERE person_id = $1`, [developer.person_id]);
  const refused = await earn(broker, { owner, developer }, 1_000_000n).catch((error: { code: string }) => error.code);
  expect(refused).toBe('insufficient_funds');
  const promo = broker.app.get(PromoCommands);
  expect(await promo.expireDue()).toBe(1);
  expect(await promo.expireDue()).toBe(0);
  expect(await balancesOf(broker, developer)).toEqual({});
  await giveBack(broker, job_id);
  expect(await balancesOf(broker, developer)).toEqual({ 2020: 2_000_000n });
  expect(await promo.expireDue()).toBe(1);
  expect(await balancesOf(broker, developer)).toEqual({});
  const { grants: own } = (await developer.call('GET', '/v1/promotions')).body;
  expect(own).toMatchObject([{ amount_micro: '5000000', left_micro: '0' }]);
  expect(await broker.broken()).toEqual([]);
});

test('unknown codes, campaigns that are over, and terms that make no sense are refused', async () => {
  const developer = await broker.person({ name: 'Curious', funds_micro: 0n });
  const code = await campaign();
  await broker.sql(`UPDATE campaign SET ends_at = now() WHERE code = $1`, [code]);
  expect((await redeem(developer, code)).body).toMatchObject({ code: 'promo_ended.conflict' });
  expect((await redeem(developer, 'NOTHING')).body).toMatchObject({ status: 404, code: 'promo.not_found' });
  const wrong = {
    code: 'BAD',
    name: 'Bad',
    amount_micro: '5',
    budget_micro: '4',
    days: 1,
    ends_at: new Date(Date.now() + 1e6).toISOString(),
  };
  expect((await admin.call('POST', '/v1/admin/campaigns', wrong)).status).toBe(400);
  expect((await developer.call('POST', '/v1/admin/campaigns', wrong)).status).toBe(403);
});

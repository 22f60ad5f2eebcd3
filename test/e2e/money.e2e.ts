import { startBroker, type TestBroker, type TestPerson } from '../support/broker.js';

let broker: TestBroker;
let person: TestPerson;
beforeAll(async () => {
  broker = await startBroker();
  person = await broker.person({ funds_micro: 0n });
});
afterAll(() => broker?.close());

test('simulated money comes at once, goes back, and says everywhere that it is not real', async () => {
  const { heap } = person;
  const deposit = await heap.deposit('5.00');
  expect(deposit).toMatchObject({ state: 'SUCCEEDED', simulated: true, url: null, amount_micro: 5_000_000n });
  expect(await heap.deposits()).toEqual([deposit]);
  expect(await heap.refund(deposit.deposit_id, '2.00')).toMatchObject({ state: 'SUCCEEDED', simulated: true, amount_micro: 2_000_000n });
  expect(await heap.refund(deposit.deposit_id)).toMatchObject({ amount_micro: 3_000_000n });
  await expect(heap.refund(deposit.deposit_id)).rejects.toMatchObject({ code: 'refund.conflict' });
  expect(await heap.refunds()).toHaveLength(2);
  expect((await heap.balance()).developer.available_micro).toBe(0n);
  expect(await broker.broken()).toEqual([]);
});

test('a top-up and payout terms are set and kept', async () => {
  const { heap } = person;
  expect(await heap.topUp()).toMatchObject({ enabled: false, reason: { code: 'off' } });
  const terms = { below: '1.00', amount: '2.00', monthlyCap: '10.00' };
  expect(await heap.setTopUp(terms)).toMatchObject({ enabled: true, amount_micro: 2_000_000n, monthly_cap_micro: 10_000_000n });
  expect(await heap.setTopUp(null)).toMatchObject({ enabled: false });
  expect(await heap.setPayoutTerms({ schedule: 'monthly', minimum: '3.00' })).toMatchObject({
    schedule: 'monthly',
    minimum_micro: 3_000_000n,
  });
  expect(await heap.payoutTerms()).toMatchObject({ next_at: expect.stringMatching(/-01T00:00:00/) });
  await expect(heap.setPayoutTerms({ schedule: 'daily', minimum: '0.01' })).rejects.toMatchObject({ code: 'invalid_input' });
});

test('nothing is to be proved for simulated payouts, and nothing earned is nothing paid', async () => {
  const { heap } = person;
  expect(await heap.payoutAccount()).toMatchObject({ identity: 'none', simulated: true });
  expect(await heap.openPayoutAccount()).toMatchObject({ url: null, account: { identity: 'active', reason: { code: 'simulated' } } });
  await expect(heap.payout()).rejects.toMatchObject({ code: 'payout.nothing.conflict', fault: 'owner' });
  expect(await heap.payouts()).toEqual([]);
});

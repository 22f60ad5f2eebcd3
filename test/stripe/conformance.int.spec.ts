import { randomUUID } from 'node:crypto';
import type { ProviderPayment } from '../../apps/broker/src/platform/provider/money-provider.js';
import { newPayment, PROVIDERS, type ProviderUnderTest } from './providers.js';

const LONG_AGO = new Date(0);
const all = async <T>(list: AsyncIterable<T>): Promise<T[]> => {
  const found: T[] = [];
  for await (const item of list) found.push(item);
  return found;
};

describe.each(Object.entries(PROVIDERS))('%s keeps the promises of the port:', (_, make) => {
  let it_: ProviderUnderTest;
  beforeAll(async () => {
    it_ = await make();
  });
  afterAll(() => it_?.close());

  async function paid(amount = 5_000_000n): Promise<ProviderPayment> {
    const asked = await it_.provider.requestPayment(randomUUID(), newPayment(amount));
    await it_.pay(asked);
    await it_.clear();
    return it_.provider.readPayment(asked.ref);
  }
  async function account(): Promise<string> {
    const opened = await it_.provider.openAccount(randomUUID(), { person_id: randomUUID(), email: 'owner@example.org' });
    await it_.onboard(opened.ref);
    return opened.ref;
  }
  /** Money for payouts that does not depend on other tests. */
  async function funded() {
    await paid(100_000_000n);
    return { account_ref: await account(), payout_id: randomUUID(), amount: 20_000_000n };
  }

  test('the same key returns the same payment, another request with it is refused as unknown', async () => {
    const [key, payment] = [randomUUID(), newPayment(5_000_000n)];
    const first = await it_.provider.requestPayment(key, payment);
    expect(await it_.provider.requestPayment(key, payment)).toMatchObject({ ref: first.ref, deposit_id: payment.deposit_id });
    const other = it_.provider.requestPayment(key, { ...payment, amount: 6_000_000n });
    await expect(other).rejects.toMatchObject({ name: 'ProviderFailure', outcome: 'unknown', code: 'idempotency_error' });
    expect(await it_.provider.findPayment(payment.deposit_id, LONG_AGO)).toMatchObject({ ref: first.ref });
    expect(await it_.provider.findPayment(randomUUID(), LONG_AGO)).toBeNull();
  });

  test('a paid payment says what came in, what it cost and that it is available', async () => {
    const payment = await paid();
    expect(payment).toMatchObject({ state: 'succeeded', amount: 5_000_000n, available: true, url: null, charge_ref: expect.any(String) });
    expect(payment.movement?.net).toBe(5_000_000n - (payment.movement?.fee ?? 0n));
  });

  test('a saved card is charged once a key', async () => {
    const { card } = await paid();
    const [key, payment] = [randomUUID(), newPayment(7_000_000n)];
    const charge = { ...payment, card: card ?? { customer_ref: 'nobody', method_ref: 'none' } };
    const charged = await it_.provider.chargeCard(key, charge);
    expect(charged).toMatchObject({ deposit_id: payment.deposit_id, state: 'succeeded', amount: 7_000_000n, url: null });
    expect((await it_.provider.chargeCard(key, charge)).ref).toBe(charged.ref);
    expect(await it_.provider.findPayment(payment.deposit_id, LONG_AGO)).toMatchObject({ ref: charged.ref });
  });

  test('a key stands for one refund, one transfer, one payout at the bank: with another amount it is refused as unknown', async () => {
    const { charge_ref } = await paid();
    const step = await funded();
    const [one, two, three] = [randomUUID(), randomUUID(), randomUUID()];
    const refund = { refund_id: randomUUID(), charge_ref: charge_ref ?? '', amount: 1_000_000n };
    await it_.provider.refund(one, refund);
    await it_.provider.transfer(two, step);
    await it_.provider.payToBank(three, step);
    const again = [
      () => it_.provider.refund(one, { ...refund, amount: 2_000_000n }),
      () => it_.provider.transfer(two, { ...step, amount: 1_000_000n }),
      () => it_.provider.payToBank(three, { ...step, amount: 1_000_000n }),
    ];
    for (const call of again) await expect(call()).rejects.toMatchObject({ outcome: 'unknown', code: 'idempotency_error' });
  });

  test('what is not there is refused, whatever is asked for', async () => {
    const { provider } = it_;
    const asked = [
      () => provider.readPayment('pi_none'),
      () => provider.readRefund('re_none'),
      () => provider.readDispute('dp_none'),
      () => provider.readAccount('acct_none'),
      () => provider.readTransfer('tr_none'),
      () => provider.reverseTransfer(randomUUID(), 'tr_none'),
      () => provider.readSweep('po_none'),
    ];
    for (const ask of asked) await expect(ask()).rejects.toMatchObject({ name: 'ProviderFailure', outcome: 'refused' });
  });

  test('refunds return up to what was paid, once a key, and are found by our id', async () => {
    const { charge_ref } = await paid();
    const [key, refund_id] = [randomUUID(), randomUUID()];
    const step = { refund_id, charge_ref: charge_ref ?? '', amount: 3_000_000n };
    const refund = await it_.provider.refund(key, step);
    expect(refund).toMatchObject({ refund_id, amount: 3_000_000n, movement: { net: -3_000_000n } });
    expect((await it_.provider.refund(key, step)).ref).toBe(refund.ref);
    const more = it_.provider.refund(randomUUID(), { ...step, refund_id: randomUUID() });
    await expect(more).rejects.toMatchObject({ outcome: 'refused' });
    expect(await it_.provider.findRefund(refund_id, step.charge_ref)).toMatchObject({ ref: refund.ref });
    expect(await it_.provider.findRefund(randomUUID(), step.charge_ref)).toBeNull();
    expect(await it_.provider.readRefund(refund.ref)).toMatchObject({ ref: refund.ref, failure_movement: null });
  });

  test('an account is opened once a key, found by the person, and active once its owner is known', async () => {
    const [key, person_id] = [randomUUID(), randomUUID()];
    const opened = await it_.provider.openAccount(key, { person_id, email: 'owner@example.org' });
    expect((await it_.provider.openAccount(key, { person_id, email: 'owner@example.org' })).ref).toBe(opened.ref);
    await it_.provider.onboardingLink(opened.ref, 'http://127.0.0.1:7400/');
    await it_.onboard(opened.ref);
    expect(await it_.provider.readAccount(opened.ref)).toMatchObject({ person_id, identity: 'active', payouts_enabled: true });
    expect(await it_.provider.findAccount(person_id)).toMatchObject({ ref: opened.ref });
    expect(await it_.provider.findAccount(randomUUID())).toBeNull();
  });

  test('a transfer happens once a key, is found by our id and can be taken back whole', async () => {
    const step = await funded();
    const before = await it_.provider.balance();
    const key = randomUUID();
    const transfer = await it_.provider.transfer(key, step);
    expect((await it_.provider.transfer(key, step)).ref).toBe(transfer.ref);
    expect(transfer).toMatchObject({
      payout_id: step.payout_id,
      amount: step.amount,
      movement: { net: -step.amount, fee: 0n },
      reversed: null,
    });
    expect(await it_.provider.balance()).toBe(before - step.amount);
    expect(await it_.provider.findTransfer(step.payout_id, step.account_ref)).toMatchObject({ ref: transfer.ref });
    expect(await it_.provider.findTransfer(randomUUID(), step.account_ref)).toBeNull();
    const back = await it_.provider.reverseTransfer(randomUUID(), transfer.ref);
    expect(back).toMatchObject({ ref: transfer.ref, reversed: { movement: { net: step.amount } } });
    expect(await it_.provider.readTransfer(transfer.ref)).toMatchObject({ reversed: back.reversed });
    expect(await it_.provider.balance()).toBe(before);
  });

  test('what was transferred goes to the bank, once a key', async () => {
    const step = await funded();
    await it_.provider.transfer(randomUUID(), step);
    const key = randomUUID();
    const payout = await it_.provider.payToBank(key, step);
    expect((await it_.provider.payToBank(key, step)).ref).toBe(payout.ref);
    await it_.bankPays(payout.ref);
    expect(await it_.provider.readBankPayout(payout.ref, step.account_ref)).toMatchObject({ payout_id: step.payout_id, state: 'paid' });
    expect(await it_.provider.findBankPayout(step.payout_id, step.account_ref, LONG_AGO)).toMatchObject({ ref: payout.ref });
    const told = (await all(it_.provider.notices(LONG_AGO, step.account_ref))).filter(({ object }) => object?.kind === 'bank_payout');
    expect(told.map(({ object, account }) => [object?.id, account])).toContainEqual([payout.ref, step.account_ref]);
  });

  test('transfers to nobody are refused', async () => {
    const nowhere = it_.provider.transfer(randomUUID(), { payout_id: randomUUID(), account_ref: 'acct_none', amount: 1_000_000n });
    await expect(nowhere).rejects.toMatchObject({ outcome: 'refused', code: 'resource_missing' });
  });

  test('the list of movements adds up to the balance, and every one comes once', async () => {
    const payment = await paid();
    const list = await all(it_.provider.transactions(LONG_AGO));
    expect(list.reduce((sum, { net }) => sum + net, 0n)).toBe(await it_.provider.balance());
    expect(new Set(list.map(({ id }) => id)).size).toBe(list.length);
    expect(list.find(({ id }) => id === payment.movement?.id)).toMatchObject({ source_id: payment.charge_ref, available: true });
    expect(await all(it_.provider.transactions(new Date(Date.now() + 30 * 86_400_000)))).toEqual([]);
  });

  test('the list of what happened names each object', async () => {
    const payment = await paid();
    const notices = await all(it_.provider.notices(LONG_AGO));
    expect(new Set(notices.map(({ id }) => id)).size).toBe(notices.length);
    expect(notices.some(({ object }) => object?.kind === 'payment' && object.id === payment.ref)).toBe(true);
  });

  test('nobody can send it a webhook without a signature', () => {
    for (const endpoint of ['platform', 'connect'] as const)
      expect(() => it_.provider.openWebhook(endpoint, '{}', undefined)).toThrow(expect.objectContaining({ outcome: 'forged' }));
  });

  test('what it can move is a whole number of its smallest unit and never more than asked', () => {
    const movable = it_.provider.wholeMinor(1_234_567n);
    expect(movable).toBeLessThanOrEqual(1_234_567n);
    expect(it_.provider.wholeMinor(movable)).toBe(movable);
  });
});

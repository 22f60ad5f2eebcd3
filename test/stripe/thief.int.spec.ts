import { randomUUID } from 'node:crypto';
import { balanceOf, work } from '../money/support.js';
import type { TestPerson } from '../support/broker.js';
import { FakeNode } from '../support/fake-node.js';
import { StripeWorld } from './world.js';

/**
 * The likeliest attack (money.md, I9): a stolen card pays for work on devices of the thief's own, and what they earn is paid out. Each
 * way goes through the public interface only: accounts, cards at the provider, devices on the socket, jobs, payouts.
 */
/** No call is to be lost here, however busy the machine is. */
const PATIENT = { STRIPE_TIMEOUT_MS: '20000' };
const TEST_MS = 240_000;

let world: StripeWorld;
let honest: TestPerson;
beforeAll(async () => {
  world = await StripeWorld.start({ ...PATIENT, HEAP_PAYOUTS_PER_DAY: '3', HEAP_PAYOUT_DAILY_LIMIT_MICRO: '60000000' });
  honest = await world.person('Honest');
  await world.fund(honest, 500_000_000n);
});
afterAll(() => world?.close());

/** As nobody can in production: past the guards of the ledger. */
const force = (statement: string) => world.broker.sql(`DO $do$ BEGIN SET LOCAL session_replication_role = replica; ${statement}; END $do$`);

const PRICE = 10_000_000n;
/** Work for 20.00, of which 18.00 are the owner's, with no holdback left to wait for. */
async function launder(payer: TestPerson, owner: TestPerson): Promise<void> {
  await work(world.broker, payer, owner, { tasks: 2, price_micro: PRICE });
  const { SettlementService } = await import('../../apps/broker/src/settlement/settlement.service.js');
  await world.broker.app.get(SettlementService).releaseDue();
}
const withdrawn = ({ account }: { account: string }) =>
  [...world.fake.world.transfers.values()].filter(({ destination }) => destination === account).reduce((sum, t) => sum + t.amount, 0);
const thief = async (card: string) => {
  const person = await world.person('Thief');
  await world.fund(person, 60_000_000n, { fingerprint: card });
  return person;
};
/** Pays once with a card: a trial, an honest start, a slip. */
const uses = (person: TestPerson, card: string) => world.fund(person, 1_000_000n, { fingerprint: card });

/** Sets the attack up. @returns who pays and who wants the money; all links are there before the payout is asked for. */
const WAYS: Readonly<Record<string, () => Promise<{ payer: TestPerson; mule: TestPerson & { account: string } }>>> = {
  'a second account that used the same card before': async () => {
    const card = randomUUID();
    const mule = await world.owner('Mule');
    await uses(mule, card);
    return { payer: await thief(card), mule };
  },
  'two accounts that are paid to the same bank': async () => {
    const bank = randomUUID();
    const payer = await world.owner('Payer', bank);
    await world.fund(payer, 60_000_000n);
    return { payer, mule: await world.owner('Mule', bank) };
  },
  'two accounts with a third between them: a card on one side, a bank on the other': async () => {
    const [card, bank] = [randomUUID(), randomUUID()];
    const between = await world.owner('Between', bank);
    await uses(between, card);
    return { payer: await thief(card), mule: await world.owner('Mule', bank) };
  },
  'a device that the payer had enrolled and the other account then brings': async () => {
    const [payer, mule] = [await thief(randomUUID()), await world.owner('Mule')];
    const device = await FakeNode.enrol(world.broker, payer);
    await payer.call('DELETE', `/v1/nodes/${device.node_id}`);
    await expect(FakeNode.enrol(world.broker, mule, { same: device })).rejects.toThrow('enrolled already');
    return { payer, mule };
  },
};

test.each(Object.keys(WAYS))(
  '%s: nothing of it can be withdrawn, what others paid can',
  async (way) => {
    const { payer, mule } = await (WAYS[way] as (typeof WAYS)[string])();
    await launder(payer, mule);
    expect(await balanceOf(world.broker, 2110, mule)).toBe(18_000_000n);
    expect((await world.payOut(mule)).body.code).toBe('payout.nothing.conflict');
    expect((await world.payOut(mule, 1_000_000n)).body.code).toBe('payout.own_cluster.conflict');
    expect((await mule.heap.earnings()).withheld).toMatchObject({ amount_micro: 18_000_000n, reason: { code: 'own_cluster' } });
    await launder(honest, mule);
    expect((await world.payOut(mule, 18_010_000n)).body.code).toBe('payout.own_cluster.conflict');
    expect((await world.payOut(mule)).body.amount_micro).toBe('18000000');
    await world.settle();
    expect(withdrawn(mule)).toBe(1_800);
    expect((await world.payOut(mule)).body.code).toBe('payout.nothing.conflict');
    await world.expectSound();
  },
  TEST_MS,
);

test(
  'one account for both: what its devices earn from it is to spend again, not to withdraw, and goes back to its card only',
  async () => {
    const card = randomUUID();
    const self = await world.owner('Self');
    await world.fund(self, 60_000_000n, { fingerprint: card });
    await launder(self, self);
    expect([await balanceOf(world.broker, 2110, self), await balanceOf(world.broker, 2000, self)]).toEqual([0n, 58_000_000n]);
    expect((await world.payOut(self)).body.code).toBe('payout.nothing.conflict');
    expect(withdrawn(self)).toBe(0);
    await world.expectSound();
  },
  TEST_MS,
);

test.each(['before it was sent', 'while it waited for cleared money'])(
  'the link shows only after the payout was asked for, %s: it comes back and nothing was sent',
  async (when) => {
    const card = randomUUID();
    const [payer, mule] = [await thief(card), await world.owner('Mule')];
    await launder(payer, mule);
    const [row] = await world.broker.sql<{ balance: bigint }>('SELECT balance FROM ledger_account WHERE code = 1000');
    if (when.startsWith('while')) await force('UPDATE ledger_account SET balance = 1 WHERE code = 1000');
    else world.fake.connect.setIdentity(mule.account, 'lapsed');
    await world.settle();
    const { body } = await world.payOut(mule);
    expect(body.state).toBe(when.startsWith('while') ? 'SCREENED' : 'REQUESTED');
    if (when.startsWith('while')) await force(`UPDATE ledger_account SET balance = ${row?.balance} WHERE code = 1000`);
    else world.fake.connect.setIdentity(mule.account, 'active');
    await uses(mule, card);
    await world.tendPayouts();
    expect(await world.payout(body.payout_id)).toMatchObject({ state: 'REJECTED', reason_code: 'screen_refused' });
    expect(withdrawn(mule)).toBe(0);
    expect(await balanceOf(world.broker, 2110, mule)).toBe(18_000_000n);
    await world.expectSound();
  },
  TEST_MS,
);

test(
  'many accounts with one bank share the day’s limits',
  async () => {
    const bank = randomUUID();
    const mules = [await world.owner('Mule', bank), await world.owner('Mule', bank)];
    for (const mule of mules) await launder(honest, mule);
    const [first, second] = mules as [(typeof mules)[0], (typeof mules)[0]];
    for (let i = 0; i < 2; i++) expect((await world.payOut(first, 1_000_000n)).status).toBe(201);
    expect((await world.payOut(second, 1_000_000n)).status).toBe(201);
    expect((await world.payOut(second, 1_000_000n)).body.code).toBe('payout.too_many_payouts.conflict');
  },
  TEST_MS,
);

test(
  'no link at all: with the holdback of real money nothing is payable in the month in which stolen cards show',
  async () => {
    const strict = await StripeWorld.start({
      ...PATIENT,
      HEAP_HOLDBACK_SECONDS: '259200',
      HEAP_HOLDBACK_NEW_SECONDS: '2592000',
      HEAP_RESERVE_BASIS_POINTS: '1000',
    });
    try {
      const payer = await strict.person('Thief');
      const { charge } = await strict.fund(payer, 60_000_000n);
      const mule = await strict.owner('Mule');
      await work(strict.broker, payer, mule, { tasks: 2, price_micro: PRICE });
      const after = (days: number) =>
        strict.broker.sql('UPDATE capture SET release_at = release_at - make_interval(days => $2) WHERE owner_id = $1', [
          mule.person_id,
          days,
        ]);
      await after(29);
      const { SettlementService } = await import('../../apps/broker/src/settlement/settlement.service.js');
      await strict.broker.app.get(SettlementService).releaseDue();
      expect((await strict.payOut(mule)).body.code).toBe('payout.nothing.conflict');
      // The card's owner objects; the thief was careless with a card once, and is linked in time.
      strict.fake.reversals.dispute(charge);
      await strict.settle();
      const card = randomUUID();
      await strict.fund(payer, 1_000_000n, { fingerprint: card });
      await strict.fund(mule, 1_000_000n, { fingerprint: card });
      await strict.reconciliation.tend();
      await after(1);
      await strict.broker.app.get(SettlementService).releaseDue();
      expect(await balanceOf(strict.broker, 2110, mule)).toBe(0n);
      expect((await strict.payOut(mule)).body.code).toBe('payout.nothing.conflict');
      expect(await strict.broker.broken()).toEqual([]);
    } finally {
      await strict.close();
    }
  },
  TEST_MS,
);

import { randomUUID } from 'node:crypto';
import type { Chance } from '../chaos/chance.js';
import type { TestPerson } from '../support/broker.js';
import type { StripeWorld } from './world.js';

const DEVELOPERS = 8;
const OWNERS = 4;
const CENT = 10_000n;

/** The same people doing the same things, as far as chance is the same: what differs is how the broker hears of it. */
export class Story {
  private developers: TestPerson[] = [];
  private owners: (TestPerson & { account: string })[] = [];
  private charges: { charge: string; developer: number }[] = [];

  constructor(
    private readonly world: StripeWorld,
    private readonly chance: Chance,
  ) {}

  async begin(): Promise<void> {
    for (let i = 0; i < DEVELOPERS; i++) this.developers.push(await this.world.person(`Developer${i}`));
    for (let i = 0; i < OWNERS; i++) this.owners.push(await this.world.owner(`Owner${i}`));
    for (const developer of this.developers) await this.world.fund(developer, 400_000_000n);
    // All that follows is earned from these.
    for (const owner of this.owners) for (const developer of this.developers) await this.world.earn(owner, developer, 30_000_000n);
  }

  /** Deposits until so many events have happened: paid, declined first, or left to expire. */
  async payIn(events: number): Promise<void> {
    const { payments, world } = this.world.fake;
    const first = world.events.length;
    for (let i = 0; world.events.length - first < events; i++) {
      const developer = i % DEVELOPERS;
      const amount = BigInt(this.chance.between(500, 5_000)) * CENT;
      const { session } = await this.world.ask(this.developers[developer] as TestPerson, amount, undefined, true);
      const fate = this.chance.between(0, 9);
      if (fate === 0) payments.expire(session);
      else {
        if (fate === 1) payments.pay(session, { declines: true });
        const intent = payments.pay(session);
        this.charges.push({ charge: intent.latest_charge as string, developer });
      }
    }
  }

  /** Refunds, payouts and disputes, each of people of its own, so that none waits for what another has not heard of yet. */
  async payOut(): Promise<void> {
    const { connect, reversals, world } = this.world.fake;
    for (const developer of this.developers.slice(0, 4)) {
      const { deposits } = (await developer.call('GET', '/v1/deposits?limit=20')).body;
      for (const { deposit_id } of deposits.filter(({ state }: { state: string }) => state === 'SUCCEEDED').slice(0, 5))
        await this.world.post(developer, `/v1/deposits/${deposit_id}/refunds`, { amount_micro: String(100n * CENT) });
    }
    for (const owner of this.owners)
      for (let i = 0; i < 3; i++) await this.world.payOut(owner, BigInt(this.chance.between(200, 2_000)) * CENT, randomUUID());
    // Which refunds and payouts there are is part of the story, not of the weather.
    await this.world.calls();
    for (const id of [...world.refunds.keys()]) {
      if (this.chance.between(0, 3) > 0) reversals.finishRefund(id);
      if (this.chance.between(0, 3) === 0) reversals.failRefund(id);
    }
    for (const [id, { account }] of [...world.payouts])
      if (account !== '') {
        if (this.chance.between(0, 4) > 0) connect.bankPaid(id);
        if (this.chance.between(0, 3) === 0) connect.bankFailed(id);
      }
    for (let developer = 4; developer < DEVELOPERS; developer++) {
      const disputed = this.charges.find((held) => held.developer === developer);
      if (!disputed) continue;
      const { id } = reversals.dispute(disputed.charge);
      if (developer > 4) reversals.closeDispute(id, developer === 5 ? 'won' : 'lost');
    }
  }

  /** Balances by account and by the part somebody plays, without ids that chance does not repeat. */
  async books(): Promise<Record<string, string>> {
    const parts = new Map<string, string>();
    for (const [i, { person_id }] of this.developers.entries()) parts.set(person_id, `developer ${i}`);
    for (const [i, { person_id }] of this.owners.entries()) parts.set(person_id, `owner ${i}`);
    const rows = await this.world.broker.sql<{ code: number; person_id: string | null; balance: bigint }>(
      'SELECT code, person_id, balance FROM ledger_account WHERE balance <> 0 ORDER BY code, person_id',
    );
    const named = rows.map(
      ({ code, person_id, balance }) => [`${code} ${person_id === null ? 'heap' : parts.get(person_id)}`, String(balance)] as const,
    );
    return Object.fromEntries(named.toSorted(([a], [b]) => (a < b ? -1 : 1)));
  }
}

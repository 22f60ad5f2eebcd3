import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { ReconciliationService } from '../../apps/broker/src/funding/reconciliation.service.js';
import { MoneyService } from '../../apps/broker/src/money/money.service.js';
import { PayoutSchedule } from '../../apps/broker/src/payouts/payout-schedule.service.js';
import { Transactions } from '../../apps/broker/src/platform/database/transactions.js';
import { Inbox } from '../../apps/broker/src/platform/inbox/inbox.service.js';
import { Outbox } from '../../apps/broker/src/platform/outbox/outbox.service.js';
import type { Answer } from '../support/api.js';
import { startBroker, type TestBroker, type TestPerson } from '../support/broker.js';
import { FakeStripe } from '../support/fake-stripe/fake-stripe.js';

/** A slow machine may take its time; nothing at all happening for this long means that nothing will. */
const STANDSTILL_MS = 60_000;

/** Earnings are payable as soon as they are captured, whoever pays and earns; tests of the holdback set their own. */
export const AT_ONCE = { HEAP_HOLDBACK_SECONDS: '0', HEAP_HOLDBACK_NEW_SECONDS: '0', HEAP_RESERVE_BASIS_POINTS: '0' };

/** A broker whose payments go through a Stripe of this machine, and the people outside who pay, prove and dispute. */
export class StripeWorld {
  readonly inbox: Inbox;
  readonly outbox: Outbox;
  readonly reconciliation: ReconciliationService;

  private constructor(
    readonly fake: FakeStripe,
    readonly broker: TestBroker,
  ) {
    this.inbox = broker.app.get(Inbox);
    this.outbox = broker.app.get(Outbox);
    this.reconciliation = broker.app.get(ReconciliationService);
  }

  static async start(env: Record<string, string> = {}): Promise<StripeWorld> {
    const fake = await FakeStripe.start();
    const broker = await startBroker({ ...fake.env(), STRIPE_TIMEOUT_MS: '1500', ...AT_ONCE, ...env });
    fake.notify(broker.url);
    return new StripeWorld(fake, broker);
  }

  async close(): Promise<void> {
    this.fake.webhooks.automatic = false;
    await this.fake.webhooks.settled();
    await this.broker.close();
    await this.fake.stop();
  }

  /** Somebody without money: with real payments nobody begins with any. */
  person(name: string): Promise<TestPerson> {
    return this.broker.person({ name, funds_micro: 0n });
  }

  post(person: TestPerson, path: string, body: unknown, key: string = randomUUID()): Promise<Answer> {
    return person.call('POST', path, body, { 'idempotency-key': key });
  }

  /** Asks for a deposit. @returns its id and the checkout session that waits for the payer. */
  async ask(person: TestPerson, amount_micro: bigint, key?: string, patient = false): Promise<{ deposit_id: string; session: string }> {
    const { status, body } = await this.post(person, '/v1/deposits', { amount_micro: String(amount_micro) }, key);
    if (status !== 201) throw new Error(`a deposit answered ${status}: ${JSON.stringify(body)}`);
    let url: string | null = body.url;
    // A provider that is slow to answer has not told where to pay yet.
    if (body.state === 'PENDING' && patient) {
      await this.calls();
      url = (await person.call('GET', `/v1/deposits/${body.deposit_id}`)).body.url;
    }
    return { deposit_id: body.deposit_id, session: url?.split('/').at(-1) ?? '' };
  }

  /** A deposit that was paid, has arrived and is cleared. */
  async fund(
    person: TestPerson,
    amount_micro: bigint,
    card: { fingerprint?: string } = {},
  ): Promise<{ deposit_id: string; charge: string }> {
    const { deposit_id, session } = await this.ask(person, amount_micro);
    const intent = this.fake.payments.pay(session, card);
    await this.settle();
    this.fake.clock.advance(3 * 86_400);
    await this.reconciliation.tend();
    await this.settle();
    return { deposit_id, charge: intent.latest_charge as string };
  }

  /** `developer` pays `gross` for work of `owner`; released where `release` says so. */
  async earn(owner: TestPerson, developer: TestPerson, gross: bigint, release = true): Promise<{ job_id: string; lease_id: string }> {
    const [job_id, lease_id] = [randomUUID(), randomUUID()];
    const money = this.broker.app.get(MoneyService);
    await this.broker.app.get(Transactions).run(async (tx) => {
      const hold_id = await money.takeHold(tx, { job_id, developer: developer.person_id, amount: gross });
      const people = { developer_id: developer.person_id, owner_id: owner.person_id };
      await money.capture(tx, [{ hold_id, job_id, lease_id, ...people, gross, charged_before: 0n, tasks: 1, fuel: 1n }]);
      await money.resolveHold(tx, job_id);
      if (!release) await tx.query(`UPDATE capture SET release_at = now() + interval '1 day' WHERE lease_id = $1`, [lease_id]);
    });
    if (release) await this.broker.app.get(Transactions).run((tx) => money.releaseDue(tx, 500));
    return { job_id, lease_id };
  }

  /** An owner who has passed the provider's checks and whose bank details are old enough. */
  async owner(name: string, bank?: string): Promise<TestPerson & { account: string }> {
    const person = await this.person(name);
    const { status, body } = await person.call('POST', '/v1/payout-account', { password: person.password });
    if (status !== 200) throw new Error(`a payout account answered ${status}: ${JSON.stringify(body)}`);
    const [row] = await this.broker.sql<{ account_ref: string }>('SELECT account_ref FROM payout_account WHERE person_id = $1', [
      person.person_id,
    ]);
    this.fake.connect.onboard(row?.account_ref ?? '', bank);
    await this.settle();
    await this.broker.sql(`UPDATE payout_account SET bank_changed_at = now() - interval '4 days' WHERE person_id = $1`, [person.person_id]);
    return { ...person, account: row?.account_ref ?? '' };
  }

  payOut(owner: TestPerson, amount_micro?: bigint, key?: string): Promise<Answer> {
    const amount = amount_micro === undefined ? {} : { amount_micro: String(amount_micro) };
    return this.post(owner, '/v1/payouts', { ...amount, password: owner.password }, key);
  }

  async payout(payout_id: string): Promise<Record<string, unknown>> {
    const [row] = await this.broker.sql('SELECT *, state::text AS state FROM payout WHERE id = $1', [payout_id]);
    return row ?? {};
  }

  tendPayouts(): Promise<void> {
    return this.broker.app.get(PayoutSchedule).tend();
  }

  /** Until nothing is on its way: webhooks, events, calls. `hurry` does not wait for the time of a postponed one. */
  async settle(hurry = true): Promise<void> {
    for (let [seen, since_ms] = ['', performance.now()]; ; ) {
      await this.fake.webhooks.settled();
      await this.inbox.applyWaiting();
      await this.outbox.drain();
      const [row] = await this.broker.sql<{ calls: string; events: string }>(
        `SELECT (SELECT count(*) FROM outbox_message WHERE state IN ('PENDING', 'UNKNOWN'))::text AS calls,
           (SELECT count(*) FROM provider_event WHERE applied_at IS NULL)::text AS events`,
      );
      const now = `${row?.calls} calls and ${row?.events} events`;
      if (now === '0 calls and 0 events') return;
      if (now !== seen) [seen, since_ms] = [now, performance.now()];
      if (performance.now() - since_ms > STANDSTILL_MS) throw new Error(`${now} do not settle`);
      if (hurry) await this.hurry();
      await sleep(20);
    }
  }

  /** Until every call has its outcome, whatever is heard of it: what follows may then be decided by what was made. */
  async calls(): Promise<void> {
    for (;;) {
      await this.outbox.drain();
      const open = await this.broker.sql(`SELECT 1 FROM outbox_message WHERE state IN ('PENDING', 'UNKNOWN') LIMIT 1`);
      if (open.length === 0) return;
      await this.hurry();
      await sleep(5);
    }
  }

  /** The same without asking whether calls with a remembered 500 have ended: an event may have told their outcome. */
  async settleQuietly(): Promise<void> {
    for (let i = 0; i < 5; i++) {
      await this.fake.webhooks.settled();
      await this.inbox.applyWaiting();
      await this.hurry();
      await this.outbox.drain();
    }
  }

  /** What waits for its turn has it now; what a worker holds is left alone for as long as a call can take. */
  async hurry(): Promise<void> {
    await this.broker.sql(
      `UPDATE outbox_message SET next_at = now() WHERE state IN ('PENDING', 'UNKNOWN') AND outcome IS NOT NULL AND next_at < now() + interval '15 seconds'`,
    );
    await this.broker.sql(`UPDATE provider_event SET next_at = now() WHERE applied_at IS NULL AND error IS NOT NULL`);
  }

  /** Natural balances of the heap, by code, over all people. */
  async balances(): Promise<Record<string, bigint>> {
    const rows = await this.broker.sql<{ code: number; sum: bigint }>(
      'SELECT code, sum(balance)::bigint AS sum FROM ledger_account GROUP BY code HAVING sum(balance) <> 0 ORDER BY code',
    );
    return Object.fromEntries(rows.map(({ code, sum }) => [String(code), code >= 2000 && code < 5000 ? -sum : sum]));
  }

  /** What must hold whenever nothing is on its way: our invariants, and the provider's books against ours. */
  async expectSound(): Promise<void> {
    await this.inbox.pull();
    await this.settle();
    // First: the audit speaks of the balances that were last compared.
    expect(await this.reconciliation.reconcile(0)).toEqual({ suspended: 0, explained: 0, difference_micro: 0n });
    expect(await this.broker.broken()).toEqual([]);
  }
}

/** The same request by `n` clients at once. */
export const together = <T>(n: number, work: (i: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: n }, (_, i) => work(i)));

import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { KeptClock } from '../../apps/broker/src/reservations/kept-clock.js';
import { withRetries } from '../../libs/database/src/retries.js';
import type { Answer } from './api.js';
import type { TestBroker, TestPerson } from './broker.js';
import { FakeNode, type FakeSession } from './fake-node.js';

export const HOUR_US = 3_600_000_000n;

/** A reservation with terms that a test may change. @returns the heap's answer. */
export function reserve(person: TestPerson, more: Record<string, unknown> = {}, key: string = randomUUID()): Promise<Answer> {
  const body = { market: 'standing:micro', max_price_micro: '9000', budget_micro: '100000', ...more };
  return person.call('POST', '/v1/reservations', body, { 'idempotency-key': key });
}

export async function reserved(person: TestPerson, more: Record<string, unknown> = {}): Promise<string> {
  const { status, body } = await reserve(person, more);
  if (status !== 201) throw new Error(`the reservation was answered ${status}: ${JSON.stringify(body)}`);
  return body.id;
}

export const reservation = async (person: TestPerson, id: string) => (await person.call('GET', `/v1/reservations/${id}`)).body;

// biome-ignore lint/suspicious/noExplicitAny: a test says what it expects of the body
export async function until(what: string, person: TestPerson, id: string, holds: (body: any) => boolean): Promise<any> {
  let body: unknown;
  for (const end = Date.now() + 15_000; Date.now() < end; await sleep(15)) {
    body = await reservation(person, id);
    if (holds(body)) return body;
  }
  throw new Error(`${what}: not within 15 s; ${JSON.stringify(body)}`);
}
export const leased = (units: number) => (body: { leased: number; reason: { code: string } }) => body.leased === units;

/** An owner who consents to services. */
export async function host(broker: TestBroker): Promise<TestPerson> {
  const owner = await broker.person({ funds_micro: 0n });
  await owner.heap.setRules({ workloadClasses: ['general', 'services'] });
  return owner;
}

type Kept = Parameters<FakeSession['keep']>[0];
export const slots = (count: number, price_micro: bigint | null = 5_000n): Kept => ({
  standing: [{ slot_class: 'micro', count, reserve_price_micro: price_micro === null ? null : String(price_micro) }],
});

/** A device that keeps, and whose presence only passes when a test says so. */
export class Keeper {
  private constructor(
    private readonly broker: TestBroker,
    readonly node: FakeNode,
    readonly session: FakeSession,
  ) {}

  static async join(broker: TestBroker, owner: TestPerson, kept: Kept, more: { partner?: string } = {}): Promise<Keeper> {
    const node = await FakeNode.enrol(broker, owner, more);
    const session = await node.connect();
    await broker.sql("UPDATE node SET heard_at = now() + interval '1 day' WHERE id = $1", [node.node_id]);
    session.keep(kept);
    return new Keeper(broker, node, session);
  }

  get id(): string {
    return this.node.node_id;
  }

  /** Lets the database's time pass for what it keeps; without `heard` the device says nothing meanwhile. */
  async pass(us: bigint, { heard = true } = {}): Promise<void> {
    await this.sql(
      `UPDATE reservation r SET ends_at = r.ends_at - x.t FROM (SELECT $2::bigint * interval '1 microsecond' AS t) AS x
       WHERE r.id IN (SELECT reservation_id FROM kept_lease WHERE node_id = $1 AND state <> 'ENDED')`,
      us,
    );
    await this.sql(
      `UPDATE kept_lease l SET granted_at = l.granted_at - x.t, charged_at = l.charged_at - x.t, expires_at = l.expires_at - x.t, leave_by = l.leave_by - x.t
       FROM (SELECT $2::bigint * interval '1 microsecond' AS t) AS x WHERE l.node_id = $1 AND l.state <> 'ENDED'`,
      us,
    );
    if (heard) await this.sql('UPDATE node SET present_us = present_us + $2 WHERE id = $1', us);
  }

  /** These statements lock in no order that the heap knows: who loses to it tries again. */
  private async sql(text: string, us: bigint): Promise<void> {
    await withRetries(() => this.broker.sql(text, [this.id, us]));
  }

  async bye(): Promise<void> {
    this.session.send('bye', { code: 'test_over' });
    await this.session.closed;
  }
}

/** What the clock does by itself within a second, at once. */
export const look = (broker: TestBroker): Promise<void> => broker.app.get(KeptClock, { strict: false }).look();
export const chargeAll = (broker: TestBroker): Promise<void> => broker.app.get(KeptClock, { strict: false }).charge(0);

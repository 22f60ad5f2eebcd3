import type { Stripe } from 'stripe';
import { MONEY_PROVIDER, type MoneyProvider } from '../../apps/broker/src/platform/provider/money-provider.js';
import { CONNECT_SECRET, PLATFORM_SECRET } from '../support/fake-stripe/fake-stripe.js';
import type { WebhookTarget } from '../support/fake-stripe/webhooks.js';
import { StripeWorld, together } from './world.js';

let world: StripeWorld;
beforeAll(async () => {
  world = await StripeWorld.start();
  world.fake.webhooks.automatic = false;
});
afterAll(() => world?.close());

const target = (connect: boolean): WebhookTarget => {
  const found = world.fake.webhooks.targets.find((t) => t.connect === connect);
  if (!found) throw new Error('no such endpoint');
  return found;
};
const send = (event: Stripe.Event, more?: Parameters<typeof world.fake.webhooks.send>[2]) =>
  world.fake.webhooks.send(target(false), event, more);
const alarms = async (): Promise<bigint> =>
  (
    await world.broker.sql<{ count: bigint }>(
      `SELECT COALESCE(sum(count), 0)::bigint AS count FROM provider_alarm WHERE name LIKE 'webhook.forged.%'`,
    )
  )[0]?.count ?? 0n;
const kept = (id: string) => world.broker.sql('SELECT * FROM provider_event WHERE id = $1', [id]);

/** A deposit that was paid, and the event that says so. */
async function paid() {
  const person = await world.person('Ada');
  const { session } = await world.ask(person, 5_000_000n);
  world.fake.payments.pay(session);
  const event = world.fake.world.events.at(-1);
  if (!event) throw new Error('nothing happened');
  return { person, event };
}
const available = async (person: Awaited<ReturnType<typeof paid>>['person']) => (await person.heap.balance()).developer.available_micro;

describe('a forged webhook is answered 400, counted, and does nothing:', () => {
  const old = Math.floor(Date.now() / 1000) - 301;
  test.each<[string, (event: Stripe.Event) => Promise<number>]>([
    ['signed with another secret', (event) => send(event, { secret: 'whsec_wrong' })],
    ["signed with the other endpoint's secret", (event) => send(event, { secret: CONNECT_SECRET })],
    ['sent to the other endpoint', (event) => world.fake.webhooks.send(target(true), event, { secret: PLATFORM_SECRET })],
    ['changed on the way', (event) => send(event, { body: JSON.stringify({ ...event, type: 'charge.refunded' }) })],
    ['five minutes and a second old', (event) => send(event, { timestamp: old })],
    [
      'without a signature',
      async (event) =>
        (await fetch(target(false).url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(event) }))
          .status,
    ],
    ['with nothing in it', async () => (await fetch(target(false).url, { method: 'POST' })).status],
  ])('%s', async (_, forge) => {
    const { person, event } = await paid();
    const before = await alarms();
    expect(await forge(event)).toBe(400);
    expect(await alarms()).toBe(before + 1n);
    expect(await kept(event.id)).toEqual([]);
    await world.inbox.applyWaiting();
    expect(await available(person)).toBe(0n);
  });
});

test('any of several secrets is good, and a webhook a little old too', async () => {
  const { person, event } = await paid();
  expect(await send(event, { secret: 'whsec_old', timestamp: Math.floor(Date.now() / 1000) - 290 })).toBe(200);
  await world.settle();
  expect(await available(person)).toBe(5_000_000n);
});

test('64 times the same event is kept and applied once', async () => {
  const { person, event } = await paid();
  const answers = await together(64, () => send(event));
  expect(new Set(answers)).toEqual(new Set([200]));
  await world.settle();
  await together(8, () => send(event));
  await world.settle();
  expect(await kept(event.id)).toMatchObject([{ source: 'platform', applied_at: expect.any(Date) }]);
  expect(await available(person)).toBe(5_000_000n);
});

test('success is answered only after the event is committed', async () => {
  const { event } = await paid();
  await world.broker.sql(`CREATE FUNCTION refuse_event() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no room'; END $$`);
  await world.broker.sql('CREATE TRIGGER refuse_event BEFORE INSERT ON provider_event FOR EACH ROW EXECUTE FUNCTION refuse_event()');
  expect(await send(event)).toBeGreaterThanOrEqual(500);
  await world.broker.sql('DROP TRIGGER refuse_event ON provider_event');
  expect(await kept(event.id)).toEqual([]);
  expect(await send(event)).toBe(200);
  expect(await kept(event.id)).toHaveLength(1);
  await world.settle();
});

test('an event about something that is not ours is kept and changes nothing', async () => {
  const before = await world.balances();
  const event = world.fake.world.emit('customer.created', { id: 'cus_1', object: 'customer' });
  const stranger = world.fake.world.emit('payment_intent.succeeded', { id: 'pi_unknown', object: 'payment_intent' });
  expect([await send(event), await send(stranger)]).toEqual([200, 200]);
  await world.settle();
  expect(await kept(event.id)).toMatchObject([{ object_kind: 'none', error: null }]);
  expect(await kept(stranger.id)).toMatchObject([{ object_kind: 'payment', error: 'resource_missing' }]);
  expect(await world.balances()).toEqual(before);
});

test('a reading that began earlier and ends later is not applied over the newer one', async () => {
  const owner = await world.owner('Owner');
  const provider = world.broker.app.get<MoneyProvider>(MONEY_PROVIDER);
  const read = provider.readAccount.bind(provider);
  let letGo = () => {};
  const held = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  let began = () => {};
  const reading = new Promise<void>((resolve) => {
    began = resolve;
  });
  provider.readAccount = async (ref) => {
    const older = await read(ref);
    began();
    await held;
    return older;
  };
  const late = world.inbox.refresh('account', owner.account);
  await reading;
  provider.readAccount = read;
  world.fake.connect.setIdentity(owner.account, 'lapsed');
  await world.inbox.refresh('account', owner.account);
  letGo();
  await late;
  expect((await owner.call('GET', '/v1/payout-account')).body).toMatchObject({ identity: 'lapsed', payouts_enabled: false });
});

test('what no webhook told is found by the puller', async () => {
  const { person } = await paid();
  const owner = await world.owner('Owner');
  world.fake.connect.setIdentity(owner.account, 'lapsed');
  await world.inbox.pull();
  await world.settle();
  expect(await available(person)).toBe(5_000_000n);
  expect((await owner.call('GET', '/v1/payout-account')).body.identity).toBe('lapsed');
  expect(await world.inbox.pull()).toBe(0);
  await world.expectSound();
});

test('with simulated payments there is nobody whose webhooks count', async () => {
  const { startBroker } = await import('../support/broker.js');
  const simulated = await startBroker();
  const { event } = await paid();
  expect(await world.fake.webhooks.send({ ...target(false), url: `${simulated.url}/v1/webhooks/stripe/platform` }, event)).toBe(400);
  await simulated.close();
});

test('a reading of a declined attempt that was applied first does not stand in the way of the one that succeeded', async () => {
  const person = await world.person('Ada');
  const { session } = await world.ask(person, 5_000_000n);
  const declined = world.fake.payments.pay(session, { declines: true });
  const succeeded = world.fake.payments.pay(session);
  const slow = world.fake.faults.delay(`GET /v1/payment_intents/${succeeded.id}`);
  const first = world.inbox.refresh('payment', succeeded.id);
  await slow.arrived;
  await world.inbox.refresh('payment', declined.id);
  slow.release();
  await first;
  expect(await available(person)).toBe(5_000_000n);
});

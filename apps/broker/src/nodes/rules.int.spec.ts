import { setTimeout as sleep } from 'node:timers/promises';
import type { OfferInfo } from '#sdk';
import { startBroker, type TestBroker, type TestPerson } from '../../../../test/support/broker.js';
import { FakeNode, type FakeSession } from '../../../../test/support/fake-node.js';
import { electricityReserve } from './electricity.js';
import { electricityPrice } from './electricity-prices.js';
import { PriceClock } from './price-clock.js';

let broker: TestBroker;
let owner: TestPerson;
let node: FakeNode;
let session: FakeSession;
beforeAll(async () => {
  broker = await startBroker();
  owner = await broker.person({ name: 'Owner', funds_micro: 0n });
  node = await FakeNode.enrol(broker, owner);
  session = await node.online({ slots: 2, price_micro: null });
  await until((one) => one !== undefined);
});
afterAll(async () => {
  session?.send('bye', { code: 'test_over' });
  await broker?.close();
});

/** Waits until what is on offer is so. */
async function until(is: (offer: OfferInfo | undefined) => boolean): Promise<void> {
  while (!is(await offer())) await sleep(10);
}
const offer = async () => (await owner.heap.offers())[0];
const reserveAt = (region: string | null, more: { own?: bigint; margin_percent?: number } = {}) =>
  electricityReserve('server', 100_000, { ...electricityPrice(more.own ?? null, region), margin_percent: more.margin_percent ?? 25 });

describe('a price by the hour', () => {
  // Monday is 1. In Berlin clocks go from 2:00 to 3:00 on 29 March 2026 and from 3:00 back to 2:00 on 25 October; on Lord Howe Island they
  // move by half an hour; in Kathmandu they are 5:45 ahead.
  test.each<[string, { zone?: string; weekdays: number[]; from: number; to: number }, string, boolean]>([
    ['in the middle', { weekdays: [1], from: 9, to: 17 }, '2026-11-23T12:00:00Z', true],
    ['at its first instant', { weekdays: [1], from: 9, to: 17 }, '2026-11-23T09:00:00Z', true],
    ['right before', { weekdays: [1], from: 9, to: 17 }, '2026-11-23T08:59:59.999Z', false],
    ['at its end', { weekdays: [1], from: 9, to: 17 }, '2026-11-23T17:00:00Z', false],
    ['on another day', { weekdays: [1], from: 9, to: 17 }, '2026-11-24T12:00:00Z', false],
    ['until midnight', { weekdays: [1], from: 0, to: 24 }, '2026-11-23T23:59:59Z', true],
    ['over midnight, before it', { weekdays: [5], from: 22, to: 6 }, '2026-11-20T23:00:00Z', true],
    ['over midnight, after it', { weekdays: [5], from: 22, to: 6 }, '2026-11-21T05:59:00Z', true],
    ['over midnight, the morning of its own day', { weekdays: [5], from: 22, to: 6 }, '2026-11-20T05:00:00Z', false],
    ['over midnight from Sunday to Monday', { weekdays: [7], from: 22, to: 6 }, '2026-11-23T01:00:00Z', true],
    ['in summer the clock is two hours ahead', { zone: 'Europe/Berlin', weekdays: [1], from: 9, to: 10 }, '2026-07-06T07:30:00Z', true],
    ['in winter one', { zone: 'Europe/Berlin', weekdays: [1], from: 9, to: 10 }, '2026-12-07T07:30:00Z', false],
    ['the night that is an hour shorter, before', { zone: 'Europe/Berlin', weekdays: [7], from: 2, to: 4 }, '2026-03-29T00:59:59Z', false],
    ['the night that is an hour shorter, after', { zone: 'Europe/Berlin', weekdays: [7], from: 2, to: 4 }, '2026-03-29T01:00:00Z', true],
    ['an hour that this night does not have', { zone: 'Europe/Berlin', weekdays: [7], from: 2, to: 3 }, '2026-03-29T01:00:00Z', false],
    ['the hour that comes twice, first', { zone: 'Europe/Berlin', weekdays: [7], from: 2, to: 3 }, '2026-10-25T00:30:00Z', true],
    ['the hour that comes twice, again', { zone: 'Europe/Berlin', weekdays: [7], from: 2, to: 3 }, '2026-10-25T01:30:00Z', true],
    ['and after it', { zone: 'Europe/Berlin', weekdays: [7], from: 2, to: 3 }, '2026-10-25T02:00:00Z', false],
    ['half an hour of summer time', { zone: 'Australia/Lord_Howe', weekdays: [7], from: 2, to: 3 }, '2026-10-03T15:30:00Z', true],
    ['three quarters of an hour from UTC', { zone: 'Asia/Kathmandu', weekdays: [1], from: 9, to: 10 }, '2026-11-23T03:15:00Z', true],
    [
      'three quarters of an hour from UTC, before',
      { zone: 'Asia/Kathmandu', weekdays: [1], from: 9, to: 10 },
      '2026-11-23T03:14:59Z',
      false,
    ],
    [
      'another day on the other side of the earth',
      { zone: 'Pacific/Auckland', weekdays: [1], from: 0, to: 24 },
      '2026-11-22T12:00:00Z',
      true,
    ],
  ])('%s', async (_, { zone = 'UTC', weekdays, from, to }, at, holds) => {
    await owner.heap.setRules({ timeZone: zone, hours: [{ weekdays, fromHour: from, toHour: to, price: 77n }] });
    const rows = await broker.sql('SELECT price, of_device FROM price_by_hour($1, $2, $3)', [owner.person_id, node.node_id, at]);
    expect(rows).toEqual(holds ? [{ price: 77n, of_device: false }] : []);
  });

  test("the first that fits counts, and a device's own come before", async () => {
    const always = (price: bigint) => ({ weekdays: [1, 2, 3, 4, 5, 6, 7], fromHour: 0, toHour: 24, price });
    await owner.heap.setRules({ timeZone: 'UTC', hours: [always(5n), always(6n)] });
    expect(await offer()).toMatchObject({ reserve_price_micro: 5n, price_source: 'hours' });
    await owner.heap.setOffer(node.node_id, { hours: [always(7n)] });
    expect(await offer()).toMatchObject({ reserve_price_micro: 7n, price_source: 'device_hours' });
    await owner.heap.setOffer(node.node_id, { hours: [] });
    await owner.heap.setRules({ hours: [] });
    expect(await offer()).toMatchObject({ reserve_price_micro: reserveAt(null), price_source: 'electricity' });
  });

  test('comes and goes with the clock of the database', async () => {
    // An offer whose price was written before the hour began.
    await owner.heap.setRules({ hours: [{ weekdays: [1, 2, 3, 4, 5, 6, 7], fromHour: 0, toHour: 24, price: 9n }] });
    await broker.sql('UPDATE offer SET reserve_price_micro = 1 WHERE node_id = $1', [node.node_id]);
    await broker.app.get(PriceClock).tick();
    expect(await offer()).toMatchObject({ reserve_price_micro: 9n });
    await owner.heap.setRules({ hours: [] });
  });
});

describe('the automatic reserve', () => {
  test.each<[string, object, bigint]>([
    ['takes a high guess where nothing is known', {}, reserveAt(null)],
    ["follows the owner's region", { region: 'hu' }, reserveAt('hu')],
    ["takes the owner's price of a kWh before it", { region: 'hu', pricePerKwh: '0.05' }, reserveAt('hu', { own: 50_000n })],
    ['adds the margin', { region: 'hu', pricePerKwh: null, marginPercent: 100 }, reserveAt('hu', { margin_percent: 100 })],
  ])('%s', async (_, changes, expected) => {
    await owner.heap.setRules(changes);
    expect(await offer()).toMatchObject({
      reserve_price_micro: expected,
      electricity_price_micro: expected,
      price_source: 'electricity',
      watts: 120,
    });
  });

  test("follows the device's region before the owner's, and the device's labels are kept", async () => {
    await owner.heap.setRules({ marginPercent: 25, region: 'hu' });
    await owner.heap.setOffer(node.node_id, { region: 'de', labels: ['gpu', 'ssd'] });
    expect(await offer()).toMatchObject({ reserve_price_micro: reserveAt('de'), region: 'de', labels: ['gpu', 'ssd'] });
    // What is left out stays, also when the agent offers anew.
    await owner.heap.setOffer(node.node_id, { labels: ['ssd'] });
    session.offer(3, 'micro', null);
    await until((one) => one?.slots === 3);
    expect(await offer()).toMatchObject({ reserve_price_micro: reserveAt('de'), region: 'de', labels: ['ssd'] });
    session.offer(3, 'micro', 12n);
    await until((one) => one?.price_source === 'agent');
    expect(await offer()).toMatchObject({ reserve_price_micro: 12n, electricity_price_micro: reserveAt('de') });
  });
});

describe('a rule that cannot be is refused by the name of its member', () => {
  const hour = { weekdays: [1], from_hour: 1, to_hour: 2, price_micro: '1' };
  test.each<[string, object, string]>([
    ['a weekday that is none', { hours: [{ ...hour, weekdays: [8] }] }, 'body.hours.0.weekdays.0'],
    ['a weekday twice', { hours: [{ ...hour, weekdays: [1, 1] }] }, 'body.hours.0.weekdays'],
    ['no weekday', { hours: [{ ...hour, weekdays: [] }] }, 'body.hours.0.weekdays'],
    ['hours that end when they begin', { hours: [hour, { ...hour, to_hour: 1 }] }, 'body.hours.1.to_hour'],
    ['an hour that no clock shows', { hours: [{ ...hour, from_hour: 24 }] }, 'body.hours.0.from_hour'],
    ['a price that is no price', { hours: [{ ...hour, price_micro: '-1' }] }, 'body.hours.0.price_micro'],
    ['a price beyond all prices', { hours: [{ ...hour, price_micro: String(1n << 50n) }] }, 'body.hours.0.price_micro'],
    ['a time zone that is none', { time_zone: 'Europe/Atlantis' }, 'body.time_zone'],
    ['an offset for a time zone', { time_zone: '+02:00' }, 'body.time_zone'],
    ['a time zone of browsers only', { time_zone: 'Etc/Unknown' }, 'body.time_zone'],
    ['a region that is none', { region: 'Germany' }, 'body.region'],
    ['a margin below nothing', { margin_percent: -1 }, 'body.margin_percent'],
    ['a buyer that is no id', { deny_buyers: ['bob'] }, 'body.deny_buyers.0'],
    ['a class of work that is none', { workload_classes: ['general', 'mischief'] }, 'body.workload_classes.1'],
    ['a member that is unknown', { colour: 'red' }, 'body'],
  ])('%s', async (_, body, path) => {
    const answer = await owner.call('PUT', '/v1/rules', body);
    expect([answer.status, answer.body.code]).toEqual([400, 'invalid_input']);
    expect(answer.body.details.issues.map((issue: { path: string }) => issue.path)).toEqual([path]);
  });

  test('labels and devices, too', async () => {
    const put = (id: string, body: object) => owner.call('PUT', `/v1/nodes/${id}/offer`, body);
    expect((await put(node.node_id, { labels: ['A B'] })).body.details.issues[0].path).toBe('body.labels.0');
    const stranger = await broker.person({ name: 'Stranger', funds_micro: 0n });
    expect((await stranger.call('PUT', `/v1/nodes/${node.node_id}/offer`, { labels: ['x'] })).status).toBe(404);
  });
});

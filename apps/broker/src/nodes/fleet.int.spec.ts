import { NO_RULES } from '#protocol';
import { call } from '../../../../test/support/api.js';
import { startBroker, type TestBroker, type TestPerson } from '../../../../test/support/broker.js';
import { FakeNode } from '../../../../test/support/fake-node.js';

let broker: TestBroker;
let owner: TestPerson;
let stranger: TestPerson;
beforeAll(async () => {
  broker = await startBroker();
  [owner, stranger] = [await broker.person(), await broker.person({ name: 'Eve' })];
});
afterAll(() => broker?.close());

const fleet = async (node_ids: readonly string[] | null, deed: unknown, person = owner) =>
  (await person.call('POST', '/v1/fleet', { node_ids, deed })).body.results as { node_id: string; ok: boolean; reason: { code: string } }[];

test('many devices at once: each says whether it worked, and a stranger’s is untouched', async () => {
  const [one, two] = [await FakeNode.enrol(broker, owner), await FakeNode.enrol(broker, owner)];
  const theirs = await FakeNode.enrol(broker, stranger);
  const ids = [one.node_id, two.node_id, theirs.node_id];
  const deeds = [
    { do: 'hold', for_ms: 60_000 },
    { do: 'release' },
    { do: 'rules', rules: NO_RULES },
    { do: 'price', price_micro: '7' },
    { do: 'groups', groups: ['attic'] },
  ];
  for (const deed of deeds)
    expect((await fleet(ids, deed)).map(({ node_id, ok, reason }) => [node_id, ok, reason.code])).toEqual([
      [one.node_id, true, 'done'],
      [two.node_id, true, 'done'],
      [theirs.node_id, false, 'not_found'],
    ]);
  expect((await owner.call('GET', `/v1/nodes/${one.node_id}/rules`)).body.set).toMatchObject({ version: 1, rules: NO_RULES });
  expect((await owner.call('GET', `/v1/nodes/${one.node_id}`)).body).toMatchObject({ groups: ['attic'], hold: { held: false } });
  expect((await stranger.call('GET', `/v1/nodes/${theirs.node_id}`)).body.groups).toEqual([]);

  expect((await fleet(null, { do: 'hold', for_ms: null })).map(({ ok }) => ok)).toEqual([true, true]);
  expect((await owner.heap.nodes()).map(({ hold }) => hold.held)).toEqual([true, true]);
  expect((await fleet([one.node_id], { do: 'revoke' }))[0]?.ok).toBe(true);
  expect((await fleet([one.node_id], { do: 'revoke' }))[0]?.reason.code).toBe('not_found');
});

test('a device is called something else by its owner, and by nobody else', async () => {
  const node = await FakeNode.enrol(broker, owner);
  const path = `/v1/nodes/${node.node_id}`;
  expect((await owner.call('PUT', path, { name: 'Küche' })).body).toMatchObject({ name: 'Küche', groups: [] });
  expect((await owner.call('PUT', path, { groups: ['a', 'a'] })).status).toBe(400);
  expect((await stranger.call('PUT', path, { name: 'mine' })).status).toBe(404);
});

test('a link lets as many devices join as it says, each with a code of its own, until it is closed', async () => {
  const made = (await owner.call('POST', '/v1/enrolment-links', { label: 'Class 7b', uses_max: 2, days: 1 })).body;
  expect(made.link).toMatchObject({ uses: 0, uses_max: 2, state: { code: 'open' } });
  expect(made.join_url).toBe(`${broker.url}/join#${made.code}`);
  const use = (code: string) => call(broker.url, 'POST', '/v1/enrolment-links/uses', { body: { code } });
  // At the same time: no third code comes of it.
  const uses = await Promise.all(Array.from({ length: 5 }, () => use(made.code)));
  expect(uses.map(({ status }) => status).sort()).toEqual([201, 201, 400, 400, 400]);
  const codes = uses.filter(({ status }) => status === 201).map(({ body }) => body.code);
  expect(new Set(codes).size).toBe(2);
  expect(uses.find(({ status }) => status === 400)?.body.code).toBe('enrolment_link_refused');
  await FakeNode.enrol(broker, owner, { code: codes[0] });
  const list = async (person = owner) => (await person.call('GET', '/v1/enrolment-links')).body.links;
  expect(await list()).toMatchObject([{ label: 'Class 7b', uses: 2, devices: 1, state: { code: 'used_up' } }]);
  expect(await list(stranger)).toEqual([]);
  expect((await stranger.call('DELETE', `/v1/enrolment-links/${made.link.link_id}`)).status).toBe(404);

  const next = (await owner.call('POST', '/v1/enrolment-links', { label: 'Again', uses_max: 9 })).body;
  expect((await owner.call('DELETE', `/v1/enrolment-links/${next.link.link_id}`)).status).toBe(204);
  expect((await use(next.code)).status).toBe(400);
  expect((await list())[0].state.code).toBe('closed');
});

test('what a device would have earned last week at other prices, from what its market sold', async () => {
  const seller = await broker.person({ name: 'Sel' });
  const node = await FakeNode.enrol(broker, seller);
  const session = await node.online({ slots: 2, price_micro: 50n });
  await broker.sql("UPDATE node SET enrolled_at = now() - interval '100 seconds', present_us = 100000000 WHERE id = $1", [node.node_id]);
  await broker.sql(
    `INSERT INTO candle (market, term_ms, from_at, open_micro, close_micro, high_micro, low_micro, volume, rounds, closed_at)
     SELECT 'work:micro', 3600000, date_trunc('hour', now()) - make_interval(hours => n), 1, n * 100, 1000, 1, 60, 1, now() FROM generate_series(1, 3) n`,
  );
  const path = `/v1/nodes/${node.node_id}/reserve-price`;
  const advice = async () => (await seller.call('GET', path)).body;
  while ((await advice()).markets.length === 0) await new Promise((resolve) => setTimeout(resolve, 50));
  const [market] = (await advice()).markets;
  expect(market).toMatchObject({
    slot_class: 'micro',
    slots: 2,
    reserve_price_micro: '50',
    suggestion: { price_micro: market.electricity_micro },
  });
  const at = (price: string) => market.points.find((point: { price_micro: string }) => point.price_micro === price);
  expect(at('50').slot_hours).toBeGreaterThan(at('300').slot_hours);
  expect(BigInt(at('50').earned_micro)).toBeGreaterThan(BigInt(at('300').earned_micro));
  expect(market.assumes).toHaveLength(3);
  expect((await stranger.call('GET', path)).status).toBe(404);
  expect((await seller.call('GET', '/v1/earnings/history')).body).toMatchObject({ nodes: [], days: { length: 30 } });
  await session.vanish();
});

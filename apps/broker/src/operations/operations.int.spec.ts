import { randomUUID } from 'node:crypto';
import { startBroker, type TestBroker, type TestPerson } from '../../../../test/support/broker.js';
import { EventBus } from '../platform/bus/event-bus.js';
import { AlertsService } from './alerts.service.js';
import { AdminAlertCleared, AdminAlertRaised } from './operations.events.js';
import { SamplesService, stepFor } from './samples.service.js';
import { SamplesStore } from './samples.store.js';

let broker: TestBroker;
let ada: TestPerson;
let dev: TestPerson;
beforeAll(async () => {
  // What is looked at here is looked at by hand.
  broker = await startBroker({ HEAP_ROLES: 'api,gateway,market' });
  ada = await broker.person({ name: 'Ada', roles: ['admin', 'owner', 'developer'] });
  dev = await broker.person({ name: 'Dev', funds_micro: 5_000_000n, roles: ['developer', 'owner'] });
});
afterAll(() => broker?.close());

const nodes = (count: number, presence: string, region: string | null) =>
  broker.sql(
    `INSERT INTO node (id, owner_id, name, kind, public_key, state, presence, agent_version, region)
     SELECT gen_random_uuid(), $1, 'n', 'phone', gen_random_uuid()::text, 'ONLINE', $2, '0.1.0', $3 FROM generate_series(1, $4)`,
    [dev.person_id, presence, region, count],
  );
const glance = async () => (await ada.call('GET', '/v1/admin/glance')).body;

test('the glance counts devices by kind, presence and region, and says what the heap has and owes', async () => {
  await nodes(3, 'idle', 'de');
  await nodes(2, 'busy', null);
  await nodes(1, 'lost', null);
  await broker.sql(`INSERT INTO owner_rules (owner_id, region, workload_classes) VALUES ($1, 'fr', '{}')`, [dev.person_id]);
  const seen = await glance();
  expect(seen.nodes).toEqual({
    enrolled: 6,
    connected: 5,
    groups: [
      { kind: 'phone', presence: 'busy', region: 'fr', nodes: 2 },
      { kind: 'phone', presence: 'idle', region: 'de', nodes: 3 },
      { kind: 'phone', presence: 'lost', region: 'fr', nodes: 1 },
    ],
    versions: [{ version: '0.1.0', nodes: 6 }],
  });
  expect(seen.money).toMatchObject({ currency: 'USD', simulated: true, held_micro: '0' });
  expect(BigInt(seen.money.owed_to_developers_micro)).toBeGreaterThanOrEqual(5_000_000n);
  expect(BigInt(seen.money.assets_micro) - BigInt(seen.money.liabilities_micro)).toBe(BigInt(seen.money.surplus_micro));
  expect(seen.markets).toHaveLength(10);
  expect(seen).toMatchObject({ alerts: [], badness: 0, care: { penalties_active: 0 }, work: { tasks_queued: 0, oldest: null } });
});

test('an alert is raised once, told, acknowledged with a note, and over when what it was about is over', async () => {
  const told: [string, string][] = [];
  const bus = broker.app.get(EventBus);
  const off = [
    bus.subscribe(AdminAlertRaised, ({ code }) => void told.push(['raised', code])),
    bus.subscribe(AdminAlertCleared, ({ code }) => void told.push(['cleared', code])),
  ];
  await broker.sql(`INSERT INTO invariant_check (invariant, holds, detail) VALUES ('I1', false, 'a journal does not balance')
    ON CONFLICT (invariant, pass) DO UPDATE SET holds = false, detail = excluded.detail, checked_at = now()`);
  const alerts = broker.app.get(AlertsService);
  await Promise.all([alerts.look(), alerts.look()]);
  await alerts.look();
  const [alert] = (await ada.call('GET', '/v1/admin/alerts?open=true')).body.alerts;
  expect(alert).toMatchObject({ code: 'invariant_broken', subject: 'I1', severity: 'critical', weight: 100, acknowledged: null });
  const path = `/v1/admin/alerts/${alert.alert_id}/acknowledgement`;
  expect(await ada.call('POST', path, { note: ' ' })).toMatchObject({ status: 400 });
  expect((await ada.call('POST', path, { note: 'I am on it.' })).body.acknowledged).toMatchObject({
    by: ada.person_id,
    note: 'I am on it.',
  });
  const [line] = (await ada.call('GET', '/v1/admin/log')).body.lines;
  expect(line).toMatchObject({ action: 'alert.acknowledge', subject: alert.alert_id, person_id: ada.person_id });
  await broker.sql('UPDATE invariant_check SET holds = true');
  await alerts.look();
  expect((await ada.call('GET', '/v1/admin/alerts?open=true')).body.alerts).toEqual([]);
  expect((await ada.call('GET', '/v1/admin/alerts')).body.alerts[0]).toMatchObject({
    alert_id: alert.alert_id,
    cleared_at: expect.any(String),
  });
  expect(told).toEqual([
    ['raised', 'invariant_broken'],
    ['cleared', 'invariant_broken'],
  ]);
  for (const unsubscribe of off) unsubscribe();
  expect((await ada.call('POST', `/v1/admin/alerts/${randomUUID()}/acknowledgement`, { note: 'x' })).status).toBe(404);
});

test('a minute has one value of a figure however often it is taken, hours and days the mean, the least and the most', async () => {
  await broker.sql('DELETE FROM heap_sample');
  const store = broker.app.get(SamplesStore);
  const writes = await Promise.all([1, 2, 3, 4].map(() => store.write(new Map([['nodes_busy', 4]]))));
  expect(writes.sort()).toEqual([0, 0, 0, 1]);
  await broker.sql(`UPDATE heap_sample SET from_at = from_at - interval '1 minute' WHERE term_ms = 60000`);
  expect(await store.write(new Map([['nodes_busy', 8]]))).toBe(1);
  const { body } = await ada.call('GET', '/v1/admin/series?metric=nodes_busy&step=day');
  expect(body).toMatchObject({ unit: 'count', step: 'day', link: '/admin/nodes?presence=busy' });
  const samples = body.points.reduce((sum: number, point: { samples: number }) => sum + point.samples, 0);
  expect(samples).toBe(2);
  if (body.points.length === 1) expect(body.points[0]).toMatchObject({ mean: 6, least: 4, most: 8 });
  const minutes = (await ada.call('GET', '/v1/admin/series?metric=nodes_busy')).body;
  expect(minutes.step).toBe('hour');
});

test('samples hold what the glance says, and old ones are forgotten', async () => {
  await broker.sql('DELETE FROM heap_sample');
  await broker.sql(
    `INSERT INTO heap_sample VALUES ('badness', 60000, now() - interval '11 days', 1, 1, 1, 1), ('badness', 86400000, now() - interval '999 days', 1, 1, 1, 1)`,
  );
  const { alerts: _, badness: __, figures: ___, ...now } = await glance();
  const samples = broker.app.get(SamplesService);
  await samples.take(now, 7);
  await samples.forget();
  const kept = await broker.sql<{ metric: string; term_ms: number; mean: number }>(
    `SELECT metric, term_ms, mean FROM heap_sample WHERE metric IN ('badness', 'nodes_connected') AND term_ms <> 3600000 ORDER BY 1, 2, from_at`,
  );
  expect(kept).toEqual([
    { metric: 'badness', term_ms: 60000, mean: 7 },
    { metric: 'badness', term_ms: 86400000, mean: 1 },
    { metric: 'badness', term_ms: 86400000, mean: 7 },
    { metric: 'nodes_connected', term_ms: 60000, mean: 5 },
    { metric: 'nodes_connected', term_ms: 86400000, mean: 5 },
  ]);
});

test.each([
  ['backwards', 'from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z', 'ends before it begins'],
  ['too many points', 'from=2026-01-01T00:00:00Z&to=2026-02-01T00:00:00Z&step=minute', '44640 points'],
])('a series of a stretch that is no good is refused: %s', async (_, query, why) => {
  const { status, body } = await ada.call('GET', `/v1/admin/series?metric=badness&${query}`);
  expect([status, body.code]).toEqual([400, 'invalid_input']);
  expect(body.detail).toContain(why);
});

test.each([
  [0.5, 0.5, 'minute'],
  [1, 1, 'hour'],
  [0.1, 20, 'hour'],
  [30, 30, 'hour'],
  [60, 60, 'day'],
  [1, 500, 'day'],
])('of %s days that began %s days ago the step is a %s', (length, age, step) => {
  const now = new Date();
  const from = new Date(now.getTime() - age * 86_400_000);
  expect(stepFor(from, new Date(from.getTime() + length * 86_400_000), now)).toBe(step);
});

test('everybody sees harmless figures', async () => {
  const day = new Date().toISOString().slice(0, 10);
  await broker.sql(
    `INSERT INTO candle (market, term_ms, from_at, open_micro, close_micro, high_micro, low_micro, volume, rounds, closed_at)
     SELECT 'work:nano', t.term, date_bin(make_interval(secs => t.term / 1000), now(), 'epoch'), 5, 7, 9, 3, 1, 1, now()
     FROM (VALUES (3600000), (86400000)) AS t(term)`,
  );
  const answer = await fetch(`${broker.url}/v1/heap/figures`);
  expect(answer.headers.get('cache-control')).toBe('public, max-age=5');
  const body = (await answer.json()) as { at: string; markets: unknown[] };
  expect(body).toMatchObject({
    currency: 'USD',
    simulated: true,
    nodes_online: 6,
    tasks_settled_day: 0,
    paid_to_owners_30_days_micro: '0',
  });
  expect(body.markets[0]).toMatchObject({ market: 'work:nano', price_micro: '7', week: [{ price_micro: '7' }] });
  expect(body.at.slice(0, 10) >= day).toBe(true);
});

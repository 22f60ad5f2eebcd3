import { parseArgs } from 'node:util';
import { HeapError, type MarketName } from '#units';
import { RoundsService } from '../../apps/broker/src/auctions/rounds.service.js';
import type { TestBroker } from '../support/broker.js';
import { loneBroker } from '../support/lone-broker.js';
import { echoModule, inline, placed } from '../support/orders.js';
import { benchReport, median } from './report.js';

/**
 * `npm run bench:rounds -- [--json] [--nodes 10000] [--orders 200] [--rounds 20]`
 *
 * What one round costs the broker's processor in a heap of many nodes: where nothing changed, and where one order comes and takes a slot,
 * which writes a receipt of the whole book. PostgreSQL runs in processes of its own, whose time does not count.
 */
const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    nodes: { type: 'string', default: '10000' },
    orders: { type: 'string', default: '200' },
    rounds: { type: 'string', default: '20' },
  },
});
const [nodes, orders, rounds] = [values.nodes, values.orders, values.rounds].map((text) => {
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new HeapError('invalid_input', `"${text}" is not a whole number above 0`, 'user');
  return Number(text);
}) as [number, number, number];
const MARKET: MarketName = 'work:micro';
const round1 = (value: number) => Math.round(value * 10) / 10;

/** Nodes of 500 owners in 20 regions, each online with two slots at a price of its own. */
async function populate(broker: TestBroker): Promise<void> {
  await broker.sql(
    `INSERT INTO person (id, email, name, updated_at) SELECT gen_random_uuid(), 'owner-' || i || '@bench.test', 'Owner ' || i, now() FROM generate_series(1, 500) AS i`,
  );
  await broker.sql(
    `INSERT INTO node (id, owner_id, name, kind, public_key, state, session_epoch, speed_fuel_per_ms, region, last_seen_at)
     SELECT gen_random_uuid(), o.id, 'bench ' || i, 'laptop', 'bench key ' || i, 'ONLINE', 1, 5000000 + 1000 * (i % 977), 'r' || (i % 20), now()
     FROM generate_series(1, $1::int) AS i
     JOIN (SELECT id, row_number() OVER () AS n FROM person WHERE email LIKE '%@bench.test') AS o ON o.n = i % 500 + 1`,
    [nodes],
  );
  await broker.sql(
    `INSERT INTO offer (node_id, slot_class, slots, asked_price_micro, electricity_micro, reserve_price_micro, available)
     SELECT id, 'micro', 2, 100 + (hashtext(id::text) & 1023), 50, 100 + (hashtext(id::text) & 1023), true FROM node`,
  );
  await broker.sql('ANALYZE node; ANALYZE offer');
}

/** Processor time and wall clock of rounds, each after `change`. */
async function measure(broker: TestBroker, change: () => Promise<unknown>): Promise<{ cpu_ms: number; wall_ms: number }> {
  const service = broker.app.get(RoundsService, { strict: false });
  const cpu: number[] = [];
  const wall: number[] = [];
  for (let i = -3; i < rounds; i++) {
    await change();
    const [used, from] = [process.cpuUsage(), performance.now()];
    await service.round(MARKET);
    const { user, system } = process.cpuUsage(used);
    if (i < 0) continue;
    cpu.push((user + system) / 1_000);
    wall.push(performance.now() - from);
  }
  return { cpu_ms: round1(median(cpu)), wall_ms: round1(median(wall)) };
}

// Rounds are only those that are measured: no event comes within this time, and a sweep may cost one measurement.
const broker = await loneBroker({ HEAP_ROUND_INTERVAL_MS: '60000' });
try {
  const dev = await broker.person({ funds_micro: 100_000_000n });
  const module_hash = await echoModule(broker, dev);
  await populate(broker);
  const terms = { verification: 'L0', slots: 4, max_price_micro: '90', budget_micro: '100000' };
  const inputs = Array.from({ length: 8 }, (_, n) => inline(String(n)));
  for (let i = 0; i < orders; i++) await placed(dev, module_hash, { ...terms, inputs });
  const idle = await measure(broker, async () => {});
  const trade = await measure(broker, () =>
    placed(dev, module_hash, { ...terms, max_price_micro: '2000', slots: 1, inputs: [inline('x')] }),
  );
  benchReport(
    'rounds',
    { nodes, orders, rounds },
    { unchanged_cpu_ms: idle.cpu_ms, unchanged_wall_ms: idle.wall_ms, trade_cpu_ms: trade.cpu_ms, trade_wall_ms: trade.wall_ms },
    values.json,
  );
} finally {
  await broker.close();
}

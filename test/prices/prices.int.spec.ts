import { spawn } from 'node:child_process';
import { once } from 'node:events';
import os from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Assignment, candles, type Offer, type Order, type RoundOutcome } from '#auction';
import type { CandleInfo, Heap, RoundInfo } from '#sdk';
import { MARKETS } from '#units';
import { checkChain, checkRound } from '../../apps/cli/src/receipts.js';
import { call } from '../support/api.js';
import { startBroker, type TestBroker, type TestPerson } from '../support/broker.js';
import { FakeNode, type FakeSession, resultOf } from '../support/fake-node.js';
import { echoModule, inline, placed } from '../support/orders.js';

const root = path.resolve(import.meta.dirname, '../../..');
const TERMS = { '1m': 60_000, '1h': 3_600_000, '1d': 86_400_000 } as const;

let broker: TestBroker;
let dev: TestPerson;
let heap: Heap;
let module_hash: string;
const owners: TestPerson[] = [];
const sessions: FakeSession[] = [];
const bounds = { verification: 'L0' as const, slots: 2, maxPrice: 1_000n, budget: 100_000n, fuelLimit: 1_000_000_000_000 };

beforeAll(async () => {
  broker = await startBroker();
  dev = await broker.person({ name: 'Dev' });
  heap = dev.heap;
  module_hash = await echoModule(broker, dev);
  for (const [region, price] of [
    ['de', 100n],
    ['us', 300n],
  ] as const) {
    const owner = await broker.person({ name: region });
    owners.push(owner);
    const node = await FakeNode.enrol(broker, owner);
    await owner.heap.setRules({ hours: [{ weekdays: [1, 2, 3, 4, 5, 6, 7], fromHour: 0, toHour: 24, price }] });
    await owner.heap.setOffer(node.node_id, { region });
    sessions.push(await node.online({ script: (task) => resultOf(task, task.input ?? ''), slots: 2 }));
    while ((await owner.heap.offers()).length < 1) await sleep(10);
  }
  for (let i = 0; i < 3; i++) await heap.map((n: number) => n, [1, 2, 3], { ...bounds, slots: 2 + i }).all();
  await owners[0]?.heap.map((n: number) => n, [1], { ...bounds, constraints: { own: true } }).all();
  await heap
    .map(
      (n: number) => n,
      Array.from({ length: 60 }, (_, i) => i),
      { ...bounds, constraints: { regions: ['us'] } },
    )
    .all();
});
afterAll(async () => {
  for (const session of sessions) session.send('bye', { code: 'test_over' });
  await Promise.all(sessions.map((session) => session.closed));
  await broker?.close();
});

async function allRounds(): Promise<RoundInfo[]> {
  const rounds: RoundInfo[] = [];
  for await (const round of heap.rounds('micro', { page: 2 })) rounds.push(round);
  return rounds;
}
type Body = {
  inputs: { offers: Offer[]; orders: Order[] };
  outputs: { assignments: (Omit<Assignment, 'price'> & { price: string })[] };
};
const bodyOf = (round: RoundInfo) => (round.receipt as { body: Body }).body;
const outcomeOf = (round: RoundInfo): RoundOutcome => ({
  market: round.market,
  cleared_at_ms: Date.parse(round.cleared_at),
  assignments: bodyOf(round).outputs.assignments.map((a) => ({ ...a, price: BigInt(a.price) })),
});

async function command(...args: string[]) {
  const env = { ...process.env, HEAP_URL: broker.url, HEAP_API_KEY: dev.api_key, HEAP_PROFILE: path.join(os.tmpdir(), 'no profile.json') };
  const child = spawn(process.execPath, [path.join(root, 'apps/cli/bin/heap.mjs'), ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  return { out, err, code: code as number };
}

describe('prices', () => {
  test.each(['1m', '1h', '1d'] as const)('candles of %s are those of the receipts', async (term) => {
    const outcomes = (await allRounds()).map(outcomeOf);
    // What a buyer takes of its own paints no chart.
    expect(outcomes.some(({ assignments }) => assignments.some(({ own }) => own))).toBe(true);
    const expected = candles(outcomes, TERMS[term]);
    expect(expected.length).toBeGreaterThan(0);
    const shown = await heap.candles('micro', { term });
    expect(shown.map(({ fill_ms_median, fill_ms_most, ...candle }: CandleInfo) => candle)).toEqual(
      expected.map(({ from_ms, open, close, high, low, volume, rounds }) => ({
        ...{ from: new Date(from_ms).toISOString(), open_micro: open, close_micro: close, high_micro: high, low_micro: low },
        ...{ volume, rounds },
      })),
    );
  });

  test('fill times are from the order to its first lease, the median of them all', async () => {
    const waits = await broker.sql<{ ms: number }>(
      `SELECT extract(epoch FROM min(r.cleared_at) - j.created_at)::float8 * 1000 AS ms
       FROM job j JOIN lease l ON l.job_id = j.id JOIN round r ON r.id = l.round_id
       WHERE j.person_id = $1 GROUP BY j.id`,
      [dev.person_id],
    );
    const sorted = waits.map(({ ms }) => ms).sort((a, b) => a - b);
    const [market] = (await heap.markets()).filter(({ slot_class }) => slot_class === 'micro');
    expect(market?.day?.fill_ms_median).toBeCloseTo(sorted[Math.floor((sorted.length - 1) / 2)] ?? Number.NaN, 1);
    expect(market?.day?.fill_ms_most).toBeCloseTo(sorted.at(-1) ?? Number.NaN, 1);
  });

  test('anybody reads prices, charts, depth and receipts; an estimate is for a developer', async () => {
    const anybody = (path: string) => call(broker.url, 'GET', path);
    const [first] = await allRounds();
    for (const path of ['/v1/markets', ...['candles', 'depth', 'rounds', 'round-heads'].map((of) => `/v1/markets/work:micro/${of}`)])
      expect([path, (await anybody(path)).status]).toEqual([path, 200]);
    expect((await anybody(`/v1/rounds/${first?.id}`)).body.hash).toBe(first?.hash);
    expect((await anybody('/v1/markets/work:micro/estimate')).status).toBe(401);
  });

  test('heads of rounds say what each came to, newest first and page by page', async () => {
    const rounds = await allRounds();
    const heads: Record<string, unknown>[] = [];
    for (let before = ''; ; before = `&before=${heads.at(-1)?.number}`) {
      const { body } = await dev.call('GET', `/v1/markets/work:micro/round-heads?limit=2${before}`);
      heads.push(...body.rounds);
      if (body.rounds.length < 2) break;
    }
    expect(heads.reverse().map(({ id, sold, orders, hash }) => ({ id, sold, orders, hash }))).toEqual(
      rounds.map(({ id, hash, receipt }) => {
        const { inputs, outputs } = receipt.body as { inputs: { orders: unknown[] }; outputs: { assignments: { slots: number }[] } };
        return { id, hash, orders: inputs.orders.length, sold: outputs.assignments.reduce((sum, { slots }) => sum + slots, 0) };
      }),
    );
  });

  test('a market at a glance: the last price, the day, what is free and wanted; a market without trade has none', async () => {
    const last = outcomeOf((await allRounds()).at(-1) as RoundInfo);
    const markets = await heap.markets();
    expect(markets.map(({ market }) => market)).toEqual(MARKETS);
    expect(markets[1]).toMatchObject({ traded_at: new Date(last.cleared_at_ms).toISOString(), price_micro: last.assignments[0]?.price });
    expect(markets[0]).toMatchObject({ price_micro: null, traded_at: null, day: null, slots_free: 0, bid_micro: null, ask_micro: null });
  });

  test('depth counts what is free and all that is wanted, also beyond what is free', async () => {
    const { id } = await placed(dev, module_hash, {
      slots: 7,
      max_price_micro: '250',
      constraints: { regions: ['jp'] },
      inputs: Array.from({ length: 7 }, (_, i) => inline(String(i))),
    });
    const depth = await heap.depth('micro');
    expect(depth.bids).toEqual([{ price_micro: 250n, slots: 7, total: 7 }]);
    expect(depth.asks).toEqual([
      { price_micro: 100n, slots: 2, total: 2 },
      { price_micro: 300n, slots: 2, total: 4 },
    ]);
    expect((await heap.depth('micro', 1)).asks).toHaveLength(1);
    const { out, code } = await command('market', 'micro');
    expect(out).toMatch(/work:micro +10¹² fuel +0\.0003 +0\.0001 +0\.0003/);
    expect(out).toMatch(/0\.0003 ┤.*\n[\s\S]*0\.0001 ┤[\s\S]*slots ┤/);
    expect(out).toMatch(/7 +0\.00025 +0\.0001 +2/);
    expect(code).toBe(0);
    expect((await command('market', 'huge')).err).toContain(
      'There is no market "huge": take one of nano, micro, small, large, standing:nano,',
    );
    await heap.job(id).cancel();
  });
});

describe('an estimate', () => {
  test('is a dry clearing with the real constraints, and says what would change it', async () => {
    const free = await heap.estimate({ ...bounds, slots: 3 }, { tasks: 10 });
    expect(free).toMatchObject({ slots_now: 3, price_micro: 300n, max_price_micro: 1_000n, levers: [] });
    // At L2 every task is paid twice; what may be wrong all the same is said before anything runs.
    const twice = await heap.estimate({ ...bounds, slots: 3, verification: 'L2' }, { tasks: 10 });
    expect(twice.verification).toMatchObject({ level: 'L2', expected_error: 5e-4, expected_executions: 2.2, price_factor: 2 });
    expect(twice.cost_range?.high_micro).toBeGreaterThanOrEqual((free.cost_range?.high_micro ?? 0n) * 2n - 1n);
    expect(free.verification).toMatchObject({ level: 'L0', expected_error: null, price_factor: 1 });
    const low = await heap.estimate({ ...bounds, slots: 3, maxPrice: 150n, constraints: { regions: ['us'] } });
    expect(low).toMatchObject({ slots_now: 0, price_micro: null, reason: { code: 'price_too_low' }, cost_range: null });
    expect(low.levers).toEqual([
      { code: 'raise_max_price', slots: 2, sentence: 'With a maximum price of 0.0003 it would have 2 slots now.' },
      { code: 'drop_constraint', slots: 2, sentence: 'Without the regions it would have 2 slots now.' },
    ]);
    const nowhere = await heap.estimate({ ...bounds, constraints: { regions: ['jp'], kinds: ['server'] } });
    expect(nowhere.reason.code).toBe('no_node_satisfies');
    expect(nowhere.levers.map(({ code, slots }) => [code, slots])).toEqual([['drop_constraint', 2]]);
    const [own] = (await heap.estimate({ ...bounds, slots: 4, minSlots: 4, constraints: { regions: ['de'] } })).levers;
    expect(own).toMatchObject({ code: 'lower_min_quantity', slots: 2 });
  });

  test('without a maximum it has one of twice the price; asked by GET it is the same', async () => {
    const { body } = await dev.call('GET', '/v1/markets/work:micro/estimate?slots=3&tasks=10');
    const { levers, ...posted } = await heap.estimate({ slots: 3 }, { tasks: 10 });
    expect(posted).toMatchObject({ max_price_micro: 600n, price_micro: 300n });
    expect({ ...body, levers: undefined }).toEqual(
      JSON.parse(JSON.stringify(posted, (_, value) => (typeof value === 'bigint' ? String(value) : value))),
    );
    expect((await dev.call('GET', '/v1/markets/work:tiny/estimate')).status).toBe(400);
  });

  test('what ran before narrows it: the cost of the next run lies in its range', async () => {
    const work = { module: 'export default (input) => input;', codec: 'json' } as const;
    const unknown = await heap.estimate(bounds, { tasks: 20, work });
    expect(unknown.work).toMatchObject({ source: 'limits', tasks_measured: 0 });
    await heap
      .map(
        work,
        Array.from({ length: 50 }, (_, i) => i),
        bounds,
      )
      .all();
    const known = await heap.estimate(bounds, { tasks: 20, work });
    expect(known.work).toMatchObject({ source: 'measured', tasks_measured: 50 });
    expect(known.work.fuel.high).toBeLessThan(unknown.work.fuel.high);
    const run = heap.map(
      work,
      Array.from({ length: 20 }, (_, i) => i),
      bounds,
    );
    await run.all();
    const { charged_micro } = await (await run.job).get();
    expect(charged_micro).toBeGreaterThanOrEqual(known.cost_range?.low_micro ?? Number.NaN);
    expect(charged_micro).toBeLessThanOrEqual(known.cost_range?.high_micro ?? Number.NaN);
  });

  test('from a shell', async () => {
    const { out, code } = await command('estimate', '--region', 'jp', '--tasks', '5');
    expect(out).toContain('Now: no slot at present');
    expect(out).toContain('Without the regions it would have');
    expect(code).toBe(0);
    expect(JSON.parse((await command('estimate', '--json')).out)).toMatchObject({ confidence: 0.9, slots_now: expect.any(Number) });
  });
});

describe('receipts', () => {
  test('hold: one, all of a market, and those since an instant', async () => {
    const rounds = await allRounds();
    expect(rounds.map(({ number }) => number)).toEqual(rounds.map((_, i) => i + 1));
    const [one, two, last] = [rounds[0], rounds[1], rounds.at(-1)] as [RoundInfo, RoundInfo, RoundInfo];
    expect(await command('round', 'verify', two.id)).toMatchObject({
      code: 0,
      out: expect.stringContaining('work:micro: the receipt holds'),
    });
    const { out, code } = await command('round', 'verify', '--json');
    expect([JSON.parse(out), code]).toEqual([
      MARKETS.map((market) =>
        market === 'work:micro'
          ? { market, rounds: rounds.length, holds: true, number: rounds.length, hash: last.hash }
          : { market, rounds: 0, holds: true, number: null, hash: null },
      ),
      0,
    ]);
    expect(await checkChain(heap, 'work:micro', new Date(two.cleared_at))).toMatchObject({ holds: true, rounds: rounds.length - 1 });
    expect(JSON.parse((await command('round', 'show', one.id, '--json')).out)).toMatchObject({
      id: one.id,
      number: 1,
      previous_hash: null,
    });
    expect(
      await command(
        'round',
        'verify',
        one.id.replace(/.$/, (c) => (c === '0' ? '1' : '0')),
      ),
    ).toMatchObject({ code: 2 });
  });

  test('the database takes no round that does not continue the last one, and changes none', async () => {
    const copy = (changes: string) =>
      broker.sql(
        `INSERT INTO round (id, market, number, leader_epoch, receipt, hash, previous_hash)
         SELECT id, market, number, leader_epoch, receipt, hash, previous_hash FROM (
           SELECT ${changes}, leader_epoch, market FROM round WHERE market = 'work:micro' ORDER BY round.number DESC LIMIT 1) AS r`,
      );
    const same = 'receipt, hash';
    await expect(copy(`gen_random_uuid() AS id, number, ${same}, previous_hash`)).rejects.toMatchObject({ constraint: 'round_continues' });
    await expect(copy(`gen_random_uuid() AS id, number + 2 AS number, ${same}, hash AS previous_hash`)).rejects.toMatchObject({
      constraint: 'round_continues',
    });
    await expect(copy(`gen_random_uuid() AS id, number + 1 AS number, ${same}, hash AS previous_hash`)).rejects.toMatchObject({
      constraint: 'round_says_what_it_holds',
    });
    await expect(broker.sql('UPDATE round SET hash = hash')).rejects.toMatchObject({ constraint: 'i2_append_only' });
  });

  /** Each changes the second receipt of the market where nobody should be able to, and is undone. */
  test.each<[string, string, string]>([
    ['a price asked', "receipt = jsonb_set(receipt, '{body,inputs,offers,0,reserve_price}', '\"99\"')", 'inputs.offers[0].reserve_price'],
    ['an owner', "receipt = jsonb_set(receipt, '{body,inputs,offers,1,owner}', '\"somebody\"')", 'inputs.offers[1].owner'],
    ['free slots', "receipt = jsonb_set(receipt, '{body,inputs,offers,0,slots}', '1')", 'inputs.offers[0].slots'],
    [
      'a region',
      "receipt = jsonb_set(receipt, '{body,inputs,offers,0,attributes,region}', '\"fr\"')",
      'inputs.offers[0].attributes.region',
    ],
    ['a bid', "receipt = jsonb_set(receipt, '{body,inputs,orders,0,max_price}', '\"1001\"')", 'inputs.orders[0].max_price'],
    ['the tick', "receipt = jsonb_set(receipt, '{body,inputs,rules,tick}', '\"2\"')", 'inputs.rules.tick'],
    ['what was paid', "receipt = jsonb_set(receipt, '{body,outputs,assignments,0,price}', '\"301\"')", 'outputs.assignments[0].price'],
    ['who won', "receipt = jsonb_set(receipt, '{body,outputs,assignments,0,offer_id}', '\"me\"')", 'outputs.assignments[0].offer_id'],
    ['a winner taken out', "receipt = receipt #- '{body,outputs,assignments,0}'", 'outputs.assignments[0].'],
    ['the price of a grade', "receipt = jsonb_set(receipt, '{body,outputs,prices,0,sold}', '0')", 'outputs.prices[0].sold'],
    ['when', "receipt = jsonb_set(receipt, '{body,cleared_at}', '\"2020-01-01T00:00:00.000Z\"')", 'cleared_at'],
    ['the rules', "receipt = jsonb_set(receipt, '{body,version}', '\"other\"')", 'version'],
    ['the marks', "receipt = jsonb_set(receipt, '{body,marks,offers,rows}', '\"\"')", 'marks'],
    ['the hash', "receipt = jsonb_set(receipt, '{hash}', '\"00\"')", 'hash'],
    ['the chain in the text', "receipt = jsonb_set(receipt, '{body,previous_hash}', '\"00\"')", 'previous_hash'],
    ['the chain in its column', "previous_hash = '00'", 'previous_hash'],
    ['the hash in its column', "hash = '00'", 'hash'],
    ['the time in its column', "cleared_at = cleared_at - interval '1 day'", 'cleared_at'],
  ])('a change of %s in the database is named', async (_, change, at) => {
    const { id } = (await allRounds())[1] as RoundInfo;
    await broker.sql('CREATE TABLE kept AS SELECT * FROM round WHERE id = $1', [id]);
    await broker.sql('ALTER TABLE round DISABLE TRIGGER ALL');
    await broker.sql('ALTER TABLE round DROP CONSTRAINT round_says_what_it_holds');
    try {
      await broker.sql(`UPDATE round SET ${change} WHERE id = $1`, [id]);
      expect(await checkRound(heap, id)).toMatchObject({ holds: false, round_id: id, number: 2, at: expect.stringContaining(at) });
      expect(await checkChain(heap, 'work:micro')).toMatchObject({
        holds: false,
        round_id: id,
        rounds: 1,
        at: expect.stringContaining(at),
      });
    } finally {
      await broker.sql(
        'UPDATE round r SET receipt = k.receipt, hash = k.hash, previous_hash = k.previous_hash, cleared_at = k.cleared_at FROM kept k WHERE r.id = k.id',
      );
      await broker.sql('DROP TABLE kept');
      await broker.sql('ALTER TABLE round ENABLE TRIGGER ALL');
      await broker.sql(
        `ALTER TABLE round ADD CONSTRAINT round_says_what_it_holds CHECK (receipt ->> 'hash' = hash
          AND receipt #>> '{body,previous_hash}' IS NOT DISTINCT FROM previous_hash AND receipt #>> '{body,round_id}' = id::text) NOT VALID`,
      );
    }
  });

  test('a round that is gone is missed, and the command says so and fails', async () => {
    const { id } = (await allRounds())[1] as RoundInfo;
    await broker.sql('CREATE TABLE kept AS SELECT * FROM round WHERE id = $1', [id]);
    await broker.sql('ALTER TABLE round DISABLE TRIGGER ALL');
    await broker.sql('DELETE FROM round WHERE id = $1', [id]);
    const { out, code } = await command('round', 'verify', '--class', 'micro');
    await broker.sql('INSERT INTO round SELECT * FROM kept');
    await broker.sql('ALTER TABLE round ENABLE TRIGGER ALL');
    expect(out).toMatch(/work:micro: round 3 \(.*\) does not hold at number: expected 2, found 3\./);
    expect(code).toBe(1);
    expect(await checkChain(heap, 'work:micro')).toMatchObject({ holds: true });
  });
});

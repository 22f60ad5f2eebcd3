import { setTimeout as sleep } from 'node:timers/promises';
import type { Constraints, Offer, Order } from '#auction';
import { formatMajor, type SlotClass } from '#units';
import { causeOf } from '../../libs/auction/src/testing/true-causes.js';
import { startBroker, type TestBroker, type TestPerson } from '../support/broker.js';
import { meets, worth } from '../support/exact-market.js';
import { FakeNode, type FakeSession } from '../support/fake-node.js';
import { echoModule, inline, placed } from '../support/orders.js';

/*
 * A heap in which orders and slots wait for every cause that lasts. What the heap says of each is compared with a cause worked out by trying,
 * from what people see of offers, rules and orders, without the market's own code. Causes of one round alone (outbid, used by its own owner)
 * become "leased" with the next: a trigger writes down what jobs were told. A job that has some of its slots says that it runs.
 */
let broker: TestBroker;
const sessions: FakeSession[] = [];
const people: Record<string, TestPerson> = {};
const nodes: Record<string, FakeNode> = {};
const person = (name: string): TestPerson => {
  const found = people[name];
  if (!found) throw new Error(`nobody is called ${name}`);
  return found;
};
const nodeId = (name: string): string => nodes[name]?.node_id ?? name;

interface Device {
  owner: string;
  region: string;
  slots: number;
  price_micro: bigint;
  slot_class?: SlotClass;
}
const DEVICES: Record<string, Device> = {
  busy: { owner: 'anna', region: 'de', slots: 1, price_micro: 50n },
  dear: { owner: 'anna', region: 'fr', slots: 2, price_micro: 400n },
  strict: { owner: 'bruno', region: 'it', slots: 1, price_micro: 50n },
  closed: { owner: 'clara', region: 'es', slots: 1, price_micro: 50n },
  refused: { owner: 'dora', region: 'pl', slots: 1, price_micro: 50n },
  small: { owner: 'dora', region: 'se', slots: 2, price_micro: 50n },
  remote: { owner: 'dora', region: 'no', slots: 1, price_micro: 50n },
  older: { owner: 'dora', region: 'fi', slots: 1, price_micro: 50n },
  alone: { owner: 'dora', region: 'de', slots: 3, price_micro: 50n, slot_class: 'nano' },
};

interface Wish {
  buyer: string;
  max_price: bigint;
  slots?: number;
  min_slots?: number;
  slot_class?: SlotClass;
  workload_class?: string;
  budget?: bigint;
  constraints: { regions?: string[]; not_nodes?: string[]; min_trust?: number; labels?: string[] };
}
const HOLDER: Wish = { buyer: 'dev', max_price: 90n, constraints: { regions: ['de'] } };
/** What a task of the scenario may cost at this price: 10¹² fuel, 10⁶ for starting it, and a micro-unit for rounding. */
const taskCost = (price: bigint): bigint => (price * (10n ** 12n + 10n ** 6n)) / 10n ** 12n + 1n;
const WISHES: Record<string, Wish> = {
  'a region that nobody is in': { buyer: 'dev', max_price: 90n, constraints: { regions: ['jp'] } },
  'a label that nobody has': { buyer: 'dev', max_price: 90n, constraints: { labels: ['gpu'] } },
  'trust that nobody has': { buyer: 'dev', max_price: 90n, constraints: { regions: ['no'], min_trust: 2 } },
  'the slot that another job has': { buyer: 'dev', max_price: 99n, constraints: { regions: ['de'] } },
  'less than the owner asks': { buyer: 'dev', max_price: 120n, constraints: { regions: ['fr'] } },
  'an owner who denies the buyer': { buyer: 'blocked', max_price: 90n, constraints: { regions: ['it'] } },
  'an owner who names other buyers': { buyer: 'dev', max_price: 90n, constraints: { regions: ['es'] } },
  'work that no owner consents to': { buyer: 'dev', max_price: 90n, workload_class: 'crypto', constraints: { regions: ['it'] } },
  'a node that it excludes': { buyer: 'dev', max_price: 90n, constraints: { regions: ['pl'], not_nodes: ['refused'] } },
  'more slots than there are': { buyer: 'dev', max_price: 90n, slots: 5, min_slots: 5, constraints: { regions: ['se'] } },
  'more slots than its budget lasts for': {
    buyer: 'dev',
    max_price: 90n,
    slots: 2,
    min_slots: 2,
    budget: 150n,
    constraints: { regions: ['se'] },
  },
  'a day whose cap is spent': { buyer: 'capped', max_price: 40n, constraints: { regions: ['se'] } },
  'a node that meters its module otherwise': { buyer: 'dev', max_price: 90n, constraints: { regions: ['fi'] } },
  'a market without offers': { buyer: 'dev', max_price: 90n, slot_class: 'large', constraints: {} },
};

/** Less than one task of theirs may cost. */
const DAY_CAP = 30n;
const jobs = new Map<string, string>();
let module_hash: string;
async function place(name: string, wish: Wish): Promise<string> {
  const {
    constraints,
    slots = 1,
    min_slots = 1,
    slot_class = 'micro',
    workload_class = 'general',
    max_price,
    buyer,
    budget = 100_000n,
  } = wish;
  const { id } = await placed(person(buyer), module_hash, {
    slots,
    min_slots,
    slot_class,
    workload_class,
    max_price_micro: String(max_price),
    budget_micro: String(budget),
    constraints: { ...constraints, ...(constraints.not_nodes && { not_nodes: constraints.not_nodes.map(nodeId) }) },
    inputs: Array.from({ length: 6 }, (_, i) => inline(String(i))),
  });
  jobs.set(name, id);
  return id;
}

beforeAll(async () => {
  broker = await startBroker();
  for (const name of ['dev', 'blocked', 'capped']) people[name] = await broker.person({ name });
  for (const name of ['anna', 'bruno', 'clara', 'dora']) people[name] = await broker.person({ name, funds_micro: 0n });
  module_hash = await echoModule(broker, person('dev'));
  for (const name of ['blocked', 'capped']) await echoModule(broker, person(name));
  await person('bruno').heap.setRules({ denyBuyers: [person('blocked').person_id] });
  await person('clara').heap.setRules({ allowBuyers: [person('blocked').person_id] });
  for (const [name, { owner, region, slots, price_micro, slot_class = 'micro' }] of Object.entries(DEVICES)) {
    const node = await FakeNode.enrol(broker, person(owner));
    nodes[name] = node;
    await person(owner).heap.setOffer(node.node_id, { region });
    const session = await node.online({ script: () => null, slots, slot_class, price_micro });
    sessions.push(session);
    if (name === 'older') giveBack(session);
  }
  while ((await facts()).length < Object.keys(DEVICES).length) await sleep(20);
  await broker.sql('CREATE TABLE told (job_id uuid, code text, sentence text)');
  await broker.sql(`CREATE FUNCTION write_told() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
    BEGIN INSERT INTO told VALUES (NEW.id, NEW.reason_code, NEW.reason_sentence); RETURN NEW; END $$`);
  await broker.sql('CREATE TRIGGER told AFTER UPDATE OF reason_code ON job FOR EACH ROW EXECUTE FUNCTION write_told()');
  const holder = await place('holder', HOLDER);
  while ((await person('dev').heap.job(holder).get()).reason.code !== 'running') await sleep(20);
  for (const [name, wish] of Object.entries(WISHES)) await place(name, wish);
  await person('capped').heap.setLimits({ dayCap: DAY_CAP });
});
afterAll(async () => {
  for (const session of sessions) session.send('bye', { code: 'test_over' });
  await Promise.all(sessions.map((session) => session.closed));
  await broker?.close();
});

/** A device whose agent is older than the heap: it meters every module into something else, and gives every lease back. */
const given_back: string[] = [];
function giveBack(session: FakeSession): void {
  const lease = session.next('lease').catch(() => undefined);
  void lease.then((granted) => {
    if (!granted) return;
    const { terms } = granted;
    given_back.push(terms.job_id);
    const reason = { code: 'metered_hash_mismatch', sentence: 'Metered the module into other bytes than the heap names.' };
    session.send('yield', { lease_id: terms.lease_id, epoch: terms.epoch, notice_ms: 0, reason });
  });
}

/** What people see of the devices: their owners' offers and rules. */
async function facts(): Promise<(Offer & { name: string })[]> {
  const all: (Offer & { name: string })[] = [];
  for (const owner of new Set(Object.values(DEVICES).map((device) => device.owner))) {
    const { heap, person_id } = person(owner);
    const [rules, offers, devices] = await Promise.all([heap.rules(), heap.offers(), heap.nodes()]);
    for (const offer of offers) {
      const device = devices.find(({ id }) => id === offer.node_id);
      if (!device || !offer.available) continue;
      all.push({
        id: offer.node_id,
        name: Object.entries(nodes).find(([, { node_id }]) => node_id === offer.node_id)?.[0] ?? '',
        owner: person_id,
        market: offer.slot_class,
        slots: offer.free,
        reserve_price: offer.reserve_price_micro,
        attributes: { region: offer.region ?? '', kind: device.kind, speed: device.speed_fuel_per_ms, labels: offer.labels, trust: 0 },
        rules: {
          workload_classes: rules.workload_classes,
          deny_buyers: rules.deny_buyers,
          ...(rules.allow_buyers && { allow_buyers: rules.allow_buyers }),
        },
        arrival: 0,
      });
    }
  }
  return all;
}

const orderOf = (name: string, wish: Wish): Order => {
  const { not_nodes, ...rest } = wish.constraints;
  const constraints: Constraints = { ...rest, ...(not_nodes && { not_nodes: not_nodes.map(nodeId) }) };
  const { slots = 1, min_slots = 1, slot_class = 'micro', workload_class = 'general' } = wish;
  const quantity = slots;
  return {
    id: name,
    buyer: person(wish.buyer).person_id,
    market: slot_class,
    quantity,
    min_quantity: min_slots,
    max_price: wish.max_price,
    workload_class,
    constraints,
    arrival: 0,
  };
};

/** Why the order waits, and a figure that a reader must find in the sentence. */
function trueReason(order: Order, wish: Wish, offers: readonly Offer[]): { code: string; figure: string } {
  if (wish.buyer === 'capped') return { code: 'day_cap', figure: formatMajor(DAY_CAP) };
  const lasts = (wish.budget ?? 100_000n) / taskCost(wish.max_price);
  if (lasts < BigInt(wish.min_slots ?? 1)) return { code: 'budget_exhausted', figure: `the budget lasts for ${lasts}` };
  if (given_back.includes(jobs.get(order.id) ?? '')) return { code: 'meter_differs', figure: '1 node' };
  const admitted = offers.filter((offer) => (worth(order, offer, 1n) ?? -1n) >= offer.reserve_price);
  const free = admitted.reduce((sum, offer) => sum + offer.slots, 0);
  const { min_quantity = 1 } = order;
  if (free > 0 && free < min_quantity) return { code: 'below_minimum_quantity', figure: `${free} slots` };
  const nothing = { assignments: [], prices: [], unmatched_orders: [], unmatched_offers: [] };
  const cause = causeOf(order, { offers: [...offers], orders: [order], tick: 1n } as never, nothing);
  switch (cause.code) {
    case 'price':
      return { code: 'price_too_low', figure: `too low by ${formatMajor(cause.bid - order.max_price)}` };
    case 'all_leased':
    case 'denied_by_owner':
    case 'buyer_blocked':
    case 'excluded_by_order':
      return { code: cause.code, figure: cause.nodes === 1 ? 'one node' : `${cause.nodes} nodes` };
    case 'no_node_satisfies':
      return {
        code: cause.code,
        figure:
          cause.nodes_without_it > 0 ? `without it ${cause.nodes_without_it === 1 ? 'one node' : `${cause.nodes_without_it} nodes`}` : '',
      };
    default:
      return { code: cause.code, figure: '' };
  }
}

test('every order that waits shows its true cause, with its figures', async () => {
  const all = await facts();
  for (const [name, wish] of Object.entries(WISHES)) {
    const order = orderOf(name, wish);
    const expected = trueReason(
      order,
      wish,
      all.filter((offer) => offer.market === order.market),
    );
    const shown = async () =>
      (
        await person(wish.buyer)
          .heap.job(jobs.get(name) ?? '')
          .get()
      ).reason;
    for (let i = 0; i < 1_500 && (await shown()).code !== expected.code; i++) await sleep(20);
    const { code, sentence } = await shown();
    expect({ name, code }).toEqual({ name, code: expected.code });
    expect(sentence).toContain(expected.figure);
  }
  // The scenario holds what it is meant to hold.
  const codes = Object.entries(WISHES).map(([name, wish]) => {
    const order = orderOf(name, wish);
    return trueReason(
      order,
      wish,
      all.filter((offer) => offer.market === order.market),
    ).code;
  });
  expect([...new Set(codes)].sort()).toEqual([
    'all_leased',
    'below_minimum_quantity',
    'budget_exhausted',
    'buyer_blocked',
    'day_cap',
    'denied_by_owner',
    'excluded_by_order',
    'meter_differs',
    'no_node_satisfies',
    'no_supply',
    'price_too_low',
  ]);
});

/** Each waits for the one slot of a device that comes later, and that another order gets. */
const LATE: Record<string, { device: Device; winner: Wish; loser: Wish }> = {
  outbid: {
    device: { owner: 'dora', region: 'nl', slots: 1, price_micro: 50n, slot_class: 'small' },
    winner: { buyer: 'blocked', max_price: 95n, slot_class: 'small', constraints: { regions: ['nl'] } },
    loser: { buyer: 'dev', max_price: 90n, slot_class: 'small', constraints: { regions: ['nl'] } },
  },
  used_by_owner: {
    device: { owner: 'dora', region: 'lu', slots: 1, price_micro: 50n, slot_class: 'small' },
    winner: { buyer: 'dora', max_price: 60n, slot_class: 'small', constraints: { regions: ['lu'] } },
    loser: { buyer: 'dev', max_price: 90n, slot_class: 'small', constraints: { regions: ['lu'] } },
  },
};

test.each(Object.keys(LATE))('who loses the only slot is told in that round why: %s', async (code) => {
  const { device, winner, loser } = LATE[code] as (typeof LATE)[string];
  const ids: Record<string, string> = {};
  if (winner.buyer === 'dora') {
    await person('dora').heap.deposit(1_000_000n);
    await echoModule(broker, person('dora'));
  }
  for (const [name, wish] of Object.entries({ winner, loser })) ids[name] = await place(`${name} of ${code}`, wish);
  const waits = async (name: 'winner' | 'loser') => (await broker.sql('SELECT 1 FROM told WHERE job_id = $1', [ids[name]])).length > 0;
  while (!(await waits('winner')) || !(await waits('loser'))) await sleep(20);
  const node = await FakeNode.enrol(broker, person(device.owner));
  await person(device.owner).heap.setOffer(node.node_id, { region: device.region });
  const offer = { script: () => null, slots: device.slots, slot_class: 'small' as const, price_micro: device.price_micro };
  sessions.push(await node.online(offer));
  const told = () =>
    broker.sql<{ code: string; sentence: string }>('SELECT code, sentence FROM told WHERE job_id = $1 AND code = $2', [ids.loser, code]);
  while ((await told()).length === 0) await sleep(20);
  const { sentence } = (await told())[0] as { sentence: string };
  // What would have won: a tick more than the winner, who came first, bids. A slot that its owner uses is not to be had for any price.
  expect(sentence).toContain(
    code === 'outbid' ? `raise it by ${formatMajor(winner.max_price + 1n - loser.max_price)}` : 'works for their own owner',
  );
  const [lease] = await broker.sql<{ job_id: string }>("SELECT job_id FROM lease WHERE node_id = $1 AND state <> 'ENDED'", [node.node_id]);
  expect(lease?.job_id).toBe(ids.winner);
});

/** Why the slot is idle, by trying it with every order that waits. */
function trueIdleness(offer: Offer & { name: string }, orders: readonly Order[]): string {
  if (offer.name === 'older') return 'meter_differs_here';
  if (orders.length === 0) return 'no_demand';
  const without = ({ not_nodes: _, not_owners: __, ...rest }: Constraints): Constraints => rest;
  const suits = orders.filter((order) => meets(offer, without(order.constraints ?? {})));
  if (suits.length === 0) return 'no_order_fits';
  const wanting = suits.filter((order) => meets(offer, order.constraints ?? {}));
  if (wanting.length === 0) return 'excluded_by_order';
  const admitted = wanting.filter((order) => worth(order, offer, 1n) !== undefined);
  if (admitted.length === 0) return 'denied_by_owner';
  return admitted.some((order) => order.max_price >= offer.reserve_price) ? 'needs_more_slots' : 'reserve_too_high';
}

test('every slot that is idle shows its true cause', async () => {
  const all = await facts();
  const waiting = Object.entries(WISHES).map(([name, wish]) => orderOf(name, wish));
  const expected = Object.fromEntries(
    all
      .filter((offer) => offer.slots > 0)
      .map((offer) => [
        offer.name,
        trueIdleness(
          offer,
          waiting.filter((order) => order.market === offer.market),
        ),
      ]),
  );
  const shown: Record<string, string> = {};
  for (const owner of new Set(Object.values(DEVICES).map((device) => device.owner)))
    for (const { node_id, slots, reason } of await person(owner).heap.idle()) {
      const [name, device] = Object.entries(DEVICES).find(([one]) => nodeId(one) === node_id) ?? [];
      expect(slots).toBe(device?.slots);
      expect(reason.sentence).toMatch(/^[A-Z0-9].*\.$/);
      shown[name ?? node_id] = reason.code;
    }
  expect(shown).toEqual(expected);
  expect(expected).toEqual({
    dear: 'reserve_too_high',
    strict: 'denied_by_owner',
    closed: 'denied_by_owner',
    refused: 'excluded_by_order',
    small: 'needs_more_slots',
    remote: 'no_order_fits',
    older: 'meter_differs_here',
    alone: 'no_demand',
  });
});

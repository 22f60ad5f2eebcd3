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
 * become "leased" with the next and are compared in libs/auction; a job that has some of its slots says that it runs.
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
  alone: { owner: 'dora', region: 'de', slots: 3, price_micro: 50n, slot_class: 'nano' },
};

interface Wish {
  buyer: string;
  max_price: bigint;
  slots?: number;
  min_slots?: number;
  slot_class?: SlotClass;
  workload_class?: string;
  constraints: { regions?: string[]; not_nodes?: string[]; min_trust?: number; labels?: string[] };
}
const HOLDER: Wish = { buyer: 'dev', max_price: 90n, constraints: { regions: ['de'] } };
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
  'a market without offers': { buyer: 'dev', max_price: 90n, slot_class: 'large', constraints: {} },
};

const jobs = new Map<string, string>();
let module_hash: string;
async function place(name: string, wish: Wish): Promise<string> {
  const { constraints, slots = 1, min_slots = 1, slot_class = 'micro', workload_class = 'general', max_price, buyer } = wish;
  const { id } = await placed(person(buyer), module_hash, {
    slots,
    min_slots,
    slot_class,
    workload_class,
    max_price_micro: String(max_price),
    constraints: { ...constraints, ...(constraints.not_nodes && { not_nodes: constraints.not_nodes.map(nodeId) }) },
    inputs: Array.from({ length: 6 }, (_, i) => inline(String(i))),
  });
  jobs.set(name, id);
  return id;
}

beforeAll(async () => {
  broker = await startBroker();
  for (const name of ['dev', 'blocked']) people[name] = await broker.person({ name });
  for (const name of ['anna', 'bruno', 'clara', 'dora']) people[name] = await broker.person({ name, funds_micro: 0n });
  module_hash = await echoModule(broker, person('dev'));
  await echoModule(broker, person('blocked'));
  await person('bruno').heap.setRules({ denyBuyers: [person('blocked').person_id] });
  await person('clara').heap.setRules({ allowBuyers: [person('blocked').person_id] });
  for (const [name, { owner, region, slots, price_micro, slot_class = 'micro' }] of Object.entries(DEVICES)) {
    const node = await FakeNode.enrol(broker, person(owner));
    nodes[name] = node;
    await person(owner).heap.setOffer(node.node_id, { region });
    sessions.push(await node.online({ script: () => null, slots, slot_class, price_micro }));
  }
  while ((await facts()).length < Object.keys(DEVICES).length) await sleep(20);
  const holder = await place('holder', HOLDER);
  while ((await person('dev').heap.job(holder).get()).reason.code !== 'running') await sleep(20);
  for (const [name, wish] of Object.entries(WISHES)) await place(name, wish);
});
afterAll(async () => {
  for (const session of sessions) session.send('bye', { code: 'test_over' });
  await Promise.all(sessions.map((session) => session.closed));
  await broker?.close();
});

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
function trueReason(order: Order, offers: readonly Offer[]): { code: string; figure: string } {
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
      all.filter((offer) => offer.market === order.market),
    ).code;
  });
  expect([...new Set(codes)].sort()).toEqual([
    'all_leased',
    'below_minimum_quantity',
    'buyer_blocked',
    'denied_by_owner',
    'excluded_by_order',
    'no_node_satisfies',
    'no_supply',
    'price_too_low',
  ]);
});

/** Why the slot is idle, by trying it with every order that waits. */
function trueIdleness(offer: Offer, orders: readonly Order[]): string {
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
    alone: 'no_demand',
  });
});

import { cpus } from 'node:os';
import { OrderBook, Side } from 'nodejs-order-book';
import { clear, type Offer, OfferIndex, type Order } from '#auction';
import { NODE_KINDS } from '#units';

/**
 * `npm run bench:auction -- --json [--runs=7]`
 *
 * Three rounds: 100,000 offers in 200 grades × 10,000 constrained orders; the same offers × 1,000 orders of which four in ten name nodes,
 * two exclude some and four have preferences; and 1,000,000 offers × 100,000 orders without constraints. Orders are of 1 to 4 slots. Times are from the call of `clear` to its returned assignments, prices and reasons; offers lie in
 * an index, as a broker keeps them, and orders are plain objects. `*_plain_ms` is the same with the offers as plain objects. Beside it,
 * on the unconstrained round, the same number of limit orders through `nodejs-order-book`, which matches one by one.
 */
const MARKET = 'work.micro';
const REGIONS = ['eu-west', 'eu-north', 'us-east', 'us-west', 'asia'];
const KINDS = NODE_KINDS.slice(0, 5);
const SPEEDS = [100, 200, 400, 800];
const PEER_OFFERS = 200_000;
/** Rounds that are not counted: a broker's code is compiled long before. */
const WARM_UP = 5;

const option = (name: string, otherwise: number) =>
  Number(process.argv.find((argument) => argument.startsWith(`--${name}=`))?.split('=')[1] ?? otherwise);
const runs = option('runs', 7);

/** Mulberry32: small, seeded, the same on every machine. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const random = seeded(20_090_101);
const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)] as T;
const several = <T>(values: readonly T[]): T[] => {
  const chosen = values.filter(() => random() < 0.4);
  return chosen.length > 0 ? chosen : [pick(values)];
};

function makeOffers(count: number): Offer[] {
  return Array.from({ length: count }, (_, i) => ({
    id: `node-${i}`,
    owner: `owner-${i % 5_000}`,
    market: MARKET,
    slots: 1 + Math.floor(random() * 2),
    reserve_price: BigInt(100 + Math.floor(random() * 10_000)),
    arrival: i,
    attributes: { region: pick(REGIONS), kind: pick(KINDS), speed: pick(SPEEDS), labels: random() < 0.5 ? ['gpu'] : [], trust: 0 },
  }));
}

function makeOrders(count: number, constrained: boolean): Order[] {
  return Array.from({ length: count }, (_, i) => ({
    id: `job-${i}`,
    buyer: `buyer-${i % 300}`,
    market: MARKET,
    quantity: 1 + Math.floor(random() * 4),
    max_price: BigInt(100 + Math.floor(random() * 10_000)),
    arrival: i,
    ...(constrained
      ? {
          constraints: {
            ...(random() < 0.7 ? { regions: several(REGIONS) } : {}),
            ...(random() < 0.6 ? { kinds: several(KINDS) } : {}),
            ...(random() < 0.5 ? { min_speed: pick(SPEEDS) } : {}),
            ...(random() < 0.3 ? { labels: ['gpu'] } : {}),
          },
        }
      : {}),
  }));
}

/** Orders that name nodes, exclude nodes, or prefer regions and nodes. */
function makePickyOrders(count: number, nodes: number): Order[] {
  const someNodes = (most: number) => Array.from({ length: 1 + Math.floor(random() * most) }, () => `node-${Math.floor(random() * nodes)}`);
  return makeOrders(count, false).map((order): Order => {
    const kind = random();
    if (kind < 0.4) return { ...order, constraints: { nodes: someNodes(5) } };
    if (kind < 0.6) return { ...order, constraints: { not_nodes: someNodes(3), ...(random() < 0.5 ? { regions: several(REGIONS) } : {}) } };
    return {
      ...order,
      constraints: random() < 0.5 ? { kinds: several(KINDS) } : {},
      preferences: [
        { prefer: { regions: several(REGIONS) }, weight: BigInt(Math.floor(random() * 1_000)) },
        ...(random() < 0.5 ? [{ prefer: { nodes: someNodes(3) }, weight: BigInt(Math.floor(random() * 2_000)) }] : []),
      ],
    };
  });
}

interface Timing {
  readonly median_ms: number;
  readonly least_ms: number;
  readonly most_ms: number;
  /** Processor time of this process, all threads, in the median and at least: what the wall time would be on a machine with nothing else to do, at most. */
  readonly cpu_ms: number;
  readonly cpu_least_ms: number;
}

function time(work: () => unknown): Timing {
  const wall: number[] = [];
  const cpu: number[] = [];
  for (let run = -WARM_UP; run < runs; run++) {
    const before = process.cpuUsage();
    const start = performance.now();
    work();
    const took = performance.now() - start;
    const used = process.cpuUsage(before);
    if (run < 0) continue;
    wall.push(took);
    cpu.push((used.user + used.system) / 1_000);
  }
  return {
    median_ms: median(wall),
    least_ms: Math.min(...wall),
    most_ms: Math.max(...wall),
    cpu_ms: median(cpu),
    cpu_least_ms: Math.min(...cpu),
  };
}

function median(values: number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] as number;
}

/** Through the peer: resting sell orders, then the bids; it has neither constraints nor a uniform price. */
function peerRound(offers: readonly Offer[], orders: readonly Order[]): number {
  const book = new OrderBook();
  const start = performance.now();
  for (const { id, slots, reserve_price } of offers) book.limit({ id, side: Side.SELL, size: slots, price: Number(reserve_price) });
  for (const { id, quantity, max_price } of orders) book.limit({ id, side: Side.BUY, size: quantity, price: Number(max_price) });
  return performance.now() - start;
}

// The small round comes first, so that the collector of garbage does not walk the large one's offers meanwhile.
const small = { offers: makeOffers(100_000), orders: makeOrders(10_000, true) };
const smallIndex = new OfferIndex(small.offers);
const round = clear({ offers: smallIndex, orders: small.orders });
const constrained = time(() => clear({ offers: smallIndex, orders: small.orders }));
const constrainedPlain = time(() => clear(small));
const picky = makePickyOrders(1_000, small.offers.length);
const pickyRound = clear({ offers: smallIndex, orders: picky });
const preferring = time(() => clear({ offers: smallIndex, orders: picky }));

const large = { offers: makeOffers(1_000_000), orders: makeOrders(100_000, false) };
const largeIndex = new OfferIndex(large.offers);
const wide = clear({ offers: largeIndex, orders: large.orders });
const unconstrained = time(() => clear({ offers: largeIndex, orders: large.orders }));
const unconstrainedPlain = time(() => clear(large));

// The peer takes seconds for the whole: a fifth of both sides gives its rate, and the rate is what is compared.
const peerOffers = large.offers.slice(0, PEER_OFFERS);
const peerOrders = large.orders.slice(0, PEER_OFFERS / 10);
const peer_ms = median([1, 2, 3].map(() => peerRound(peerOffers, peerOrders)));

const orders_per_s = (large.offers.length + large.orders.length) / (unconstrained.median_ms / 1_000);
const peer_per_s = (peerOffers.length + peerOrders.length) / (peer_ms / 1_000);
const report = {
  bench: 'auction',
  date: new Date().toISOString(),
  machine: { cpus: cpus().length, node: process.version, postgres: null },
  config: {
    runs,
    constrained: {
      offers: small.offers.length,
      grades: round.prices.length,
      orders: small.orders.length,
      assignments: round.assignments.length,
    },
    picky: { grades: pickyRound.prices.length, orders: picky.length, assignments: pickyRound.assignments.length },
    unconstrained: { offers: large.offers.length, orders: large.orders.length, assignments: wide.assignments.length },
  },
  ours: {
    constrained_ms: rounded(constrained.median_ms),
    constrained_cpu_ms: rounded(constrained.cpu_ms),
    unconstrained_ms: rounded(unconstrained.median_ms),
    unconstrained_cpu_ms: rounded(unconstrained.cpu_ms),
    picky_ms: rounded(preferring.median_ms),
    orders_per_s: Math.round(orders_per_s),
    constrained_plain_ms: rounded(constrainedPlain.median_ms),
    unconstrained_plain_ms: rounded(unconstrainedPlain.median_ms),
    spread: { constrained: shown(constrained), picky: shown(preferring), unconstrained: shown(unconstrained) },
  },
  peer: { name: 'nodejs-order-book', orders: peerOffers.length + peerOrders.length, orders_per_s: Math.round(peer_per_s) },
  ratio: rounded(orders_per_s / peer_per_s),
};

function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}

function shown({ least_ms, most_ms, cpu_ms, cpu_least_ms }: Timing) {
  return { least_ms: rounded(least_ms), most_ms: rounded(most_ms), cpu_ms: rounded(cpu_ms), cpu_least_ms: rounded(cpu_least_ms) };
}

if (process.argv.includes('--json')) console.log(JSON.stringify(report));
else console.log(JSON.stringify(report, null, 2));

import { type Candle, candles, type RoundOutcome } from '../candles.js';
import { clear } from '../clear.js';
import type { Offer, Order } from '../types.js';
import { seeded } from './seeded.js';

export const ROUND_MS = 250;
export const CANDLE_MS = 10 * ROUND_MS;
const TERM_ROUNDS = 8;
const PATIENCE_ROUNDS = 20;
const MARKET = 'work.micro';

interface Lease {
  readonly node: number;
  readonly until: number;
}

/** A small market that lives: orders arrive by chance, hold what they win for a term and leave; what they are worth drifts. */
export class MarketSimulator {
  readonly rounds: RoundOutcome[] = [];
  round = 0;
  readonly random: () => number;
  readonly #nodes: Offer[];
  #leases: Lease[] = [];
  #waiting: (Order & { readonly since: number })[] = [];
  #mood = 0;

  constructor(seed: number, nodes = 24) {
    this.random = seeded(seed);
    this.#nodes = Array.from({ length: nodes }, (_, i) => ({
      id: `n${i}`,
      owner: `owner${i}`,
      market: MARKET,
      slots: 1 + (i % 2),
      reserve_price: BigInt(4_000 + Math.floor(this.random() * 6_000)),
      attributes: { region: i % 3 === 0 ? 'us' : 'eu', kind: 'phone', speed: 100, labels: [], trust: 0 },
      arrival: i,
    }));
  }

  get orders(): readonly Order[] {
    return this.#waiting;
  }

  get offers(): Offer[] {
    return this.#nodes.map((node, i) => {
      const leases = this.#leases.filter((lease) => lease.node === i);
      const until = Math.min(...leases.map((lease) => lease.until));
      return { ...node, slots: node.slots - leases.length, ...(leases.length > 0 ? { leased_until_ms: until * ROUND_MS } : {}) };
    });
  }

  /** The last 60 candles that are complete. */
  get candles(): Candle[] {
    const now_ms = this.round * ROUND_MS;
    const recent = this.rounds.filter(({ cleared_at_ms }) => cleared_at_ms >= now_ms - 61 * CANDLE_MS);
    return candles(recent, CANDLE_MS).filter(({ from_ms }) => from_ms + CANDLE_MS <= now_ms);
  }

  place(order: Order): void {
    this.#waiting.push({ ...order, since: this.round });
  }

  /** One round; returns what each order won that got slots. */
  step(): Map<string, { slots: number; price: bigint }> {
    this.#leases = this.#leases.filter(({ until }) => until > this.round);
    this.#mood = 0.97 * this.#mood + 400 * (this.random() + this.random() - 1);
    for (let n = Math.floor(this.random() * 5); n > 0; n--) this.place(this.order(`j${this.round}.${n}`));
    const { assignments } = clear({ offers: this.offers, orders: this.#waiting });
    const won = new Map<string, { slots: number; price: bigint }>();
    for (const { order_id, offer_id, slots, price } of assignments) {
      won.set(order_id, { slots: (won.get(order_id)?.slots ?? 0) + slots, price });
      const node = this.#nodes.findIndex(({ id }) => id === offer_id);
      for (let s = 0; s < slots; s++) this.#leases.push({ node, until: this.round + TERM_ROUNDS });
    }
    const fill_ms = this.#waiting.filter(({ id }) => won.has(id)).map(({ since }) => (this.round - since) * ROUND_MS);
    this.rounds.push({ market: MARKET, cleared_at_ms: this.round * ROUND_MS, assignments, fill_ms });
    this.round++;
    this.#waiting = this.#waiting.filter(
      ({ id, since }) => !won.has(id) && (this.round - since < PATIENCE_ROUNDS || id.startsWith('probe')),
    );
    return won;
  }

  order(id: string): Order {
    const worth = 9_000 + this.#mood + 4_000 * (this.random() - 0.5);
    return {
      id,
      buyer: id,
      market: MARKET,
      quantity: 1 + Math.floor(this.random() * 3),
      max_price: BigInt(Math.max(1, Math.floor(worth))),
      arrival: this.round,
      ...(this.random() < 0.3 ? { constraints: { regions: ['eu'] } } : {}),
    };
  }
}

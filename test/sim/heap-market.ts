import { type Candle, type Clearing, candles, clear, OfferIndex, type Order, type RoundOutcome } from '#auction';
import { FUEL_PER_PRICE_UNIT } from '#units';
import { seeded } from '../../libs/auction/src/testing/seeded.js';
import { DEVELOPER_KINDS, type DeveloperKind, HABITS, makeWish, meanWork, type Wish } from './developers.js';
import { type Device, MARKET, makeDevices, staysOrComes } from './owners.js';
import { poisson, quantile } from './statistics.js';
import { welfareOf } from './welfare.js';

export const ROUND_MS = 60_000;
export const TERM_ROUNDS = 5;
export const CANDLE_MS = 10 * ROUND_MS;
/** Work asked for, as a share of what the devices that are there can do; in the rush as much again. */
const LOAD = 0.8;

export interface Settings {
  readonly nodes: number;
  readonly seed: number;
  readonly rounds: number;
  /** When many more developers come, in rounds. */
  readonly rush: { readonly from: number; readonly to: number };
  /** Where an offer stands among equal ones: as it enrolled (what the broker does), or behind the others each time it is free again. */
  readonly queue: 'enrolled' | 'returned';
  /** Welfare is compared with the most possible every so many rounds. */
  readonly welfare_every: number;
}

interface Lease {
  readonly device: Device;
  readonly wish: Wish;
  readonly price: number;
  readonly until: number;
}

export interface Minute {
  readonly price: number | null;
  readonly low: number | null;
  readonly high: number | null;
  readonly online: number;
  readonly leased: number;
}

/** A heap of many owners who come and go and developers of several kinds; `libs/auction` decides everything that a market decides. */
export class HeapMarket {
  readonly devices: Device[];
  readonly minutes: Minute[] = [];
  readonly done: Wish[] = [];
  readonly given_up: Wish[] = [];
  readonly welfare = { gained: 0, most: 0, rounds: 0, rounds_proved_optimal: 0 };
  readonly clear_ms: number[] = [];
  readonly random: () => number;
  readonly median_reserve: number;
  /** Leases that nodes which left broke off. */
  broken_off = 0;
  round = 0;
  #wishes: Wish[] = [];
  #leases: Lease[] = [];
  readonly #outcomes: RoundOutcome[] = [];
  readonly #index = new OfferIndex();
  #returns: number;
  #capacity: number;
  /** Per device its trait by number; per trait the devices that are there, and those of them that are leased. */
  readonly #traits: Int32Array;
  readonly #there: Float64Array;
  readonly #leased: Float64Array;

  constructor(readonly settings: Settings) {
    this.random = seeded(settings.seed);
    this.devices = makeDevices(settings.nodes, this.random);
    this.median_reserve =
      quantile(
        this.devices.map(({ offer }) => Number(offer.reserve_price)),
        0.5,
      ) ?? 1;
    this.#returns = settings.nodes;
    this.#capacity = this.devices.filter(({ online }) => online).length;
    const names = [...new Set(this.devices.map(({ trait }) => trait))];
    const numbers = new Map(names.map((name, number) => [name, number]));
    this.#traits = Int32Array.from(this.devices, ({ trait }) => numbers.get(trait) as number);
    this.#there = new Float64Array(names.length);
    this.#leased = new Float64Array(names.length);
    for (const device of this.devices) if (device.online) this.#index.put(device.offer);
  }

  get offers() {
    return this.#index.offers;
  }

  /** What the orders bid for now, without those that hold all they want. */
  get orders(): Order[] {
    return this.#wishes.flatMap((wish) => this.#bid(wish) ?? []);
  }

  /** The last candles that are complete. */
  candles(count: number): Candle[] {
    const now_ms = this.round * ROUND_MS;
    const recent = this.#outcomes.filter(({ cleared_at_ms }) => cleared_at_ms >= now_ms - (count + 1) * CANDLE_MS);
    return candles(recent, CANDLE_MS).filter(({ from_ms }) => from_ms + CANDLE_MS <= now_ms);
  }

  place(wish: Wish): void {
    this.#wishes.push(wish);
  }

  get rushing(): boolean {
    return this.round >= this.settings.rush.from && this.round < this.settings.rush.to;
  }

  /** One minute: devices come and go, terms end, developers come, the market clears, work is done and paid. */
  step(): void {
    this.#moveOwners();
    this.#endTerms();
    this.#bringDevelopers();
    const orders = this.orders;
    const began = performance.now();
    const clearing = clear({ offers: this.#index, orders });
    this.clear_ms.push(performance.now() - began);
    if (this.round % this.settings.welfare_every === 0) this.#weigh(clearing, orders);
    this.#grant(clearing);
    this.#work();
    this.#countDue();
    this.round++;
  }

  #moveOwners(): void {
    for (const device of this.devices) {
      const online = staysOrComes(device, this.round, this.random);
      if (online !== device.online) {
        device.online = online;
        if (online) this.#offer(device);
        else this.#index.remove(device.offer.id);
      }
      if (online) device.minutes_online++;
    }
    this.#capacity = this.#index.offers.length;
  }

  /** Terms that are over come up for sale, with their holders as incumbents; work on a node that left is requeued. */
  #endTerms(): void {
    for (const wish of this.#wishes) wish.incumbents = [];
    this.#leases = this.#leases.filter(({ device, wish, until }) => {
      const over = until <= this.round || wish.left <= 0;
      if (device.online && !over) return true;
      device.leased = 0;
      wish.held--;
      if (!device.online) this.broken_off++;
      else {
        if (wish.left > 0) wish.incumbents.push(device.offer.id);
        this.#offer(device);
      }
      return false;
    });
    this.#wishes = this.#wishes.filter((wish) => {
      const over = wish.left <= 0;
      const gone = wish.filled === null && this.round - wish.placed >= wish.patience_minutes;
      if (over) this.done.push(wish);
      else if (gone) this.given_up.push(wish);
      return !over && !gone;
    });
  }

  #offer(device: Device): void {
    const arrival = this.settings.queue === 'returned' ? this.#returns++ : device.offer.arrival;
    this.#index.put({ ...device.offer, arrival });
  }

  #bringDevelopers(): void {
    for (const kind of DEVELOPER_KINDS) {
      const share = kind === 'rush' ? (this.rushing ? 1 : 0) : HABITS[kind].share;
      const count = poisson(this.random, (LOAD * share * this.#capacity) / meanWork(kind));
      for (let n = 0; n < count; n++) this.place(this.wish(`j${this.round}.${kind}.${n}`, kind));
    }
  }

  wish(id: string, kind: DeveloperKind): Wish {
    return makeWish(id, kind, this.round, this.median_reserve, this.random);
  }

  /** What it lacks and has work for. */
  #bid(wish: Wish): Order | undefined {
    const lacking = Math.min(wish.order.quantity - wish.held, Math.ceil(wish.left / TERM_ROUNDS));
    if (lacking <= 0) return undefined;
    return { ...wish.order, quantity: lacking, ...(wish.incumbents.length > 0 && { incumbents: wish.incumbents }) };
  }

  #weigh(clearing: Clearing, orders: readonly Order[]): void {
    const { gained, most } = welfareOf(
      clearing,
      orders,
      this.devices.filter((device) => device.online && device.leased === 0),
    );
    this.welfare.gained += gained;
    this.welfare.most += most;
    this.welfare.rounds++;
    if (gained === most) this.welfare.rounds_proved_optimal++;
  }

  #grant({ assignments }: Clearing): void {
    const wishes = new Map(this.#wishes.map((wish) => [wish.order.id, wish]));
    const fill_ms: number[] = [];
    let [paid, sold, low, high] = [0, 0, Infinity, 0];
    for (const { order_id, offer_id, price } of assignments) {
      const wish = wishes.get(order_id) as Wish;
      const device = this.devices[Number(offer_id.slice(1))] as Device;
      if (wish.filled === null) {
        wish.filled = this.round;
        wish.first_price = price;
        fill_ms.push((this.round - wish.placed) * ROUND_MS);
      }
      wish.held++;
      device.leased = 1;
      const micro = Number(price);
      this.#leases.push({ device, wish, price: micro, until: this.round + TERM_ROUNDS });
      this.#index.put({ ...device.offer, slots: 0, leased_until_ms: (this.round + TERM_ROUNDS) * ROUND_MS });
      [paid, sold, low, high] = [paid + micro, sold + 1, Math.min(low, micro), Math.max(high, micro)];
    }
    const some = sold > 0;
    this.minutes.push({
      ...{ price: some ? paid / sold : null, low: some ? low : null, high: some ? high : null },
      ...{ online: this.#capacity, leased: this.#leases.length },
    });
    this.#outcomes.push({ market: MARKET, cleared_at_ms: this.round * ROUND_MS, assignments, fill_ms });
  }

  #countDue(): void {
    const { there, leased } = { there: this.#there.fill(0), leased: this.#leased.fill(0) };
    this.devices.forEach((device, i) => {
      if (!device.online) return;
      const trait = this.#traits[i] as number;
      there[trait] = (there[trait] as number) + 1;
      leased[trait] = (leased[trait] as number) + device.leased;
    });
    this.devices.forEach((device, i) => {
      const trait = this.#traits[i] as number;
      if (device.online) device.minutes_due += (leased[trait] as number) / (there[trait] as number);
    });
  }

  #work(): void {
    for (const { device, wish, price } of this.#leases) {
      wish.left--;
      device.minutes_leased++;
      device.income_micro += (price * device.offer.attributes.speed * ROUND_MS) / Number(FUEL_PER_PRICE_UNIT);
    }
  }
}

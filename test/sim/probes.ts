import { type Estimate, estimate } from '#auction';
import { FUEL_PER_PRICE_UNIT } from '#units';
import type { DeveloperKind, Wish } from './developers.js';
import { type HeapMarket, ROUND_MS } from './heap-market.js';

const CANDLES = 120;
const FUEL = 10n ** 12n;
const RUN_MS = { low: 1_000, high: 30_000 };
/** An order that has had no slot for so long is counted as one that waits longer than that. */
const GIVE_UP_ROUNDS = 360;
const KINDS: readonly DeveloperKind[] = ['interactive', 'batch', 'science'];

interface Probe {
  readonly said: Estimate;
  readonly wish: Wish;
  readonly run_ms: number;
  readonly rushing: boolean;
}

type Count = { inside: number; all: number };
const count = (): Count => ({ inside: 0, all: 0 });

/** How wide what was said is: the price range as a share of the order's maximum; minutes until the first result at most, where that has an end. */
interface Widths {
  readonly price: number[];
  readonly first_result_min: { readonly winning: number[]; readonly waiting: number[] };
}

/** Orders of one slot that are asked about, placed, and held against what was said. */
export class Probes {
  readonly price = count();
  readonly cost = count();
  readonly first_result = count();
  /** How often the range was narrower than the order's own limits: a price range below its maximum, a time with an end. */
  readonly bounded = { price: count(), first_result: count() };
  /** Of orders that get nothing when they are asked about and are told an end all the same: whether it holds for them too. */
  readonly waiting_bounded = count();
  readonly widths: Widths = { price: [], first_result_min: { winning: [], waiting: [] } };
  asked = 0;
  #open: Probe[] = [];

  ask(market: HeapMarket): void {
    const made = market.wish(`probe${this.asked}`, KINDS[this.asked % KINDS.length] as DeveloperKind);
    const wish: Wish = { ...made, order: { ...made.order, quantity: 1 }, left: 1, patience_minutes: GIVE_UP_ROUNDS };
    const said = estimate({
      offers: market.offers,
      orders: market.orders,
      candles: market.candles(CANDLES),
      order: wish.order,
      amount: { low: FUEL, high: FUEL },
      per: FUEL_PER_PRICE_UNIT,
      round_interval_ms: ROUND_MS,
      run_ms: RUN_MS,
    });
    market.place(wish);
    this.asked++;
    this.#open.push({ said, wish, run_ms: RUN_MS.low + market.random() * (RUN_MS.high - RUN_MS.low), rushing: market.rushing });
    const [width, { high }] = [said.price.high - said.price.low, said.first_result_ms];
    this.widths.price.push(Number(width) / Number(wish.order.max_price));
    if (high !== null) this.widths.first_result_min[said.slots_now > 0 ? 'winning' : 'waiting'].push(high / ROUND_MS);
    tell(this.bounded.price, said.price.high - said.price.low < wish.order.max_price);
    tell(this.bounded.first_result, said.first_result_ms.high !== null);
  }

  /** Looks which of them have come true. `last`: none of them goes on. */
  look(market: HeapMarket, last = false): void {
    this.#open = this.#open.filter(({ said, wish, run_ms }) => {
      const { low, high } = said.first_result_ms;
      if (wish.filled === null || wish.first_price === null) {
        const waited_ms = (market.round - wish.placed) * ROUND_MS;
        if (waited_ms > (high ?? Infinity)) {
          this.#result(said, false);
          return false;
        }
        // One that never had a slot was told so if the range has no end; if it has one beyond that, nobody knows.
        const over = waited_ms >= GIVE_UP_ROUNDS * ROUND_MS;
        if (over && high === null) tell(this.first_result, true);
        return !over && !last;
      }
      const took_ms = (wish.filled - wish.placed) * ROUND_MS + run_ms;
      this.#result(said, took_ms >= low && (high === null || took_ms <= high));
      tell(this.price, wish.first_price >= said.price.low && wish.first_price <= said.price.high);
      tell(this.cost, wish.first_price >= said.cost.low && wish.first_price <= said.cost.high);
      return false;
    });
  }

  #result({ slots_now, first_result_ms }: Estimate, inside: boolean): void {
    tell(this.first_result, inside);
    if (slots_now === 0 && first_result_ms.high !== null) tell(this.waiting_bounded, inside);
  }
}

function tell(of: Count, inside: boolean): void {
  of.all++;
  if (inside) of.inside++;
}

import { charge } from '#units';
import { estimate } from '../estimate.js';
import { MarketSimulator, ROUND_MS } from './market-simulator.js';

const AMOUNT = { low: 5_000n, high: 5_000n };
const PER = 1_000n;
const RUN_MS = { low: 100, high: 200 };
const GIVE_UP_ROUNDS = 80;

/**
 * Asks what an order may expect, lets the market go on and the order with it, and counts how often what came true lay in the range
 * that was stated, of how many times: one market for each seed, `probes` orders in each.
 */
export function comeTrue(seeds: readonly number[], probes: number) {
  const counts: Record<'price' | 'cost' | 'first_result' | 'narrower_than_maximum', [number, number]> = {
    price: [0, 0],
    cost: [0, 0],
    first_result: [0, 0],
    narrower_than_maximum: [0, 0],
  };
  const count = (what: keyof typeof counts, inside: boolean) => {
    if (inside) counts[what][0]++;
    counts[what][1]++;
  };
  for (const seed of seeds) {
    const market = new MarketSimulator(seed);
    for (let i = 0; i < 300; i++) market.step();
    for (let probe = 0; probe < probes; probe++) {
      const order = market.order(`probe${probe}`);
      const { offers, orders, candles } = market;
      const said = estimate({ offers, orders, candles, order, amount: AMOUNT, per: PER, run_ms: RUN_MS, round_interval_ms: ROUND_MS });
      market.place(order);
      const placed = market.round;
      let paid: bigint | undefined;
      while (paid === undefined && market.round < placed + GIVE_UP_ROUNDS) paid = market.step().get(order.id)?.price;
      const took_ms = (market.round - placed) * ROUND_MS + RUN_MS.low + market.random() * (RUN_MS.high - RUN_MS.low);
      const { low, high } = said.first_result_ms;
      if (paid === undefined) count('first_result', high === null || high > took_ms);
      else {
        count('first_result', took_ms >= low && (high === null || took_ms <= high));
        count('price', paid >= said.price.low && paid <= said.price.high);
        const cost = charge(AMOUNT.low, paid, PER);
        count('cost', cost >= said.cost.low && cost <= said.cost.high);
      }
      count('narrower_than_maximum', said.price.high - said.price.low < order.max_price && high !== null);
      for (let i = 0; i < 5; i++) market.step();
    }
  }
  return counts;
}

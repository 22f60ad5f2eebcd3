import { strict as assert } from 'node:assert';
import fc from 'fast-check';
import { clear } from '../clear.js';
import type { OfferReason, OrderReason } from '../reasons.js';
import { sentence } from '../reasons.js';
import type { Clearing } from '../types.js';
import { type Claim, claim } from './claim.js';
import { anyRound, type Round } from './rounds.js';
import { type Cause, causeOf, priceOf } from './true-causes.js';

/** Rounds in which some nodes are leased and some budgets end, besides all that a round may have. */
const mixedRound = fc
  .record({
    input: anyRound,
    leases: fc.array(fc.option(fc.nat(9_000)), { minLength: 6, maxLength: 6 }),
    budgets: fc.array(fc.nat(3), { minLength: 5, maxLength: 5 }),
  })
  .map(
    ({ input, leases, budgets }): Round => ({
      tick: input.tick,
      offers: input.offers.map((o, i) => {
        const until = leases[i] ?? null;
        return until === null || until < 4_000 ? o : { ...o, slots: 0, leased_until_ms: until };
      }),
      orders: input.orders.map((o, i) => ({
        ...o,
        incumbents: [],
        budget_slots: Math.min(o.quantity, budgets[i] === 0 ? 0 : (budgets[i] ?? 1) + 1),
      })),
    }),
  );

function checkOrder(reason: OrderReason, cause: Cause, { tick }: Round, max_price: bigint, result: Clearing): void {
  assert.match(sentence(reason), /^[A-Z\d].*\.$/);
  if (cause.code === 'price') {
    assert(['price_too_low', 'outbid'].includes(reason.code));
    if (reason.code !== 'price_too_low' && reason.code !== 'outbid') return;
    const bid = max_price + reason.by;
    // Bids are whole ticks, and a tie may fall either way.
    assert(bid >= cause.bid && bid <= cause.bid + tick);
    if (reason.code === 'price_too_low') assert(result.unmatched_offers.some((u) => u.slots > 0));
    return;
  }
  assert.equal(reason.code, cause.code);
  if (reason.code === 'no_node_satisfies' && cause.code === 'no_node_satisfies') {
    assert.equal(reason.nodes_without_it, cause.nodes_without_it);
    assert.deepEqual(reason.ruled_out.map(({ nodes }) => nodes).sort(), [...cause.ruled_out].sort());
    assert(reason.ruled_out.map(({ constraint }) => constraint).includes(reason.constraint));
  } else assert.deepEqual(reason, cause);
}

function checkOffer(reason: OfferReason, price: bigint | undefined, reserve_price: bigint, orders: number): void {
  assert.match(sentence(reason), /^[A-Z\d].*\.$/);
  if (orders === 0) assert.deepEqual(reason, { code: 'no_demand' });
  else if (price === undefined) assert(['no_order_fits', 'excluded_by_order', 'denied_by_owner', 'no_demand'].includes(reason.code));
  else if (reserve_price > price) assert.deepEqual(reason, { code: 'reserve_too_high', by: reserve_price - price, reserve_price, price });
  else assert.deepEqual(reason, { code: 'enough_supply', price });
}

const KINDS = [
  'no_supply',
  'all_leased',
  'no_node_satisfies',
  'excluded_by_order',
  'denied_by_owner',
  'buyer_blocked',
  'used_by_owner',
  'budget_exhausted',
  'price_too_low',
  'outbid',
  'too_few_slots',
  'no_demand',
  'no_order_fits',
  'reserve_too_high',
  'enough_supply',
];

/** Each reason against the cause that trying finds, on mixed rounds; every kind of reason comes up. */
export function reasonClaim(): Claim {
  const seen = new Set<string>();
  const property = fc.property(mixedRound, (input) => {
    const result = clear({ ...input, rules: { tick: input.tick } });
    for (const { order_id, reason } of result.unmatched_orders) {
      const order = input.orders.find((o) => o.id === order_id);
      if (!order) throw new Error(`${order_id} is not an order of this round`);
      seen.add(reason.code);
      checkOrder(reason, causeOf(order, input, result), input, order.max_price, result);
    }
    for (const { offer_id, reason } of result.unmatched_offers) {
      const offer = input.offers.find((o) => o.id === offer_id);
      if (!offer) throw new Error(`${offer_id} is not an offer of this round`);
      seen.add(reason.code);
      checkOffer(reason, priceOf(offer, input, result), offer.reserve_price, input.orders.length);
    }
  });
  return claim('every reason is the true cause', property, () =>
    assert.deepEqual(
      KINDS.filter((code) => !seen.has(code)),
      [],
      'kinds of reasons that never came up',
    ),
  );
}

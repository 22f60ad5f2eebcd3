import { keptCost, keptTimeFor, type Micro } from '#units';

/** A reservation that wants units, and what is left of its money and time. */
export interface Means {
  market: string;
  /** Units that it lacks or whose term is ending. */
  wanted: number;
  min_quantity: number;
  held: number;
  max_price_micro: Micro;
  /** What no lease of it may claim yet. */
  left_micro: Micro;
  /** Until its hours are over; null where they are not stated or have not begun. */
  left_us: bigint | null;
  /** What the developer's day still leaves, and how long the day lasts; null without a cap. */
  day: { left_micro: Micro; left_us: bigint } | null;
}

/** For how many units it can bid, and for how long. */
export interface Affordable {
  units: number;
  term_us: bigint;
}

/** A term is never shorter than this part of a whole one: leases of seconds would be rounds without end. */
const LEAST_PART = 60n;

/**
 * A term is whole, or as long as hours and money last: a budget ends with a shorter term instead of a rest that buys nothing. Only where even
 * the shortest term of all it wants is too dear it bids for fewer.
 */
export function affordable(means: Means, whole_us: bigint): Affordable | 'hours_over' | 'budget_exhausted' | 'day_cap' {
  const { market, wanted, max_price_micro, day } = means;
  const least_us = whole_us / LEAST_PART;
  const most_us = means.left_us !== null && means.left_us < whole_us ? means.left_us : whole_us;
  if (most_us < least_us) return 'hours_over';
  // Each of its leases may round by one micro-unit.
  const left_micro = means.left_micro - BigInt(wanted);
  if (left_micro <= 0n || max_price_micro <= 0n) return 'budget_exhausted';
  const paid_us = keptTimeFor(market, wanted, max_price_micro, left_micro);
  const term_us = paid_us < most_us ? paid_us : most_us;
  const bid =
    term_us >= least_us
      ? { units: wanted, term_us }
      : { units: Math.min(wanted, Number(left_micro / (keptCost(market, 1, least_us, max_price_micro) + 1n))), term_us: least_us };
  if (bid.units < Math.max(1, means.min_quantity - means.held)) return 'budget_exhausted';
  if (day && keptCost(market, bid.units, bid.term_us < day.left_us ? bid.term_us : day.left_us, max_price_micro) > day.left_micro)
    return 'day_cap';
  return bid;
}

import { fee, HeapError, type Micro } from '#units';
import { notNegative, positive } from './draft.js';

/** The parts of a charge: net to the owner, fee to the heap, share to the partner who brought the device. They sum to the gross. */
export interface Parts {
  readonly net: Micro;
  readonly fee: Micro;
  readonly partner: Micro;
}

export function grossOf(parts: Parts): Micro {
  return parts.net + parts.fee + parts.partner;
}

/**
 * taken = floor(gross × fee_bps / 10⁴), of which partner = floor(taken × partner_bps / 10⁴) and the heap keeps the rest; the owner has
 * what remains of the gross, the same with a partner as without one.
 * @throws HeapError `amount_out_of_range`, `basis_points_out_of_range`.
 */
export function splitCharge(gross: Micro, fee_bps: bigint, partner_bps: bigint = 0n): Parts {
  positive(gross, 'The charge');
  for (const bps of [fee_bps, partner_bps])
    if (bps < 0n || bps > 10_000n)
      throw new HeapError('basis_points_out_of_range', `A share of ${bps} basis points is not between 0 and 10000.`, 'platform');
  const taken = fee(gross, fee_bps);
  const partner = fee(taken, partner_bps);
  return { net: gross - taken, fee: taken - partner, partner };
}

/**
 * Shares `total` by weights with the largest remainders rounded up (Hamilton's method), ties to the earlier one; the shares sum to
 * the total. All weights 0 count as equal ones.
 * @throws HeapError `amount_out_of_range` when the total or a weight is negative, or there is nobody to share with.
 */
export function allot(total: Micro, weights: readonly bigint[]): Micro[] {
  notNegative(total, 'The total to share');
  if (weights.length === 0 || weights.some((weight) => weight < 0n))
    throw new HeapError('amount_out_of_range', 'Shares need at least one weight, none negative.', 'platform');
  let sum = weights.reduce((a, b) => a + b, 0n);
  const used = sum > 0n ? weights : weights.map(() => 1n);
  if (sum === 0n) sum = BigInt(weights.length);
  const shares = used.map((weight) => (total * weight) / sum);
  const order = used.map((weight, i) => ({ i, rest: (total * weight) % sum }));
  order.sort((a, b) => (a.rest === b.rest ? a.i - b.i : a.rest > b.rest ? -1 : 1));
  let left = total - shares.reduce((a, b) => a + b, 0n);
  for (const { i } of order) {
    if (left === 0n) break;
    shares[i] = (shares[i] ?? 0n) + 1n;
    left -= 1n;
  }
  return shares;
}

/**
 * A disputed charge decided in part: `refund` of the gross goes back, each part in proportion; refunded + released = captured (I6).
 * @throws HeapError `refund_above_capture`.
 */
export function splitDecision(captured: Parts, refund: Micro): { refunded: Parts; released: Parts } {
  const gross = grossOf(captured);
  if (notNegative(refund, 'The refund') > gross)
    throw new HeapError('refund_above_capture', `A refund of ${refund} is more than the ${gross} that was captured.`, 'platform');
  const [net = 0n, feePart = 0n, partner = 0n] = allot(refund, [captured.net, captured.fee, captured.partner]);
  return {
    refunded: { net, fee: feePart, partner },
    released: { net: captured.net - net, fee: captured.fee - feePart, partner: captured.partner - partner },
  };
}

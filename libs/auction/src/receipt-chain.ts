import { type Receipt, type Verdict, verifyReceipt } from './receipt.js';
import type { Hash } from './receipt-body.js';

export type ChainVerdict =
  | { readonly holds: true; readonly receipts: number }
  /** `index` and `round_id` of the first receipt that does not hold, and what is wrong with it. */
  | (Extract<Verdict, { holds: false }> & { readonly index: number; readonly round_id: string });

/**
 * Recomputes a market's receipts, oldest first, each from its own inputs and each against the hash of the one before it. `previous_hash` is
 * that of the receipt before the first: null at the beginning of the market.
 */
export function verifyChain(receipts: readonly Receipt[], hash: Hash, previous_hash: string | null = null): ChainVerdict {
  let before = previous_hash;
  for (const [index, receipt] of receipts.entries()) {
    const verdict = verifyReceipt(receipt, hash, before);
    if (!verdict.holds) return { ...verdict, index, round_id: String(receipt.body.round_id) };
    before = receipt.hash;
  }
  return { holds: true, receipts: receipts.length };
}

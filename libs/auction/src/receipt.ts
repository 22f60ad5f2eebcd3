import { HeapError } from '#units';
import { canonical, type Difference, firstByte, firstDifference, type Json } from './canonical.js';
import { clear } from './clear.js';
import type { Hash, ReceiptBody } from './receipt-body.js';
import { readOffer, readOrder } from './receipt-input.js';
import { changedMember, marksOf } from './receipt-marks.js';
import type { Assignment, Clearing, ClearingRules, GradePrice, Offer, Order, RoundInput } from './types.js';

/** Names the rules of `clear` and the members of a receipt: a change of what either gives for any input is a new version. */
export const RULE_VERSION = 'openheaps-auction-4';

export interface Round {
  readonly round_id: string;
  readonly market: string;
  /** When it cleared, ISO 8601. */
  readonly cleared_at: string;
  readonly input: RoundInput & { readonly rules: ClearingRules };
  readonly clearing: Clearing;
  /** The hash of the receipt before it in this market; null for the first. */
  readonly previous_hash: string | null;
}

export interface Receipt {
  readonly body: ReceiptBody;
  readonly hash: string;
}

/** `at` names the first member that is wrong and `byte` where its text differs first, counted from 0 in the canonical text as UTF-8; a hash has none. */
export type Verdict =
  | { readonly holds: true }
  | ({ readonly holds: false; readonly at: string; readonly byte?: number } & Omit<Difference, 'path'>);

export function receiptBody({ round_id, market, cleared_at, input, clearing, previous_hash }: Round, hash: Hash): ReceiptBody {
  const body = {
    version: RULE_VERSION,
    round_id,
    market,
    cleared_at,
    previous_hash,
    inputs: {
      rules: { tick: input.rules.tick },
      offers: [...('price' in input.offers ? input.offers.offers : input.offers)].sort(byId).map(readOffer),
      orders: [...input.orders].sort(byId).map(readOrder),
    },
    outputs: outputs(clearing),
  };
  // Through its own text, so that what is hashed here and what is read back from a database are the same values.
  const plain = JSON.parse(canonical(body as unknown as Json)) as ReceiptBody;
  return { ...plain, marks: marksOf(plain, hash) };
}

export function makeReceipt(round: Round, hash: Hash): Receipt {
  const body = receiptBody(round, hash);
  return { body, hash: hash(canonical(body)) };
}

/**
 * Recomputes a receipt from its own inputs. A verdict that does not hold names the first member that is wrong: of the inputs by their marks, of the
 * outputs by what follows from the inputs. One that holds says that the prices and assignments follow from the inputs by the rules, that the text was not changed after it was hashed and, where
 * `previous_hash` is given, that it continues that receipt.
 */
export function verifyReceipt(receipt: Receipt, hash: Hash, previous_hash?: string | null): Verdict {
  const { body } = receipt;
  const wrong = (at: string, expected: string, found: string): Verdict => ({ holds: false, at, expected, found });
  if (body.version !== RULE_VERSION) return wrong('version', canonical(RULE_VERSION), canonical(body.version ?? null));
  if (previous_hash !== undefined && body.previous_hash !== previous_hash)
    return wrong('previous_hash', canonical(previous_hash), canonical(body.previous_hash ?? null));
  const changed = changedMember(body, hash);
  if (changed) return wrong(changed.path, changed.expected, changed.found);
  const recomputed = recompute(body);
  if ('at' in recomputed) return wrong(recomputed.at, 'inputs that can be cleared', recomputed.found);
  const right = { ...body, ...recomputed.body };
  const difference = firstDifference(right, body);
  if (difference)
    return {
      ...wrong(difference.path, difference.expected, difference.found),
      byte: firstByte(canonical(right), canonical(body)),
    } as Verdict;
  const expected = hash(canonical(body));
  return expected === receipt.hash ? { holds: true } : wrong('hash', expected, receipt.hash);
}

function recompute(body: ReceiptBody): { body: ReceiptBody } | { at: string; found: string } {
  try {
    const inputs = record(body.inputs, 'inputs');
    const rules = { tick: BigInt(String(record(inputs.rules ?? null, 'inputs.rules').tick)) };
    const offers: Offer[] = list(inputs.offers, 'inputs.offers').map((row) => readOffer(row));
    const orders: Order[] = list(inputs.orders, 'inputs.orders').map((row) => readOrder(row));
    const again = {
      inputs: { rules, offers: [...offers].sort(byId), orders: [...orders].sort(byId) },
      outputs: outputs(clear({ offers, orders, rules })),
    };
    return { body: JSON.parse(canonical(again as unknown as Json)) as ReceiptBody };
  } catch (error) {
    return { at: 'inputs', found: error instanceof Error ? error.message : String(error) };
  }
}

/** What a round decided. Why something was not matched is not part of it: sentences may improve, prices may not change. */
function outputs({ assignments, prices, unmatched_orders }: Clearing) {
  return {
    assignments: [...assignments].sort((a, b) => compare(a.order_id, b.order_id) || compare(a.offer_id, b.offer_id)).map(assignmentRow),
    prices: prices.map(priceRow),
    unmatched_orders: unmatched_orders
      .map(({ order_id, slots, reason }) => ({ order_id, slots, code: reason.code }))
      .sort((a, b) => compare(a.order_id, b.order_id)),
  };
}

function assignmentRow({ order_id, offer_id, slots, price, grade, own }: Assignment) {
  return { order_id, offer_id, slots, price, grade, own };
}

function priceRow({ market, grade, price, slots, sold }: GradePrice) {
  return { market, grade, price, slots, sold };
}

function record(value: Json | undefined, path: string): { readonly [key: string]: Json | undefined } {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw malformed(path, 'an object');
  return value as { readonly [key: string]: Json | undefined };
}

function list(value: Json | undefined, path: string): Json[] {
  if (!Array.isArray(value)) throw malformed(path, 'a list');
  return value as Json[];
}

function malformed(path: string, what: string): HeapError {
  return new HeapError('receipt_malformed', `${path} is not ${what}.`, 'platform');
}

function byId(a: { readonly id: string }, b: { readonly id: string }): number {
  return compare(a.id, b.id);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

import { createHash } from 'node:crypto';
import { type Receipt, type Verdict, verifyReceipt } from '#auction';
import type { Heap, RoundInfo } from '#sdk';
import type { MarketName } from '#units';

/** What came of recomputing receipts on this machine. `rounds` counts those that hold. */
export type Checked = { market: string; rounds: number } & (
  | { holds: true; number: number | null; hash: string | null }
  | ({ round_id: string; number: number } & Extract<Verdict, { holds: false }>)
);

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** One round by itself, and whether the receipt before it is the one that it names. */
export async function checkRound(heap: Heap, id: string): Promise<Checked> {
  const round = await heap.round(id);
  const { market, number } = round;
  const verdict = verdictOf(round, await before(heap, round));
  if (!verdict.holds) return { market, rounds: 0, round_id: round.id, number, ...verdict };
  return { market, rounds: 1, holds: true, number, hash: round.hash };
}

/** All rounds of a market from an instant on, or from its first. Stops at the first that does not hold. */
export async function checkChain(heap: Heap, market: MarketName, since?: Date): Promise<Checked> {
  let last: RoundInfo | null = null;
  let rounds = 0;
  for await (const round of heap.rounds(market, since ? { since } : {})) {
    const previous: Previous = last ?? (since ? await before(heap, round) : null);
    const verdict = verdictOf(round, previous);
    if (!verdict.holds) return { market, rounds, round_id: round.id, number: round.number, ...verdict };
    last = round;
    rounds++;
  }
  return { market, rounds, holds: true, number: last?.number ?? null, hash: last?.hash ?? null };
}

type Previous = Pick<RoundInfo, 'number' | 'hash'> | null;

/** The round before another in its market; null before the first. */
async function before(heap: Heap, { market, number }: RoundInfo): Promise<Previous> {
  for await (const round of heap.rounds(market as MarketName, { after: Math.max(0, number - 2), page: 1 }))
    return round.number === number - 1 ? round : null;
  return null;
}

/** What the heap says beside the receipt must be what the receipt says. */
function verdictOf(round: RoundInfo, previous: Previous): Verdict {
  const receipt = round.receipt as unknown as Receipt;
  const wrong = (at: string, expected: unknown, found: unknown): Verdict => ({
    holds: false,
    at,
    expected: JSON.stringify(expected),
    found: JSON.stringify(found),
  });
  if (round.number !== (previous?.number ?? 0) + 1) return wrong('number', (previous?.number ?? 0) + 1, round.number);
  const verdict = verifyReceipt(receipt, sha256, previous?.hash ?? null);
  if (!verdict.holds) return verdict;
  const { body } = receipt;
  const said = { round_id: round.id, market: round.market, cleared_at: round.cleared_at, previous_hash: round.previous_hash };
  for (const [key, value] of Object.entries(said)) if (body[key] !== value) return wrong(key, body[key], value);
  return receipt.hash === round.hash ? verdict : wrong('hash', receipt.hash, round.hash);
}

import { type Receipt, RULE_VERSION, type Verdict, verifyReceipt } from '#auction';
import { sha256Hex } from '#sandbox';

export const STEPS = ['version', 'chain', 'marks', 'clearing', 'hash', 'said'] as const;
export type StepName = (typeof STEPS)[number];

/** What came of one step; those behind the first that does not hold were not reached. */
export interface Step {
  name: StepName;
  state: 'holds' | 'broken' | 'not_reached';
  broken: { at: string; expected: string; found: string } | null;
}

/** A round as the heap tells it: its receipt, and what it says beside that. */
export interface ToldRound {
  id: string;
  market: string;
  number: number;
  cleared_at: string;
  receipt: Record<string, unknown>;
  hash: string;
  previous_hash: string | null;
}

const utf8 = new TextEncoder();
const sha256 = (text: string): string => sha256Hex(utf8.encode(text));

/** Which step finds what `verifyReceipt` found. */
function stepOf({ at, expected }: Extract<Verdict, { holds: false }>): StepName {
  if (at === 'version' || at === 'hash') return at;
  if (at === 'previous_hash' || at === 'number') return 'chain';
  if (at.startsWith('outputs')) return 'clearing';
  // Inputs that cannot be read are found when the round is cleared again; changed ones by their marks.
  return at.startsWith('inputs') && expected === 'inputs that can be cleared' ? 'clearing' : 'marks';
}

/**
 * Recomputes a round from its own inputs, step by step. `before` is the round before it in its market as the heap tells it, null before the first.
 * Everything is done here; nothing is asked.
 */
export function checkRound(round: ToldRound, before: Pick<ToldRound, 'number' | 'hash'> | null): Step[] {
  const failed = verdictOf(round, before);
  const at = failed ? STEPS.indexOf(failed.name) : STEPS.length;
  return STEPS.map((name, i) => ({
    name,
    state: i < at ? 'holds' : i === at ? 'broken' : 'not_reached',
    broken: i === at && failed ? failed.broken : null,
  }));
}

type Failed = { name: StepName; broken: NonNullable<Step['broken']> };

function verdictOf(round: ToldRound, before: Pick<ToldRound, 'number' | 'hash'> | null): Failed | null {
  const wrong = (name: StepName, at: string, expected: unknown, found: unknown): Failed => ({
    name,
    broken: { at, expected: JSON.stringify(expected) ?? '', found: JSON.stringify(found) ?? '' },
  });
  const receipt = round.receipt as unknown as Receipt;
  const { body } = receipt;
  if (typeof body !== 'object' || body === null) return wrong('version', 'receipt', 'a receipt', receipt);
  if (body.version !== RULE_VERSION) return wrong('version', 'version', RULE_VERSION, body.version);
  const number = (before?.number ?? 0) + 1;
  if (round.number !== number) return wrong('chain', 'number', number, round.number);
  const verdict = verifyReceipt(receipt, sha256, before?.hash ?? null);
  if (!verdict.holds) return { name: stepOf(verdict), broken: { at: verdict.at, expected: verdict.expected, found: verdict.found } };
  const said = { round_id: round.id, market: round.market, cleared_at: round.cleared_at, previous_hash: round.previous_hash };
  for (const [key, value] of Object.entries(said)) if (body[key] !== value) return wrong('said', key, body[key], value);
  return receipt.hash === round.hash ? null : wrong('said', 'hash', receipt.hash, round.hash);
}

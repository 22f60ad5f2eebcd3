import type { Reason } from '#lifecycle';
import type { LevelRules } from './levels.js';
import { isBan, type Penalty } from './penalties.js';
import { type CheckCode, checking } from './reasons.js';

/** By whom an open result was confirmed so far. */
export type ConfirmedBy = 'nobody' | 'node' | 'reference';

/** After a single error so many of the node's unconfirmed open results run again; if one of them is wrong too, all of them. */
export const FIRST_RERUNS = 40;
/** The latest results of a banned node run again whoever confirmed them: a ring that lies until one of it confirms leaves its lies there. */
export const LATEST_RERUNS = 5;

/** An open result of a node that was proven wrong. */
export interface Suspect {
  readonly confirmed_by: ConfirmedBy;
  /** Results that the node reported after it. */
  readonly later_results: number;
  /** How many of the node's open results nobody confirmed. */
  readonly unconfirmed: number;
}

export interface Backtracked {
  /** `rerun`: another node runs the task again; who gave a wrong result with the node is found out by that. */
  readonly kind: 'rerun' | 'keep';
  /** What the node would have been paid for it is void: it is banned. */
  readonly unpaid: boolean;
  readonly reason: Reason<CheckCode>;
}

const BY_REFERENCE = checking('confirmed_by_reference');
const ELSEWHERE = checking('confirmed_elsewhere');
const SPARED = checking('not_drawn_again');
const BANNED = checking('node_banned');
const WRONG = checking('node_proven_wrong');

/**
 * What becomes of an open result when its node was penalised.
 * @param draw uniform in [0, 1), one for each result
 */
export function backtrack(
  rules: LevelRules,
  penalty: Pick<Penalty, 'kind'> & { readonly errors?: number },
  suspect: Suspect,
  draw: number,
): Backtracked {
  const unpaid = isBan(penalty);
  if (suspect.confirmed_by === 'reference') return { kind: 'keep', unpaid, reason: BY_REFERENCE };
  if (suspect.confirmed_by === 'node' && !(unpaid && (suspect.later_results < LATEST_RERUNS || draw < rules.rerun_share)))
    return { kind: 'keep', unpaid, reason: ELSEWHERE };
  if (penalty.errors === 1 && !unpaid && draw * suspect.unconfirmed >= FIRST_RERUNS) return { kind: 'keep', unpaid, reason: SPARED };
  return { kind: 'rerun', unpaid, reason: unpaid ? BANNED : WRONG };
}

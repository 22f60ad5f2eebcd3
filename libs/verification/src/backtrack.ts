import type { Reason } from '#lifecycle';
import type { LevelRules } from './levels.js';
import { isBan, type Penalty } from './penalties.js';
import { type CheckCode, checking } from './reasons.js';

/** By whom an open result was confirmed so far. */
export type ConfirmedBy = 'nobody' | 'node' | 'reference';

export interface Backtracked {
  /** `rerun`: another node runs the task again and its result counts; who gave a wrong one with the node is found out by that. */
  readonly kind: 'rerun' | 'keep';
  /** What the node would have been paid for it is void: it is banned. */
  readonly unpaid: boolean;
  readonly reason: Reason<CheckCode>;
}

const BY_REFERENCE = checking('confirmed_by_reference');
const ELSEWHERE = checking('confirmed_elsewhere');
const BANNED = checking('node_banned');
const WRONG = checking('node_proven_wrong');

/**
 * What becomes of an open result when its node was penalised: results that nobody confirmed run again, of those that one other node
 * confirmed a share does if the node is banned, what the reference runner confirmed stands.
 * @param draw uniform in [0, 1)
 */
export function backtrack(rules: LevelRules, penalty: Pick<Penalty, 'kind'>, by: ConfirmedBy, draw: number): Backtracked {
  const unpaid = isBan(penalty);
  if (by === 'reference') return { kind: 'keep', unpaid, reason: BY_REFERENCE };
  if (by === 'node' && !(unpaid && draw < rules.rerun_share)) return { kind: 'keep', unpaid, reason: ELSEWHERE };
  return { kind: 'rerun', unpaid, reason: unpaid ? BANNED : WRONG };
}

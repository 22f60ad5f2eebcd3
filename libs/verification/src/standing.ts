import type { LevelRules } from './levels.js';

/** What checks have come to know of a node. It is kept by node key: a node that enrols anew begins as a newcomer. */
export interface Standing {
  /** Results confirmed one after another since the last wrong one. */
  readonly confirmed: number;
  /** Results whose right answer became known, right or wrong. */
  readonly checked: number;
  /** Where among the checked the latest wrong ones were, counted from 1, in order. */
  readonly wrong_at: readonly number[];
}

/** No more wrong results than these are needed to ban anybody. */
const REMEMBERED = 8;

export const NEWCOMER: Standing = { confirmed: 0, checked: 0, wrong_at: [] };

/** One more result was confirmed by another node or by the reference runner. */
export function confirmed(standing: Standing): Standing {
  return { confirmed: standing.confirmed + 1, checked: standing.checked + 1, wrong_at: standing.wrong_at };
}

/** One more result was proven wrong: probation begins anew. */
export function disproved(standing: Standing): Standing {
  const checked = standing.checked + 1;
  return { confirmed: 0, checked, wrong_at: [...standing.wrong_at, checked].slice(-REMEMBERED) };
}

/** A node is clean again when so many checked results hold no wrong one. */
const CLEAN_RECORD = 200;

/** Wrong results on its record. */
export function recentErrors({ checked, wrong_at }: Standing): number {
  return wrong_at.filter((at) => at > checked - CLEAN_RECORD).length;
}

/**
 * Results that are still to be checked, every one, before only a share of them is.
 * @param awaited checks of this node's results that are under way
 */
export function probationLeft(rules: LevelRules, standing: Standing, awaited = 0): number {
  return Math.max(0, rules.probation_results - standing.confirmed - awaited);
}

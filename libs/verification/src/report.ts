import type { Reason } from '#lifecycle';
import type { LevelRules } from './levels.js';
import { type CheckCode, checking } from './reasons.js';
import { probationLeft, recentErrors, type Standing } from './standing.js';

/**
 * What happens after an execution was reported, or after replicas agreed.
 * `accept`: it stands, provisionally. `replica`: it waits for a second execution. `check`: it stands provisionally and another node runs the
 * task again, unannounced. `reference`: so does the reference runner.
 */
export interface Decision {
  readonly kind: 'accept' | 'replica' | 'check' | 'reference';
  readonly reason: Reason<CheckCode>;
}

const OWN_VERIFIER: Decision = { kind: 'accept', reason: checking('own_verifier') };
const TRUSTED: Decision = { kind: 'accept', reason: checking('trusted_executor') };
const REPLICA: Decision = { kind: 'replica', reason: checking('replica_due') };
const UNCONFIRMED: Decision = { kind: 'reference', reason: checking('unconfirmed') };
const ERRED: Decision = { kind: 'reference', reason: checking('erred') };
const NOT_DRAWN: Decision = { kind: 'accept', reason: checking('not_drawn') };

/** The share of a node's results that another node checks: less the longer it was right, never below the level's floor. */
export function checkShare(rules: LevelRules, { confirmed }: Pick<Standing, 'confirmed'>, awaited = 0): number {
  return Math.max(rules.check_share, 1 / Math.max(1, confirmed + awaited));
}

/**
 * A node's first execution of a task was reported.
 * @param draw uniform in [0, 1), drawn after the result arrived and told to nobody
 * @param awaited checks of this node's results that are under way
 */
export function decideOnReport(rules: LevelRules, standing: Standing, draw: number, awaited = 0): Decision {
  if (rules.by === 'verifier') return OWN_VERIFIER;
  if (rules.by === 'trust') return TRUSTED;
  if (rules.replicas > 1) return REPLICA;
  const left = probationLeft(rules, standing, awaited);
  if (left > 0) {
    // A ring must not be the first to say that one of its own is honest.
    if (standing.confirmed + awaited === 0) return UNCONFIRMED;
    // Whoever errs often would cost two executions each time: one that differs and the one that decides.
    if (recentErrors(standing) > 0) return ERRED;
    if (draw < rules.reference_share) return byReference(rules);
    return { kind: 'check', reason: checking('probation', { left }) };
  }
  return drawn(rules, checkShare(rules, standing, awaited), draw);
}

/**
 * The replicas of a task agree: may a third execution look at both?
 * @param draw as above
 */
export function decideOnAgreement(rules: LevelRules, draw: number): Decision {
  return drawn(rules, rules.check_share, draw);
}

function drawn(rules: LevelRules, check_share: number, draw: number): Decision {
  if (draw < rules.reference_share) return byReference(rules);
  if (draw < rules.reference_share + check_share) return { kind: 'check', reason: checking('drawn_for_check', { share: check_share }) };
  return NOT_DRAWN;
}

function byReference(rules: LevelRules): Decision {
  return { kind: 'reference', reason: checking('drawn_for_reference', { share: rules.reference_share }) };
}

import type { Reason } from '#lifecycle';
import type { LevelRules } from './levels.js';
import { type CheckCode, checking, type WindowCode, windowing } from './reasons.js';

/** A node that has reported nothing for so long has its open results closed by checks. */
export const CLOSE_AFTER_MS = 24 * 3_600_000;

export interface Open {
  /** Results of its node since, at levels that are checked. The node is in good standing. */
  readonly later_results: number;
  /** Executions that are to confirm it and have not been reported. */
  readonly awaited: number;
  /** How long ago its node last reported anything. */
  readonly quiet_ms: number;
  /** The checks that close the node's open results have all confirmed it. */
  readonly closed: boolean;
}

/** Whether a result is final; until then it can be proven wrong and paid back. */
export function decideOnWindow(
  rules: LevelRules,
  open: Open,
): { readonly kind: 'final' | 'provisional'; readonly reason: Reason<WindowCode> } {
  if (rules.by !== 'nodes') return { kind: 'final', reason: windowing('unchecked') };
  if (open.awaited > 0) return { kind: 'provisional', reason: windowing('awaits_execution') };
  if (open.later_results >= rules.window_results) return { kind: 'final', reason: windowing('window_passed') };
  if (open.closed) return { kind: 'final', reason: windowing('closed') };
  const left = rules.window_results - open.later_results;
  return open.quiet_ms > 0 && open.quiet_ms < CLOSE_AFTER_MS
    ? { kind: 'provisional', reason: windowing('awaits_closing', { wait_ms: CLOSE_AFTER_MS - open.quiet_ms }) }
    : { kind: 'provisional', reason: windowing('provisional', { left }) };
}

/**
 * How many open results of a node that reports no more are checked before all of them become final. They are drawn first from those that
 * nobody confirmed, then from those that a node did: a node that lies a few times and leaves has all of that checked.
 */
export function closingChecks(rules: LevelRules, open: number): number {
  return Math.min(open, rules.closing_checks);
}

export function closingReason(checks: number, open: number): Reason<CheckCode> {
  return checking('drawn_at_closing', { checks, open });
}

import { NO_RULES, type OwnerRules, type RuleName } from '#agent-core';
import { withinLimits } from '#protocol';
import type { NodeKind } from '#units';
import type { BrowserRules } from '../contract.js';

/** How calm it must be around the page before it works: */
export interface Calm {
  /** untouched for so long, */
  idle_ms: number;
  /** and with nothing against it for so long. */
  dwell_ms: number;
}
export const CALM: Calm = { idle_ms: 5_000, dwell_ms: 3_000 };

/** A battery that has fallen below the limit is charged a little beyond it first. */
const BATTERY_MARGIN = 0.03;
const FINISH_MS = 60_000;

/** These have a battery, and may be on a network that costs; of the others it goes without saying. */
const ON_BATTERY: ReadonlySet<NodeKind> = new Set(['phone', 'netbook', 'laptop']);

/** What the owner has said of the page, in the words of the rules that all agents follow. */
export function ownerRules(rules: BrowserRules, kind: NodeKind, { idle_ms, dwell_ms }: Calm = CALM): OwnerRules {
  const must_know: RuleName[] = [];
  if (!rules.trust_unknown && rules.charging && ON_BATTERY.has(kind)) must_know.push('charging');
  if (!rules.trust_unknown && rules.unmetered && kind === 'phone') must_know.push('metered');
  const { battery_min } = rules;
  return {
    ...NO_RULES,
    in_front: !rules.background,
    idle_ms,
    charging: rules.charging,
    battery: battery_min === null ? null : { leave: battery_min, enter: Math.min(1, battery_min + BATTERY_MARGIN) },
    unmetered: rules.unmetered,
    dwell_ms,
    must_know,
    at_once: ['in_front', 'in_use', 'battery', 'charging', 'metered'],
    finish_ms: FINISH_MS,
  };
}

/**
 * Rules that its owner set at the heap, on this page: also then it works behind other pages only if it was told so here, leaves a page that is
 * touched alone, and does not work on what it cannot tell.
 */
export function boundedRules(rules: OwnerRules, on_page: BrowserRules, kind: NodeKind, calm: Calm = CALM): OwnerRules {
  const here = ownerRules(on_page, kind, calm);
  return {
    ...withinLimits(rules),
    in_front: rules.in_front || here.in_front,
    idle_ms: Math.max(rules.idle_ms ?? 0, calm.idle_ms),
    must_know: [...new Set([...rules.must_know, ...here.must_know])],
    at_once: [...new Set([...rules.at_once, ...here.at_once])],
  };
}

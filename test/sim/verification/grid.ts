import { LEVEL_RULES } from '#verification';
import { SimulatedHeap } from './heap.js';
import { boinc, voting } from './peers.js';
import type { Scenario } from './scenario.js';

export const RULES = ['L1', 'L2', 'L3', 'voting', 'boinc'] as const;
export type Rule = (typeof RULES)[number];

/** One run: the same seed, nodes and cheaters under one rule. What peers do not do, they have 0 of. */
export interface Row extends Scenario {
  readonly rule: Rule;
  readonly wrong: number;
  readonly wrong_by_hardware: number;
  readonly executions: number;
  readonly reference_executions: number;
  readonly honest_banned: number;
  readonly cheaters_banned: number;
}

export interface Run {
  readonly rule: Rule;
  readonly scenario: Scenario;
}

export function simulate({ rule, scenario }: Run): Row {
  const none = { wrong_by_hardware: 0, reference_executions: 0, honest_banned: 0, cheaters_banned: 0 };
  if (rule === 'voting') return { rule, ...scenario, ...none, ...voting(scenario) };
  if (rule === 'boinc') return { rule, ...scenario, ...none, ...boinc(scenario) };
  return { rule, ...scenario, ...new SimulatedHeap(LEVEL_RULES[rule], scenario).run() };
}

export interface Size {
  readonly seed: number;
  readonly nodes: number;
  readonly tasks: number;
}

export const GREED = [1, 0.3, 0.1, 0.03, 0.01] as const;
export const CHEATERS = [0.01, 0.05, 0.1, 0.2] as const;
export const COLLUSION = [0, 0.5, 1] as const;
const EITHER = [true, false] as const;
const PLAIN = { plan: 'plain', leaves_after: null, hardware_errors: 1e-3 } as const;

const bans = (rule: Rule): boolean => rule !== 'voting' && rule !== 'boinc';

/** Nobody is banned by the peers, so that rejoining makes no difference to them. */
function all(size: Size, cheaters: number, collusion: number, rules: readonly Rule[]): Run[] {
  return rules.flatMap((rule) =>
    GREED.flatMap((greed) =>
      EITHER.flatMap((sleepers) =>
        (bans(rule) ? EITHER : [true]).map((rejoin) => ({
          rule,
          scenario: { ...size, ...PLAIN, cheaters, collusion, greed, sleepers, rejoin },
        })),
      ),
    ),
  );
}

/** What the levels promise: a tenth of the nodes cheats, all together. */
export const headline = (size: Size): Run[] => all(size, 0.1, 1, RULES);

export const grid = (size: Size): Run[] =>
  CHEATERS.flatMap((cheaters) => COLLUSION.flatMap((collusion) => all(size, cheaters, collusion, RULES)));

/** Cleverer rings than those of the grid. */
export function stress(size: Size): Run[] {
  const worst = { ...size, ...PLAIN, cheaters: 0.1, collusion: 1, rejoin: true };
  return (['L1', 'L2', 'L3'] as const).flatMap((rule) =>
    EITHER.flatMap((sleepers) =>
      [1, 0.3, 0.1].flatMap((greed) => [
        ...(['split', 'cautious', 'both'] as const).map((plan) => ({ rule, scenario: { ...worst, sleepers, greed, plan } })),
        ...[25, 60, 120].map((leaves_after) => ({ rule, scenario: { ...worst, sleepers, greed, leaves_after } })),
      ]),
    ),
  );
}

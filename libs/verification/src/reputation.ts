import type { LevelRules } from './levels.js';
import { probationLeft, type Standing } from './standing.js';

/** What is known of a node beside its standing; times in milliseconds. */
export interface Conduct {
  readonly present_ms: number;
  readonly enrolled_ms: number;
  readonly results: number;
  /** Leases given up by its owner, and tasks taken and never reported. */
  readonly yields: number;
  readonly withheld: number;
  readonly speed_fuel_per_ms: number;
}

/** Shown whole: there is no number that stands for all of it. Shares are null where there is nothing to divide by. */
export interface Reputation {
  readonly grade: 'banned' | 'probation' | 'proven' | 'trusted';
  readonly uptime: number | null;
  readonly results: number;
  readonly results_checked: number;
  readonly confirmed_in_a_row: number;
  readonly mismatches: number;
  readonly probation_left: number;
  readonly yields: number;
  readonly withheld_share: number | null;
  readonly speed_fuel_per_ms: number;
}

/** @param mismatches all that were ever proven, not only those that the standing remembers */
export function reputation(rules: LevelRules, standing: Standing, conduct: Conduct, mismatches: number, banned: boolean): Reputation {
  const probation_left = probationLeft(rules, standing);
  const taken = conduct.results + conduct.withheld;
  return {
    grade: banned ? 'banned' : probation_left > 0 ? 'probation' : standing.confirmed < rules.checker_confirmed ? 'proven' : 'trusted',
    uptime: conduct.enrolled_ms > 0 ? Math.min(1, conduct.present_ms / conduct.enrolled_ms) : null,
    results: conduct.results,
    results_checked: standing.checked,
    confirmed_in_a_row: standing.confirmed,
    mismatches,
    probation_left,
    yields: conduct.yields,
    withheld_share: taken > 0 ? conduct.withheld / taken : null,
    speed_fuel_per_ms: conduct.speed_fuel_per_ms,
  };
}

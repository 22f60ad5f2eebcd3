import type { StandingReason } from './reasons.js';

const HOUR_MS = 3_600_000;

/**
 * What is known of a device as a keeper of pieces. Two scores apart from each other, each a mean of a beta distribution whose past fades (Jøsang and Ismail
 * 2002; Storj's use of it): `kept` and `failed` weigh the audits it answered, `there` and `away` the days it was seen on.
 */
export interface StorageStanding {
  readonly kept: number;
  readonly failed: number;
  readonly there: number;
  readonly away: number;
  /** Audits it passed, ever; from `STANDING_RULES.vetted_audits` on it is vetted. */
  readonly passed: number;
  /** It was silent while connected, and is asked again. */
  readonly contained: { readonly rechecks: number; readonly due_ms: number } | null;
  readonly disqualified: boolean;
}

/**
 * An audit is up to 16 challenges and counts once, as its worst answer, so that no hiccup of a second is a hundred failures.
 * `passed`: all right. `lost`: it says that it lacks a piece or cannot read it. `corrupt`: bytes or a proof that do not belong to the root.
 * `silent`: connected, and no answer in time. Who is not connected is not audited.
 */
export type AuditOutcome = 'passed' | 'lost' | 'corrupt' | 'silent';

export interface StandingRules {
  /** What an audit still weighs after the next one. */
  readonly audit_memory: number;
  /** A lost piece is told, wrong bytes are not: they count so many times. */
  readonly corrupt_weight: number;
  readonly suspended_below: number;
  readonly disqualified_below: number;
  /** What a day still weighs on the next. */
  readonly day_memory: number;
  readonly away_below: number;
  readonly vetted_audits: number;
  /** After silence it is asked again so long after each other. */
  readonly recheck_ms: readonly number[];
}

/**
 * Where the figures are from. Memory 0.98: about 50 audits, so that a device is known by its last three weeks at two audits a day. All begin with a
 * full memory of good ones: nobody is out for a first error. A device that fails a share q of audits ends at 1 − q; 0.9 is where it loses more than
 * repair at 28 of 40 is made for. From a full score six losses in a row (0.98⁶ = 0.886) or three times wrong bytes are below it; honest decay, one
 * audit in a thousand, gets there once in 10¹⁰ windows of 50. 0.95 is half way: two times wrong bytes, or three losses. A day away weighs a thirtieth;
 * 16 in a row, two more than a piece is waited for, are below 0.6, and so is who misses two days in five. 28 audits: who fails one in ten gets
 * through them with 5 %; at two a day it takes two weeks.
 */
export const STANDING_RULES: StandingRules = {
  audit_memory: 0.98,
  corrupt_weight: 2,
  suspended_below: 0.95,
  disqualified_below: 0.9,
  day_memory: 29 / 30,
  away_below: 0.6,
  vetted_audits: 28,
  recheck_ms: [HOUR_MS, 6 * HOUR_MS, 24 * HOUR_MS],
};

export const newcomer = (rules: StandingRules = STANDING_RULES): StorageStanding => ({
  kept: 1 / (1 - rules.audit_memory),
  failed: 0,
  there: 1 / (1 - rules.day_memory),
  away: 0,
  passed: 0,
  contained: null,
  disqualified: false,
});

/** 0 to 1: how much of what it was given it keeps, as its audits say. */
export const corruptionScore = ({ kept, failed }: Pick<StorageStanding, 'kept' | 'failed'>): number => kept / (kept + failed);
/** 0 to 1: on how many days it is there. */
export const offlineScore = ({ there, away }: Pick<StorageStanding, 'there' | 'away'>): number => there / (there + away);

export const isVetted = ({ passed }: Pick<StorageStanding, 'passed'>, rules: StandingRules = STANDING_RULES): boolean =>
  passed >= rules.vetted_audits;

/** After an audit. Silence contains the device; silence in each further request too is a loss, and it is contained anew when it is silent again. */
export function audited(
  standing: StorageStanding,
  outcome: AuditOutcome,
  now_ms: number,
  rules: StandingRules = STANDING_RULES,
): StorageStanding {
  if (outcome === 'silent') {
    const rechecks = standing.contained === null ? 0 : standing.contained.rechecks + 1;
    const wait = rules.recheck_ms[rechecks];
    if (wait !== undefined) return { ...standing, contained: { rechecks, due_ms: now_ms + wait } };
  }
  const passed = outcome === 'passed';
  const memory = rules.audit_memory;
  const weight = outcome === 'corrupt' ? rules.corrupt_weight : 1;
  const next = {
    ...standing,
    kept: memory * standing.kept + (passed ? 1 : 0),
    failed: memory * standing.failed + (passed ? 0 : weight),
    passed: standing.passed + (passed ? 1 : 0),
    contained: null,
  };
  return { ...next, disqualified: standing.disqualified || corruptionScore(next) < rules.disqualified_below };
}

/** After a day. @param seen it was connected at some time of it */
export function dayPassed(standing: StorageStanding, seen: boolean, rules: StandingRules = STANDING_RULES): StorageStanding {
  const memory = rules.day_memory;
  return { ...standing, there: memory * standing.there + (seen ? 1 : 0), away: memory * standing.away + (seen ? 0 : 1) };
}

/**
 * `good`: may get pieces. `contained`: none until it has answered. `suspended`: none until its score is better; what it has stays, and is audited.
 * `disqualified`: for ever; its pieces count as missing.
 */
export type Verdict = 'good' | 'contained' | 'suspended' | 'disqualified';

export function verdict(
  standing: StorageStanding,
  rules: StandingRules = STANDING_RULES,
): { readonly verdict: Verdict; readonly reason: StandingReason } {
  const kept = corruptionScore(standing);
  const there = offlineScore(standing);
  if (standing.disqualified)
    return { verdict: 'disqualified', reason: { code: 'pieces_lost', score: kept, least: rules.disqualified_below } };
  if (standing.contained)
    return { verdict: 'contained', reason: { code: 'silent', rechecks: standing.contained.rechecks, of: rules.recheck_ms.length } };
  if (kept < rules.suspended_below)
    return { verdict: 'suspended', reason: { code: 'pieces_damaged', score: kept, least: rules.suspended_below } };
  if (there < rules.away_below) return { verdict: 'suspended', reason: { code: 'away_too_often', score: there, least: rules.away_below } };
  return { verdict: 'good', reason: { code: 'in_good_standing' } };
}

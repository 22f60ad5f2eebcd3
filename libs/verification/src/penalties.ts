import type { Reason } from '#lifecycle';
import { beyondHardware } from './honest-errors.js';
import type { LevelRules } from './levels.js';
import { type PenaltyCode, penalised } from './reasons.js';
import { disproved, recentErrors, type Standing } from './standing.js';

const DAY_MS = 86_400_000;
/** A device banned for errors may be mended: it may come back, on probation. A lie does not lapse. */
export const ERROR_BAN_MS = 90 * DAY_MS;
export const APPEAL_DAYS = 30;

/** What was proven of a node. */
export type Offence = 'wrong' | 'commitment_broken' | 'agreed_on_a_lie' | 'contradicted_itself';

export interface Penalty {
  /** `probation`: checked anew. `ban_device`: this key is out. `ban_identity`: so are its owner and cluster, and the reserve is forfeited. */
  readonly kind: 'probation' | 'ban_device' | 'ban_identity';
  readonly reason: Reason<PenaltyCode>;
  /** After this time it lapses by itself; null: after so many confirmed results as its reason says, or never. */
  readonly lapses_after_ms: number | null;
  readonly forfeits_reserve: boolean;
  /** Wrong results on its record. */
  readonly errors: number;
}

/** The standing and the penalty after something was proven of a node. */
export function penalise(
  rules: LevelRules,
  before: Standing,
  offence: Offence,
): { readonly standing: Standing; readonly penalty: Penalty } {
  const standing = disproved(before);
  const errors = recentErrors(standing);
  if (offence !== 'wrong' && offence !== 'commitment_broken')
    return {
      standing,
      penalty: { kind: 'ban_identity', reason: penalised(offence), lapses_after_ms: null, forfeits_reserve: true, errors },
    };
  const excess = beyondHardware(standing);
  if (excess)
    return {
      standing,
      penalty: {
        kind: 'ban_device',
        reason: penalised('wrong_too_often', excess),
        lapses_after_ms: ERROR_BAN_MS,
        forfeits_reserve: false,
        errors,
      },
    };
  return {
    standing,
    penalty: {
      kind: 'probation',
      reason: penalised(offence === 'wrong' ? 'wrong_once' : offence, { probation: rules.probation_results }),
      lapses_after_ms: null,
      forfeits_reserve: false,
      errors,
    },
  };
}

export const isBan = (penalty: Pick<Penalty, 'kind'>): boolean => penalty.kind !== 'probation';

/** A penalty as it stands on record. */
export interface OnRecord {
  readonly kind: Penalty['kind'];
  readonly age_ms: number;
  readonly lapses_after_ms: number | null;
  /** `probationLeft` of the node: a probation is over when nothing is left of it. */
  readonly probation_left: number;
  readonly appeal: 'none' | 'open' | 'granted' | 'refused';
}

/** Whether it holds now. A device whose ban lapsed begins as a newcomer. */
export function lapsed(record: OnRecord): boolean {
  if (record.appeal === 'granted') return true;
  if (record.kind === 'probation') return record.probation_left === 0;
  return record.lapses_after_ms !== null && record.age_ms >= record.lapses_after_ms;
}

/** Whether its owner may ask for the one independent re-run. */
export function decideOnAppeal(record: OnRecord): { readonly admitted: boolean; readonly reason: Reason<PenaltyCode> } {
  if (record.appeal !== 'none') return { admitted: false, reason: penalised('appeal_used') };
  if (lapsed(record)) return { admitted: false, reason: penalised('lapsed') };
  if (record.age_ms > APPEAL_DAYS * DAY_MS) return { admitted: false, reason: penalised('appeal_too_late', { days: APPEAL_DAYS }) };
  return { admitted: true, reason: penalised('appeal_open') };
}

/** @param agrees the independent re-run came to what the node had reported */
export function decideAppeal(agrees: boolean): { readonly granted: boolean; readonly reason: Reason<PenaltyCode> } {
  return { granted: agrees, reason: penalised(agrees ? 'appeal_granted' : 'appeal_refused') };
}

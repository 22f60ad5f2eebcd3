import { VOLUME_CODES, type VolumeClass } from '#units';
import type { RepairReason } from './reasons.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

export interface PresenceRules {
  /** A device that was not heard of for so long has lost its pieces, as far as repair is concerned, … */
  readonly missing_after_ms: number;
  /** … and one that comes back within so long after that still has those that were not made anew. */
  readonly readopt_ms: number;
}

/** storage.md. Both together stay below the 31 days that a device keeps what nobody renews. */
export const PRESENCE_RULES: PresenceRules = { missing_after_ms: 72 * HOUR_MS, readopt_ms: 14 * DAY_MS };
/** Four pieces above loss are used up faster than eighteen: a small volume cannot wait as long (ADR 48). */
const SMALL_PRESENCE_RULES: PresenceRules = { ...PRESENCE_RULES, missing_after_ms: 48 * HOUR_MS };
/** A phone may be away for two nights; a device that is always there and is silent for a day has more likely left. */
const SMALL_ALWAYS_ON_PRESENCE_RULES: PresenceRules = { ...PRESENCE_RULES, missing_after_ms: 24 * HOUR_MS };

/** How long a device, always on (`isAlwaysOn`) or not, may be away of a volume of this class. */
export function presenceRules(volume_class: VolumeClass, always_on: boolean): PresenceRules {
  if (volume_class !== 'small') return PRESENCE_RULES;
  return always_on ? SMALL_ALWAYS_ON_PRESENCE_RULES : SMALL_PRESENCE_RULES;
}

/**
 * `there`: counts. `missing`: does not count and is replaced by the next repair; until then it counts again when its device returns. `gone`: for good.
 * @param heard_ms when its device was last heard of
 */
export function pieceAfter(heard_ms: number, now_ms: number, rules: PresenceRules = PRESENCE_RULES): 'there' | 'missing' | 'gone' {
  const away = now_ms - heard_ms;
  if (away < rules.missing_after_ms) return 'there';
  return away < rules.missing_after_ms + rules.readopt_ms ? 'missing' : 'gone';
}

export interface SegmentState {
  readonly class: VolumeClass;
  /** Pieces with different indexes that are stored on devices that are not missing, as far as audits know. */
  readonly there: number;
  /** Further ones that are on their way to a device. */
  readonly coming: number;
  /** The heap keeps k pieces itself, as it does for small volumes. */
  readonly operator_copy?: boolean;
}

export interface RepairNeed {
  readonly now: boolean;
  /** 0 with all pieces there, 1 with no more than k: who is nearer to loss goes first. */
  readonly urgency: number;
  /** So many pieces are made now, or would be. */
  readonly make: number;
  readonly reason: RepairReason;
}

/** Whether a segment's missing pieces are made anew: at the repair threshold, all at once, for each repair costs k pieces of reading. */
export function repairNeeded({ class: volume_class, there, coming, operator_copy = false }: SegmentState): RepairNeed {
  const { k, repair_at, n } = VOLUME_CODES[volume_class];
  const make = Math.max(0, n - there - coming);
  const urgency = Math.min(1, Math.max(0, (n - there) / (n - k)));
  if (there < k && !operator_copy) return { now: false, urgency, make, reason: { code: 'too_few_pieces', have: there, k } };
  if (there > repair_at) return { now: false, urgency, make, reason: { code: 'enough_pieces', have: there, at: repair_at } };
  if (there + coming > repair_at)
    return { now: false, urgency, make, reason: { code: 'repair_under_way', have: there, at: repair_at, coming } };
  return { now: true, urgency, make, reason: { code: 'repair_due', have: there, at: repair_at } };
}

export interface PlannedRepair {
  readonly urgency: number;
  /** Bytes that it fetches and sends: (k + make) pieces. */
  readonly bytes: number;
}

/** At such an urgency a repair waits for no budget: a third of the way from the repair threshold to loss is used up (22 of 28 pieces, 36 of 46). */
export const URGENT: Readonly<Record<VolumeClass, number>> = {
  standard: urgentOf('standard'),
  cold: urgentOf('cold'),
  small: urgentOf('small'),
};

function urgentOf(volume_class: VolumeClass): number {
  const { k, repair_at, n } = VOLUME_CODES[volume_class];
  const pieces = repair_at - Math.ceil((repair_at - k) / 3);
  return (n - pieces) / (n - k);
}

export interface RepairsOfDay<R> {
  /** Most urgent first. */
  readonly take: readonly R[];
  readonly postponed: readonly R[];
  readonly bytes: number;
  /** Repairs beyond the budget that could not wait: an alarm. */
  readonly beyond_budget: number;
}

/**
 * Which repairs are made with the bytes that are left of the day's budget: most urgent first, as long as they fit. Those of `URGENT` are made whatever is
 * left; how many of them went beyond it is an alarm.
 */
export function withinBudget<R extends PlannedRepair & { readonly class: VolumeClass }>(
  repairs: readonly R[],
  budget_bytes: number,
): RepairsOfDay<R> {
  const ordered = [...repairs].sort((a, b) => b.urgency - a.urgency);
  const take: R[] = [];
  const postponed: R[] = [];
  let bytes = 0;
  let beyond_budget = 0;
  for (const repair of ordered) {
    const fits = postponed.length === 0 && bytes + repair.bytes <= budget_bytes;
    if (!fits && repair.urgency < URGENT[repair.class]) {
      postponed.push(repair);
      continue;
    }
    if (!fits) beyond_budget++;
    bytes += repair.bytes;
    take.push(repair);
  }
  return { take, postponed, bytes, beyond_budget };
}

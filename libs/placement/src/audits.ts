const HOUR_MS = 3_600_000;

export interface AuditRules {
  /** Each piece is audited at least once in so long while its device is there every day. */
  readonly every_ms: number;
  /** Left between the latest time that is drawn and `every_ms`, for sweeps that are late. */
  readonly slack_ms: number;
  /** Each device is asked at least so often a day. */
  readonly per_day: number;
  /** The day that those who are not always there come back in. */
  readonly day_ms: number;
}

/** A piece deleted in secret is due within 48 hours; a device that comes once a day is asked then. So it is found within three days. */
export const AUDIT_RULES: AuditRules = { every_ms: 48 * HOUR_MS, slack_ms: 4 * HOUR_MS, per_day: 2, day_ms: 24 * HOUR_MS };

/** The earliest that a piece is due again, as a share of the latest. */
const EARLIEST = 0.75;

export interface AuditedDevice {
  /** Pieces that it keeps. */
  readonly pieces: number;
  /** How much of its time it is there: 0 to 1. */
  readonly online_share: number;
}

/**
 * When a piece is audited next: at random between three quarters of the gap and the gap, so that audits spread and nobody knows when. The gap is 44 hours, or
 * less where the device keeps so few pieces that it would be asked less than twice a day, of the hours that it is there.
 *
 * @param last_ms when it was stored or passed its last audit
 */
export function nextAudit(
  last_ms: number,
  { pieces, online_share }: AuditedDevice,
  random: () => number,
  rules: AuditRules = AUDIT_RULES,
): number {
  const often_enough = (Math.max(1, pieces) * rules.day_ms * Math.min(1, Math.max(0, online_share))) / rules.per_day;
  const gap = Math.min(rules.every_ms - rules.slack_ms, often_enough);
  return last_ms + gap * (EARLIEST + (1 - EARLIEST) * random());
}

/**
 * Up to which due time pieces of a connected device are asked for now: one that is away most of the day is asked for what will be due while it is away.
 */
export function auditHorizon(
  now_ms: number,
  { online_share }: Pick<AuditedDevice, 'online_share'>,
  rules: AuditRules = AUDIT_RULES,
): number {
  return now_ms + rules.day_ms * (1 - Math.min(1, Math.max(0, online_share)));
}

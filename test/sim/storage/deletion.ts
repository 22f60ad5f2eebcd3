import { auditHorizon, nextAudit, pieceAfter } from '#placement';
import { seeded } from '../verification/random.js';
import { WORLD } from './world.js';

const HOUR_MS = 3_600_000;

export interface Deletions {
  readonly pieces: number;
  /** Hours from the deletion until an audit found it, or until its device counted as missing; the longest of each. */
  readonly by_audit_h: number;
  readonly by_absence_h: number;
  /** The shortest that any piece was ever audited apart, and the longest while its device was there every day. */
  readonly longest_gap_h: number;
}

/**
 * Devices that each secretly delete one piece at a random time, and the audits that are due. Half are always on, half are phones that come once a day
 * and skip this share of days. The broker looks every hour.
 */
export function deletions(seed: number, devices: number, skips_day: number): Deletions {
  const random = seeded(seed);
  let by_audit_h = 0;
  let by_absence_h = 0;
  let longest_gap_h = 0;
  for (let device = 0; device < devices; device++) {
    const always_on = device % 2 === 0;
    const pieces = 1 + Math.floor(random() ** 3 * 60);
    const online_share = always_on ? 1 : WORLD.phone_online;
    const from_h = Math.floor(random() * 24);
    const due = Array.from({ length: pieces }, () => nextAudit(0, { pieces, online_share }, random));
    const asked_h = new Array<number>(pieces).fill(0);
    const deleted_h = 24 * 10 + random() * 24 * 10;
    let heard_h = 0;
    let there_today = true;
    for (let now_h = 1; ; now_h++) {
      const hour = (now_h - from_h + 24) % 24;
      if (hour === 0) there_today = random() >= skips_day;
      if (always_on || (there_today && hour < 24 * WORLD.phone_online)) {
        heard_h = now_h;
        const horizon = auditHorizon(now_h * HOUR_MS, { online_share });
        let found = false;
        due.forEach((at, piece) => {
          if (at > horizon) return;
          if (skips_day === 0) longest_gap_h = Math.max(longest_gap_h, now_h - (asked_h[piece] as number));
          asked_h[piece] = now_h;
          due[piece] = nextAudit(now_h * HOUR_MS, { pieces, online_share }, random);
          if (piece === 0 && now_h >= deleted_h) found = true;
        });
        if (found) {
          by_audit_h = Math.max(by_audit_h, now_h - deleted_h);
          break;
        }
      } else if (now_h > deleted_h && pieceAfter(heard_h * HOUR_MS, now_h * HOUR_MS) !== 'there') {
        by_absence_h = Math.max(by_absence_h, now_h - deleted_h);
        break;
      }
    }
  }
  return { pieces: devices, by_audit_h, by_absence_h, longest_gap_h };
}

import type { Micro } from '#units';

/** What an owner has, will have, and earns; times in milliseconds since 1970. */
export interface Outlook {
  readonly now_ms: number;
  readonly payable: Micro;
  /** What is held and becomes payable, at what time. */
  readonly releases: readonly { readonly at_ms: number; readonly amount: Micro }[];
  /** Earned in a day of late, and how long it is held before it is payable. */
  readonly per_day: Micro;
  readonly held_ms: number;
}

const DAY_MS = 86_400_000;

/**
 * When `need` is payable: payable now + what is released until then + what is earned until then less the holdback, at the recent rate.
 * The least t of payable + Σ releases(≤ t) + rate × max(0, t − now − held) ≥ need, up to the millisecond; null when it is never reached.
 */
export function reachedAt(need: Micro, { now_ms, payable, releases, per_day, held_ms }: Outlook): number | null {
  const steps = releases.filter(({ amount }) => amount > 0n).sort((a, b) => a.at_ms - b.at_ms);
  let have = payable;
  let from_ms = now_ms;
  for (const step of [...steps, null]) {
    const reached_ms = byEarning(need - have, { from_ms, flows_ms: now_ms + held_ms, per_day });
    if (reached_ms !== null && (step === null || reached_ms <= step.at_ms)) return reached_ms;
    if (step === null) return null;
    have += step.amount;
    from_ms = Math.max(from_ms, step.at_ms);
  }
  return null;
}

/** When new earnings, which become payable from `flows_ms` on, fill what is missing besides them; not before `from_ms`. */
function byEarning(missing: Micro, { from_ms, flows_ms, per_day }: { from_ms: number; flows_ms: number; per_day: Micro }): number | null {
  if (missing <= 0n) return from_ms;
  if (per_day <= 0n) return null;
  const takes_ms = (missing * BigInt(DAY_MS) + per_day - 1n) / per_day;
  return Math.max(from_ms, flows_ms + Number(takes_ms));
}

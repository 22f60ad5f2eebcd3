import type { ReactNode } from 'react';
import css from './ring.module.css';

export type Tone = 'work' | 'wait' | 'pause' | 'still';

const RADIUS = 54;
const ROUND = 2 * Math.PI * RADIUS;

/** A ring that says at a glance how it stands; `share` of it is filled, 0 to 1. What is inside says the same in words. */
export function Ring({ tone, share, children }: { tone: Tone; share: number; children: ReactNode }) {
  const filled = Math.min(1, Math.max(0, share)) * ROUND;
  return (
    <div className={css.ring} data-tone={tone}>
      <svg viewBox="0 0 120 120" aria-hidden="true">
        <circle className={css.track} cx="60" cy="60" r={RADIUS} />
        <circle className={css.fill} cx="60" cy="60" r={RADIUS} strokeDasharray={`${filled} ${ROUND}`} />
      </svg>
      <div className={css.inside}>{children}</div>
    </div>
  );
}

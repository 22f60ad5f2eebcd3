import type { Standing } from './standing.js';

/**
 * How a node stands when a proof against it turns out to have been wrong: as if that result had been confirmed, and with everything that
 * was checked since.
 * @param before how it stood when the proof came
 * @param now how it stands, the proof counted
 */
export function reinstated(before: Standing, now: Standing): Standing {
  const disputed = before.checked + 1;
  const wrong_at = now.wrong_at.filter((at) => at !== disputed);
  const erred_since = wrong_at.some((at) => at > disputed);
  return { confirmed: erred_since ? now.confirmed : before.confirmed + 1 + now.confirmed, checked: now.checked, wrong_at };
}

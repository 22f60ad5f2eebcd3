import fc from 'fast-check';
import type { Claim } from '../claim.js';
import { confirmed, disproved, NEWCOMER, type Standing } from '../standing.js';

/** The standing after these checks: a dot is a confirmed result, an x a wrong one. */
export const after = (results: string, from: Standing = NEWCOMER): Standing =>
  [...results].reduce((standing, one) => (one === 'x' ? disproved(standing) : confirmed(standing)), from);

export const right = (count: number): string => '.'.repeat(count);

export const claim = (output_hash: string, more: Partial<Claim> = {}): Claim => ({
  verdict: 'ok',
  exit_code: 0,
  output_hash,
  fuel_used: 7n,
  ...more,
});

export const history = fc.array(fc.constantFrom('.', '.', '.', 'x'), { maxLength: 60 }).map((all) => after(all.join('')));

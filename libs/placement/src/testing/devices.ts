import type { Candidate } from '../device.js';

/** A device of its own owner in its own network, of which nothing else is known. */
export const device = (i: number, more: Partial<Candidate> = {}): Candidate => ({
  cluster: `owner ${i}`,
  prefix: `net ${i}`,
  provider: null,
  country: null,
  os: null,
  agent_version: null,
  online_share: 0.35,
  vetted: true,
  room: 100,
  audit_score: 1,
  ...more,
});

export const devices = (count: number, more: (i: number) => Partial<Candidate> = () => ({})): Candidate[] =>
  Array.from({ length: count }, (_, i) => device(i, more(i)));

/** Uniform in [0, 1), the same each time: multiplication by 16807 modulo 2³¹ − 1 (Park and Miller 1988). */
export function numbers(seed: number): () => number {
  let state = (Math.abs(Math.trunc(seed)) % 2147483646) + 1;
  return () => {
    state = (state * 16807) % 2147483647;
    return (state - 1) / 2147483646;
  };
}

/**
 * What placement knows of a device that keeps or could keep a piece: who stands behind it, and what it would be lost together with.
 * Null is unknown: it is held against nobody, and as good as a label that all the unknown share.
 */
export interface Device {
  /** Owners that a card, a bank account, a network or a burst of enrolments ties together: one person, for all that is known. */
  readonly cluster: string;
  /** The part of its address that one line or one flat shares, as the broker cuts it. */
  readonly prefix: string | null;
  /** The network it is in (an autonomous system). */
  readonly provider: string | null;
  readonly country: string | null;
  readonly os: string | null;
  readonly agent_version: string | null;
  /** How much of the last 30 days it was there, or of its life if that is shorter: 0 to 1. */
  readonly online_share: number;
  /** It has passed enough audits (`isVetted`). */
  readonly vetted: boolean;
}

/** A device that could take a piece. Who is suspended, contained or disqualified is none. */
export interface Candidate extends Device {
  /** Further pieces of this size for which it has room. */
  readonly room: number;
  /** `corruptionScore`: 0 to 1. */
  readonly audit_score: number;
}

/** What many devices may be lost by at once. */
export const DOMAINS = ['provider', 'country', 'os', 'agent_version'] as const;
export type Domain = (typeof DOMAINS)[number];

/** storage.md: there at least so much of 30 days. */
export const ALWAYS_ON_SHARE = 0.9;
export const isAlwaysOn = ({ online_share }: Pick<Device, 'online_share'>): boolean => online_share >= ALWAYS_ON_SHARE;

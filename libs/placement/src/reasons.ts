/** Why pieces of a segment have no device. `have`: independent owners that hold or got a piece of it; `want`: pieces that it should have. */
export type PlacementReason =
  | { readonly code: 'too_few_independent_devices'; readonly have: number; readonly want: number }
  /** `full`: devices of other owners that lack only room. */
  | { readonly code: 'too_little_room'; readonly have: number; readonly want: number; readonly full: number }
  /** `left`: devices that only the shares of a segment rule out. */
  | { readonly code: 'too_little_variety'; readonly have: number; readonly want: number; readonly left: number };

/** Why the write of a segment is acknowledged or not yet. */
export type HappinessReason =
  | { readonly code: 'too_few_independent_devices'; readonly have: number; readonly want: number }
  | { readonly code: 'awaits_pieces'; readonly have: number; readonly want: number }
  | { readonly code: 'awaits_always_on'; readonly have: number; readonly want: number }
  | { readonly code: 'acknowledged'; readonly have: number; readonly want: number };

/** Why a segment is repaired or not. `have`: pieces that are there; `at`: it is repaired at so many or fewer. */
export type RepairReason =
  | { readonly code: 'enough_pieces'; readonly have: number; readonly at: number }
  | { readonly code: 'repair_under_way'; readonly have: number; readonly at: number; readonly coming: number }
  | { readonly code: 'repair_due'; readonly have: number; readonly at: number }
  /** Fewer than k: it comes back only with devices that return. */
  | { readonly code: 'too_few_pieces'; readonly have: number; readonly k: number };

/** Why a device is trusted with pieces or not. Scores from 0 to 1. */
export type StandingReason =
  | { readonly code: 'in_good_standing' }
  | { readonly code: 'silent'; readonly rechecks: number; readonly of: number }
  | { readonly code: 'pieces_damaged'; readonly score: number; readonly least: number }
  | { readonly code: 'away_too_often'; readonly score: number; readonly least: number }
  | { readonly code: 'pieces_lost'; readonly score: number; readonly least: number };

export type PolicyReason = PlacementReason | HappinessReason | RepairReason | StandingReason;

const pieces = (count: number): string => `${count} ${count === 1 ? 'piece' : 'pieces'}`;
const devices = (count: number): string => `${count} ${count === 1 ? 'device' : 'devices'}`;
const percent = (share: number): string => `${Math.round(share * 1000) / 10} %`;

/** The reason as a sentence that a person can act on. */
export function policySentence(reason: PolicyReason): string {
  switch (reason.code) {
    case 'too_few_independent_devices':
      return `${pieces(reason.want)} need as many devices of different owners and networks; there are ${reason.have}.`;
    case 'too_little_room':
      return `${pieces(reason.want)} need as many devices of different owners; ${reason.have} have one, and ${devices(reason.full)} more have no room left.`;
    case 'too_little_variety':
      return `${reason.have} of ${pieces(reason.want)} have a device; the ${devices(reason.left)} left share a provider, country, system or agent version with a fifth of the segment, or are too new.`;
    case 'awaits_pieces':
      return `${reason.have} of the ${pieces(reason.want)} that must be stored first are.`;
    case 'awaits_always_on':
      return `${reason.have} of the ${pieces(reason.want)} that must be on devices that are always on are stored.`;
    case 'acknowledged':
      return `${pieces(reason.have)} are stored on devices of different owners and networks; ${reason.want} were needed.`;
    case 'enough_pieces':
      return `${pieces(reason.have)} are there; they are made anew at ${reason.at}.`;
    case 'repair_under_way':
      return `${pieces(reason.have)} are there and ${reason.coming} more are being placed; they are made anew at ${reason.at}.`;
    case 'repair_due':
      return `${pieces(reason.have)} are there, and at ${reason.at} they are made anew.`;
    case 'too_few_pieces':
      return `${pieces(reason.have)} are there and it takes ${reason.k}: the segment can be read when devices that are away come back.`;
    case 'in_good_standing':
      return 'It keeps what it was given.';
    case 'silent':
      return `It did not answer an audit although it was connected: it gets no pieces until it answers; ${reason.rechecks} of ${reason.of} further requests were made.`;
    case 'pieces_damaged':
      return `Audits found its pieces lost or altered too often of late (score ${percent(reason.score)}, at least ${percent(reason.least)} is asked): it gets no new ones.`;
    case 'away_too_often':
      return `It was away on too many days (score ${percent(reason.score)}, at least ${percent(reason.least)} is asked): it gets no new pieces until it is there again.`;
    case 'pieces_lost':
      return `Audits found its pieces lost or altered far too often (score ${percent(reason.score)}, at least ${percent(reason.least)} is asked): it keeps none any more.`;
  }
}

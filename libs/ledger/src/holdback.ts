/** How long earnings are held, in seconds, and for whom. */
export interface HoldbackRules {
  /** Work can be objected to, and proven wrong, for this long. */
  readonly verification_s: number;
  /** While payer or owner is new: cards are disputed weeks after they paid, and cheats come with new accounts. */
  readonly newcomer_s: number;
}

export const HOLD_CODES = ['verification', 'new_payer', 'new_owner'] as const;
export type HoldCode = (typeof HOLD_CODES)[number];

export interface Holdback {
  readonly seconds: number;
  /** The window that decided. */
  readonly code: HoldCode;
}

/** The longer of the verification window and the window of the risk; a new payer is the greater risk, so it is named first. */
export function holdbackOf(who: { readonly payer_new: boolean; readonly owner_new: boolean }, rules: HoldbackRules): Holdback {
  const { verification_s, newcomer_s } = rules;
  if ((!who.payer_new && !who.owner_new) || newcomer_s <= verification_s) return { seconds: verification_s, code: 'verification' };
  return { seconds: newcomer_s, code: who.payer_new ? 'new_payer' : 'new_owner' };
}

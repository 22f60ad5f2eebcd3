import { DEFAULT_LEVEL } from '#protocol';
import type { Terms } from '#sdk';
import { formatMajor, parseMajor } from '#units';
import { amountOf } from '../../ui-kit/amount-of.js';
import { type Draft, isVerified } from './draft.js';

/** What is wrong with the fields, by field. */
export type TermsFaults = Partial<Record<'max_price' | 'cap' | 'verify_budget', string>>;

export function termsFaults(draft: Draft): TermsFaults {
  const { max_price, cap } = draft.terms;
  const faults = {
    max_price: amountOf(max_price).fault,
    cap: amountOf(cap).fault,
    verify_budget: isVerified(draft) ? amountOf(draft.verifier.budget).fault : null,
  };
  return Object.fromEntries(Object.entries(faults).filter(([, fault]) => fault !== null));
}

/** A module's source as it is sent; null where there is none. */
export type VerifierSource = string | null;

/** The SDK's terms of what was typed; what was left empty is the heap's to choose. */
export const termsOf = (
  { slot_class, slots, max_price, cap, fuel_limit, verification }: Draft['terms'],
  verifier: { module: VerifierSource; budget: string },
): Terms => ({
  ...(verifier.module !== null && { verify: { module: verifier.module } }),
  ...(verifier.module !== null && verifier.budget.trim() !== '' && { verifyBudget: parseMajor(verifier.budget) }),
  slotClass: slot_class,
  slots,
  fuelLimit: fuel_limit,
  ...(verification !== DEFAULT_LEVEL && { verification }),
  ...(max_price.trim() !== '' && { maxPrice: parseMajor(max_price) }),
  ...(cap.trim() !== '' && { budget: parseMajor(cap) }),
});

/** The terms as a reader would write them in code: only what is not the default. */
export function termsText(draft: Draft, name: string): string {
  const { slot_class, slots, max_price, cap, fuel_limit, verification } = draft.terms;
  const { budget } = draft.verifier;
  const own = isVerified(draft);
  const members = [
    `name: ${JSON.stringify(name)}`,
    ...(slot_class !== 'micro' ? [`slotClass: '${slot_class}'`] : []),
    ...(slots !== 4 ? [`slots: ${slots}`] : []),
    ...(fuel_limit !== 10_000_000_000 ? [`fuelLimit: ${fuel_limit}`] : []),
    ...(own ? ["verify: { file: 'check.ts' }"] : []),
    ...(own && budget.trim() !== '' ? [`verifyBudget: '${formatMajor(parseMajor(budget))}'`] : []),
    ...(!own && verification !== DEFAULT_LEVEL ? [`verification: '${verification}'`] : []),
    ...(max_price.trim() !== '' ? [`maxPrice: '${formatMajor(parseMajor(max_price))}'`] : []),
    ...(cap.trim() !== '' ? [`budget: '${formatMajor(parseMajor(cap))}'`] : []),
  ];
  return `{ ${members.join(', ')} }`;
}

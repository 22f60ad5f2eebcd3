import { DEFAULT_LEVEL } from '#protocol';
import type { Terms } from '#sdk';
import { formatMajor, parseMajor } from '#units';
import { amountOf } from '../amount-of.js';
import type { TermsDraft } from './draft.js';

/** What is wrong with the fields, by field. */
export type TermsFaults = Partial<Record<'max_price' | 'cap', string>>;

export function termsFaults({ max_price, cap }: TermsDraft): TermsFaults {
  const faults = { max_price: amountOf(max_price).fault, cap: amountOf(cap).fault };
  return Object.fromEntries(Object.entries(faults).filter(([, fault]) => fault !== null));
}

/** The SDK's terms of what was typed; what was left empty is the heap's to choose. */
export const termsOf = ({ slot_class, slots, max_price, cap, fuel_limit, verification }: TermsDraft): Terms => ({
  slotClass: slot_class,
  slots,
  fuelLimit: fuel_limit,
  ...(verification !== DEFAULT_LEVEL && { verification }),
  ...(max_price.trim() !== '' && { maxPrice: parseMajor(max_price) }),
  ...(cap.trim() !== '' && { budget: parseMajor(cap) }),
});

/** The terms as a reader would write them in code: only what is not the default. */
export function termsText(draft: TermsDraft, name: string): string {
  const { slot_class, slots, max_price, cap, fuel_limit, verification } = draft;
  const members = [
    `name: ${JSON.stringify(name)}`,
    ...(slot_class !== 'micro' ? [`slotClass: '${slot_class}'`] : []),
    ...(slots !== 4 ? [`slots: ${slots}`] : []),
    ...(fuel_limit !== 10_000_000_000 ? [`fuelLimit: ${fuel_limit}`] : []),
    ...(verification !== DEFAULT_LEVEL ? [`verification: '${verification}'`] : []),
    ...(max_price.trim() !== '' ? [`maxPrice: '${formatMajor(parseMajor(max_price))}'`] : []),
    ...(cap.trim() !== '' ? [`budget: '${formatMajor(parseMajor(cap))}'`] : []),
  ];
  return `{ ${members.join(', ')} }`;
}

import { HeapError, type Micro } from '#units';
import { ACCOUNTS } from '../accounts.js';
import { at, type JournalDraft, journal, type Leg, notNegative, positive } from '../draft.js';

const { developerAvailable, developerHeld, developerPromo } = ACCOUNTS;

/** `promo` is the part of the amount that is promotional money: it comes from 2020 and can only go back there (I26). */
export interface HoldStep {
  readonly hold_id: string;
  readonly developer: string;
  readonly amount: Micro;
  readonly promo?: Micro;
}

/** Money is set aside before anything runs. The floor of 2000 refuses a hold that is not covered. */
export function hold(step: HoldStep): JournalDraft {
  return journal('hold', `hold:${step.hold_id}`, legs(step, 'hold'), { hold_id: step.hold_id });
}

/** More is set aside for what goes on. */
export function raiseHold(step: Omit<HoldStep, 'promo'> & { readonly raise_id: string }): JournalDraft {
  return journal('hold.raised', `hold-raised:${step.raise_id}`, legs(step, 'hold'), { hold_id: step.hold_id });
}

/** Nothing was captured: all of it goes back. */
export function voidHold(step: HoldStep): JournalDraft {
  return journal('void', `void:${step.hold_id}`, legs(step, 'return'), { hold_id: step.hold_id });
}

/** The rest of a hold that was captured in part goes back. `return_id` tells partial returns of one hold apart. */
export function returnUnused(step: HoldStep & { readonly return_id?: string }): JournalDraft {
  const key = step.return_id === undefined ? `return:${step.hold_id}` : `return:${step.hold_id}:${step.return_id}`;
  return journal('return', key, legs(step, 'return'), { hold_id: step.hold_id });
}

function legs(step: HoldStep, way: 'hold' | 'return'): Leg[] {
  const promo = notNegative(step.promo ?? 0n, 'The promotional part');
  const own = positive(step.amount, `The amount of hold ${step.hold_id}`) - promo;
  if (own < 0n)
    throw new HeapError('promo_above_amount', `Hold ${step.hold_id}: the promotional part ${promo} is more than the amount.`, 'platform');
  const held = at(developerHeld, step.developer);
  const pairs = [
    [at(developerAvailable, step.developer), own],
    [at(developerPromo, step.developer), promo],
  ] as const;
  return pairs.map(([place, amount]): Leg => (way === 'hold' ? [place, held, amount] : [held, place, amount]));
}

import { HeapError, type Micro } from '#units';
import { notNegative, positive } from './draft.js';

/** What became of a hold so far. I6: amount = captured + returned + voided + what is still open. */
export interface HoldAmounts {
  readonly amount: Micro;
  readonly captured: Micro;
  readonly returned: Micro;
  readonly voided: Micro;
}

export function openHold(amount: Micro): HoldAmounts {
  return { amount: positive(amount, 'The hold'), captured: 0n, returned: 0n, voided: 0n };
}

/** What may still be captured or given back. */
export function remaining(hold: HoldAmounts): Micro {
  return hold.amount - hold.captured - hold.returned - hold.voided;
}

/** I5: a resolved hold has nothing left and takes no further step. */
export function isResolved(hold: HoldAmounts): boolean {
  return remaining(hold) === 0n;
}

/** @throws HeapError `capture_above_hold`: nobody is charged above what they were shown; `hold_resolved`. */
export function captureFrom(hold: HoldAmounts, gross: Micro): HoldAmounts {
  positive(gross, 'The capture');
  refuseResolved(hold);
  if (gross > remaining(hold))
    throw new HeapError('capture_above_hold', `A capture of ${gross} is more than the ${remaining(hold)} left in the hold.`, 'platform', {
      gross: String(gross),
      remaining: String(remaining(hold)),
    });
  return { ...hold, captured: hold.captured + gross };
}

/** Ends a hold: the rest is returned when something was captured, and all of it voided when nothing was. */
export function resolveHold(hold: HoldAmounts): HoldAmounts {
  refuseResolved(hold);
  const rest = remaining(hold);
  return hold.captured === 0n && hold.returned === 0n
    ? { ...hold, voided: hold.voided + rest }
    : { ...hold, returned: hold.returned + rest };
}

/** Gives back a part before the end, for instance when a job's budget is lowered. @throws HeapError `return_above_hold`, `hold_resolved`. */
export function returnFrom(hold: HoldAmounts, amount: Micro): HoldAmounts {
  positive(amount, 'The return');
  refuseResolved(hold);
  if (amount > remaining(hold))
    throw new HeapError('return_above_hold', `A return of ${amount} is more than the ${remaining(hold)} left in the hold.`, 'platform');
  return { ...hold, returned: hold.returned + amount };
}

/** I26: promotional money is spent first, so of a hold's promotional part this much is still unspent and goes back to 2020. */
export function promoLeft(promo: Micro, captured: Micro): Micro {
  const left = notNegative(promo, 'The promotional part') - notNegative(captured, 'The captured part');
  return left > 0n ? left : 0n;
}

function refuseResolved(hold: HoldAmounts): void {
  if (isResolved(hold))
    throw new HeapError('hold_resolved', 'This hold is resolved: nothing is left to capture or to give back.', 'platform');
}

import { formatMajor, type Micro } from '#units';
import { amountOf, explainer, type Sentences } from './reason.js';

type Unit = 'slot' | 'GB';
const units = (count: number, unit: Unit): string => (unit === 'GB' ? `${count} GB` : amountOf(count, 'slot'));

/** Why a reservation is as it is; why the market matched nothing is said by `#auction`. */
export const RESERVATION_REASONS = {
  next_round: () => 'Waits for the next round of its market, which clears within a quarter of a second.',
  holding: ({ leased, unit }: { leased: number; unit: Unit }) => `Has ${units(leased, unit)}.`,
  holding_some: ({ leased, wanted, unit, why }: { leased: number; wanted: number; unit: Unit; why: string }) =>
    `Has ${units(leased, unit)} of ${wanted}. ${why}`,
  too_few_nodes: ({ most }: { most: number }) =>
    `No further node has room for it: it takes at most ${most} of each, and of the nodes of different owners where it asks for that.`,
  day_cap: ({ cap_micro }: { cap_micro: Micro }) =>
    `Today's spending cap of ${formatMajor(cap_micro)} leaves too little for a term: it goes on tomorrow, or raise the cap.`,
  hours_over: ({ hours }: { hours: number }) => `Its ${amountOf(hours, 'hour')} are over; what was not used returned.`,
  budget_exhausted: ({ budget_micro }: { budget_micro: Micro }) =>
    `The budget of ${formatMajor(budget_micro)} does not pay for more; what was not used returned.`,
  cancelled_by_developer: () => 'Cancelled by its developer; what was kept was paid, the rest of the budget returned.',
  deadline_passed: () => 'Its deadline passed; what was kept is paid for, the rest of the budget returned.',
  developer_frozen: () => "The developer's account is frozen; nothing is kept on money in dispute.",
} as const satisfies Sentences;

/** Why the lease of standing slots or storage ended. In every case what was kept until then is paid. */
export const KEPT_END_REASONS = {
  term_over: () => 'Its term is over and the reservation did not win again.',
  displaced: ({ price_micro }: { price_micro: Micro }) => `A higher bid won at the renewal; the price is now ${formatMajor(price_micro)}.`,
  repriced: ({ price_micro }: { price_micro: Micro }) =>
    `Its term is over; the reservation goes on here at the new price of ${formatMajor(price_micro)}.`,
  price_above_maximum: ({ price_micro }: { price_micro: Micro }) =>
    `At the renewal its owner asked for ${formatMajor(price_micro)}, more than the reservation's maximum.`,
  moved: () => 'At the renewal the reservation won elsewhere, where it suits it better or costs less.',
  below_minimum: () => 'At the renewal the reservation could get less than it takes.',
  order_rules: () => 'Its developer no longer admits this device or its owner, or the device no longer fits the reservation.',
  owner_rules: () => "The owner's rules no longer allow this on the device.",
  owner_yield: () => 'The owner wanted the device back or allots less of it.',
  budget_exhausted: () => 'The budget does not pay for another term.',
  hours_over: () => 'The hours of the reservation are over.',
  day_cap: () => "Today's spending cap of its developer does not pay for the rest of it.",
  node_lost: () => 'The node was away longer than the reservation waits.',
  node_revoked: () => 'The device was taken out of the heap.',
  leaving: () => 'The device takes nothing new: what it keeps moves to others first.',
  untrusted: () => 'Audits found what the device keeps lost or altered too often.',
  reservation_over: () => 'Its reservation is over.',
} as const satisfies Sentences;

export const reserving = explainer(RESERVATION_REASONS);
export const keptEnded = explainer(KEPT_END_REASONS);

import * as z from 'zod';
import { code, id, instant, microText } from '../scalars.js';
import { PAYOUT_STATES } from './money.js';
import { route } from './route.js';

const reason = z.object({ code, sentence: z.string() });

export const earnings = z.object({
  currency: z.string(),
  simulated: z.boolean(),
  /** Ever, after the fee and without what went back. */
  earned_micro: microText,
  held_micro: microText,
  /** What is held, by the day of UTC on which it becomes payable and by why it is held. */
  held: z.array(
    z.object({
      day: z.iso.date(),
      /** The last of the day's. */
      until: instant,
      amount_micro: microText,
      captures: z.number().int(),
      reason,
    }),
  ),
  /** A part of a new owner's earnings; null where nothing is in reserve. */
  reserve: z.object({ amount_micro: microText, until: instant, reason }).nullable(),
  /** What could be paid out now if it is enough. */
  payable_micro: microText,
  /** Released, and not payable: what the own linked accounts paid, fractions of the smallest coin, or while it is frozen. */
  withheld: z.object({ amount_micro: microText, reason }).nullable(),
  in_flight_micro: microText,
  /** Payouts on their way, and why they are where they are. */
  in_flight: z.array(z.object({ payout_id: id, amount_micro: microText, state: z.enum(PAYOUT_STATES), reason })),
  paid_micro: microText,
  /** Taken back for results that were proven wrong. */
  taken_back_micro: microText,
  /** Paid by the next earnings, before anything else. */
  debt_micro: microText,
  threshold: z.object({
    minimum_micro: microText,
    missing_micro: microText,
    /** What was earned in a day of the last week. */
    per_day_micro: microText,
    /** When the minimum is payable, at the recent rate and with what is held; null when that is never. */
    expected_at: instant.nullable(),
  }),
  /** What a payout that is asked for now would hear. */
  payout: reason,
});

export const funds = z.object({
  currency: z.string(),
  simulated: z.boolean(),
  available_micro: microText,
  /** Spent first, never paid out. */
  promo_micro: microText,
  held_micro: microText,
  /** What is held for each job that is not over. */
  held: z.array(z.object({ job_id: id, name: z.string(), amount_micro: microText, reason })),
  frozen_micro: microText,
  /** Why money is frozen or nothing new may be held; null when neither is. */
  frozen: reason.nullable(),
  debt_micro: microText,
  /** What could go back to cards now: at most what was deposited there, and at most what is unspent. */
  refundable_micro: microText,
  job_cap_micro: microText.nullable(),
  day_cap_micro: microText.nullable(),
  spent_today_micro: microText,
  day_ends_at: instant,
});

const earnedSums = { earned_micro: microText, today_micro: microText };

export const earningsHistory = z.object({
  currency: z.string(),
  simulated: z.boolean(),
  /** Days of UTC, oldest first, also those without an earning; after the fee and without what went back. */
  days: z.array(z.object({ day: z.iso.date(), earned_micro: microText })),
  /** Devices that earned in these days, the most first; today is the day of UTC. */
  nodes: z.array(z.object({ node_id: id, name: z.string(), ...earnedSums })),
});

export const earningRoutes = {
  earningsHistory: route({
    method: 'GET',
    path: '/v1/earnings/history',
    summary: 'What your devices earned by day and by device, in the last 30 days',
    access: 'owner',
    status: 200,
    response: earningsHistory,
  }),
  earnings: route({
    method: 'GET',
    path: '/v1/earnings',
    summary: 'What your devices earned: held (until when and why), payable, on its way, paid, and when a payout comes within reach',
    access: 'owner',
    status: 200,
    response: earnings,
  }),
  funds: route({
    method: 'GET',
    path: '/v1/funds',
    summary: 'What you can spend, what is held for which job, frozen, refundable, and your caps',
    access: 'developer',
    status: 200,
    response: funds,
  }),
} as const;

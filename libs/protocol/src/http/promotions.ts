import * as z from 'zod';
import { id, instant, microText, text } from '../scalars.js';
import { route } from './route.js';

/** Upper and lower case are the same code. */
const promoCode = z
  .string()
  .trim()
  .toUpperCase()
  .regex(/^[A-Z0-9][A-Z0-9_-]{2,31}$/, 'a code is 3 to 32 letters, digits, - and _');
const amount = z.string().regex(/^[1-9]\d{0,14}$/, 'write the amount as a string of digits: micro-units, more than none');

export const promoGrant = z.object({
  grant_id: id,
  campaign: z.string(),
  amount_micro: microText,
  /** Neither held, spent nor expired. */
  left_micro: microText,
  expires_at: instant,
});

export const campaign = z.object({
  campaign_id: id,
  code: z.string(),
  name: z.string(),
  /** For each person, and for all together. */
  amount_micro: microText,
  budget_micro: microText,
  granted_micro: microText,
  /** Of what was granted: held or spent, and back with the operator. */
  used_micro: microText,
  expired_micro: microText,
  people: z.number().int(),
  days: z.number().int(),
  ends_at: instant,
});

export const promotionRoutes = {
  redeemPromo: route({
    method: 'POST',
    path: '/v1/promotions',
    summary: 'Redeem the code of a campaign, once; the money is spent before your own, and is never paid out',
    access: 'developer',
    status: 201,
    body: z.strictObject({ code: promoCode }),
    response: promoGrant,
  }),
  listPromos: route({
    method: 'GET',
    path: '/v1/promotions',
    summary: "The caller's promotional money, by campaign",
    access: 'developer',
    status: 200,
    response: z.object({ grants: z.array(promoGrant) }),
  }),
  createCampaign: route({
    method: 'POST',
    path: '/v1/admin/campaigns',
    summary: 'A code that gives each developer who redeems it promotional money, until its budget is granted or its time is over',
    access: 'admin',
    status: 201,
    body: z.strictObject({
      code: promoCode,
      name: text(64).min(1),
      amount_micro: amount,
      budget_micro: amount,
      /** Days until what was granted expires. */
      days: z.number().int().min(1).max(3650),
      ends_at: instant,
    }),
    response: campaign,
  }),
  listCampaigns: route({
    method: 'GET',
    path: '/v1/admin/campaigns',
    summary: 'Campaigns, and what became of their money',
    access: 'admin',
    status: 200,
    response: z.object({ campaigns: z.array(campaign) }),
  }),
} as const;

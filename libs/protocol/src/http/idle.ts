import * as z from 'zod';
import { code, id, microText, slotClass } from '../scalars.js';
import { route } from './route.js';

/** Slots of a device that are on offer and free, and why nobody has them. */
const idleOffer = z.object({
  node_id: id,
  slot_class: slotClass,
  slots: z.number().int(),
  reason: z.object({ code, sentence: z.string() }),
});

/** What a device's slots of one class would have earned last week at each of some prices, had they been for sale at it. */
export const reserveAdvice = z.object({
  slot_class: slotClass,
  slots: z.number().int(),
  /** What counts now, for 10¹² fuel. */
  reserve_price_micro: microText,
  /** What electricity costs the device, with the owner's margin. */
  electricity_micro: microText,
  suggestion: z.object({ price_micro: microText, sentence: z.string() }),
  /** By price, ascending; the present and the suggested price are among them. */
  points: z.array(
    z.object({
      price_micro: microText,
      /** After the heap's fee. */
      earned_micro: microText,
      /** Of it, what the electricity of those hours costs, without the margin. */
      electricity_micro: microText,
      slot_hours: z.number(),
    }),
  ),
  /** What was taken for granted, in sentences. */
  assumes: z.array(z.string()),
});

export const idleRoutes = {
  getReserveAdvice: route({
    method: 'GET',
    path: '/v1/nodes/:node_id/reserve-price',
    summary: 'A reserve price for a device, and what it would have earned last week at that and other prices',
    access: 'owner',
    status: 200,
    params: z.strictObject({ node_id: id }),
    response: z.object({ currency: z.string(), simulated: z.boolean(), markets: z.array(reserveAdvice) }),
  }),
  listIdle: route({
    method: 'GET',
    path: '/v1/offers/idle',
    summary: 'Why free slots of the devices of the caller find no work at present',
    access: 'owner',
    status: 200,
    response: z.object({ idle: z.array(idleOffer) }),
  }),
} as const;

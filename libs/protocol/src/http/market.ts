import { z } from 'zod';
import { code, id, instant, microText, price, slotClass } from '../scalars.js';
import { MIN_SLOTS_ISSUE, minSlotsFit, orderTerms } from './order-terms.js';
import { route } from './route.js';

export const marketRoutes = {
  estimate: route({
    method: 'POST',
    path: '/v1/estimates',
    summary: 'What an order would cost now: a dry clearing against the present book',
    access: 'developer',
    status: 200,
    body: z
      .strictObject({
        slot_class: slotClass.default('micro'),
        slots: z.number().int().min(1).max(10_000).default(4),
        max_price_micro: price,
        ...orderTerms,
      })
      .refine(minSlotsFit, MIN_SLOTS_ISSUE),
    response: z.object({
      slots_now: z.number().int(),
      price_micro: microText.nullable(),
      reason: z.object({ code, sentence: z.string() }),
    }),
  }),
  getRound: route({
    method: 'GET',
    path: '/v1/rounds/:round_id',
    summary: 'The receipt of a round: its inputs, outputs, rule version and the hash of the receipt before it',
    access: 'person',
    status: 200,
    params: z.strictObject({ round_id: id }),
    response: z.object({
      id,
      market: z.string(),
      cleared_at: instant,
      receipt: z.record(z.string(), z.unknown()),
      hash: z.string(),
      previous_hash: z.string().nullable(),
    }),
  }),
} as const;

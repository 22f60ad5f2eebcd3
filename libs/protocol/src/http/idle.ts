import * as z from 'zod';
import { code, id, slotClass } from '../scalars.js';
import { route } from './route.js';

/** Slots of a device that are on offer and free, and why nobody has them. */
const idleOffer = z.object({
  node_id: id,
  slot_class: slotClass,
  slots: z.number().int(),
  reason: z.object({ code, sentence: z.string() }),
});

export const idleRoutes = {
  listIdle: route({
    method: 'GET',
    path: '/v1/offers/idle',
    summary: 'Why free slots of the devices of the caller find no work at present',
    access: 'owner',
    status: 200,
    response: z.object({ idle: z.array(idleOffer) }),
  }),
} as const;

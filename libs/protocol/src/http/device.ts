import * as z from 'zod';
import { VIEW_CLASSES, WORKLOAD_CLASS_NAMES } from '#units';
import { id, instant, microText, nodeKind, slotClass, text } from '../scalars.js';
import { route } from './route.js';

/** What a device may ask about itself, with the token of its session: it has no account and is shown nothing of its owner's. */
export const deviceRoutes = {
  getDevice: route({
    method: 'GET',
    path: '/v1/device',
    summary: 'What the calling device is to the heap, and what it works on',
    access: 'node',
    status: 200,
    response: z.object({
      node_id: id,
      name: z.string(),
      kind: nodeKind,
      work: z.array(
        z.object({
          lease_id: id,
          slot_class: slotClass,
          view_class: z.enum(VIEW_CLASSES),
          /** What the developer says it is for. */
          workload_class: z.enum(WORKLOAD_CLASS_NAMES),
        }),
      ),
    }),
  }),
  putDevice: route({
    method: 'PUT',
    path: '/v1/device',
    summary: 'Say what the calling device is and is called; its electricity is reckoned anew with its next offer',
    access: 'node',
    status: 204,
    body: z.strictObject({ name: text(64).min(1), kind: nodeKind }),
  }),
  leaveHeap: route({
    method: 'DELETE',
    path: '/v1/device',
    summary: 'Take the calling device out of the heap for good; its connection closes at once',
    access: 'node',
    status: 204,
  }),
  deviceEarnings: route({
    method: 'GET',
    path: '/v1/device/earnings',
    summary: 'What the calling device earned for its owner, after the fee and without what went back',
    access: 'node',
    status: 200,
    /** The device's own midnight, say. */
    query: z.strictObject({ since: instant }),
    response: z.object({
      currency: z.string(),
      simulated: z.boolean(),
      earned_micro: microText,
      earned_since_micro: microText,
    }),
  }),
} as const;

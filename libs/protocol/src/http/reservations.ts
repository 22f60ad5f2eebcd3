import * as z from 'zod';
import { isStorage, KEPT_MARKETS } from '#units';
import { HTTP_LIMITS } from '../limits.js';
import { code, id, instant, micro, microText, nodeKind, price, text } from '../scalars.js';
import { estimate } from './market.js';
import { orderTerms, orderView, runTerms } from './order-terms.js';
import { route } from './route.js';

export const keptMarket = z.enum(KEPT_MARKETS);
const quantity = z.number().int().min(1).max(10_000);
const hours = z.number().int().min(1).max(HTTP_LIMITS.reserved_hours).nullable().default(null);

const { workload_class: _, min_slots: __, ...wishes } = orderTerms;
const { verification: ___, on_disconnect: ____, ...run } = runTerms;

/** What a reservation says to the market beside its price: as a job does, with units (slots or GB) for slots. */
const marketTerms = {
  market: keptMarket,
  /** Slots, or GB of 10⁹ bytes, at a time. */
  quantity: quantity.default(1),
  /** With fewer than this it takes none. */
  min_quantity: quantity.default(1),
  /** At most so many of one node, so that it has many; with `spread: owner` it takes one node of each owner. Null where it does not matter. */
  max_per_node: quantity.nullable().default(null),
  /** How long it wants them, from its first lease on; null as long as the budget lasts. A month of storage is 720 hours. */
  hours,
  ...wishes,
};
const minFits = ({ quantity, min_quantity }: { quantity: number; min_quantity: number }) => min_quantity <= quantity;
const MIN_ISSUE = { path: ['min_quantity'], message: 'it is at most `quantity`' };

export const reservationTerms = z
  .strictObject({
    name: text(128).default(''),
    ...marketTerms,
    /** The most it pays for a slot-hour, or for a GB-month of 30 days. */
    max_price_micro: price.refine((most) => most > 0n, 'a reservation pays something'),
    /** Held at once; it never costs more. Null holds what `hours` cost at the maximum price. */
    budget_micro: micro.nullable().default(null),
    ...run,
  })
  .refine(minFits, MIN_ISSUE)
  .refine(({ hours, budget_micro }) => hours !== null || budget_micro !== null, {
    path: ['budget_micro'],
    message: 'say how long it shall last, or what it may cost: `hours`, `budget_micro` or both',
  });

export const RESERVATION_STATES = ['WAITING', 'RUNNING', 'DONE', 'CANCELLED', 'STOPPED'] as const;
const reason = z.object({ code, sentence: z.string() });

/** A lease as both sides see it. */
const keptLease = z.object({
  id,
  reservation_id: id,
  market: keptMarket,
  node_id: id,
  /** Slots or GB. */
  quantity: z.number().int(),
  price_micro: microText,
  state: z.enum(['ACTIVE', 'DRAINING', 'ENDED']),
  /** Why it ended, or why it must leave; null while it goes on. */
  reason: reason.nullable(),
  granted_at: instant,
  /** When its term, or its notice, is over. */
  expires_at: instant,
  ended_at: instant.nullable(),
  renewals: z.number().int(),
  /** How long the device was there and kept it, in milliseconds. */
  kept_ms: z.number(),
  /** Storage: bytes times hours that audits found, of which alone it is charged. */
  audited_byte_hours: z.string().regex(/^\d+$/),
  charged_micro: microText,
});

const { workload_class: _v, min_slots: _w, verification: _x, on_disconnect: _y, ...orderShown } = orderView.shape;

export const reservation = z.object({
  id,
  name: z.string(),
  market: keptMarket,
  state: z.enum(RESERVATION_STATES),
  /** Why it is in this state or what it waits for. */
  reason,
  quantity: z.number().int(),
  max_per_node: z.number().int().nullable(),
  /** Slots or GB that it has now. */
  leased: z.number().int(),
  max_price_micro: microText,
  hours: z.number().int().nullable(),
  budget_micro: microText,
  charged_micro: microText,
  held_micro: microText,
  order: z.object({ ...orderShown, min_quantity: z.number().int() }),
  /** Fuel that a standing slot may burn in an hour for its price; null for storage. */
  fuel_allowance_per_hour: z.number().nullable(),
  /** Those that are not over, and the last ones that are. */
  leases: z.array(keptLease),
  created_at: instant,
  /** When its hours are over; null before its first lease, or without `hours`. */
  ends_at: instant.nullable(),
  finished_at: instant.nullable(),
});

const { slots_now, first_result_ms, work, cost_range, verification, ...shared } = estimate.shape;
const moneySpan = shared.price_range;

/** What a reservation may expect. */
export const reservationEstimate = z.object({
  ...shared,
  /** Slots or GB that it would have at once. */
  quantity_now: slots_now,
  /** Of all its units for an hour (standing) or a month of 30 days (storage). */
  cost_per_unit_time: z.object({ unit: z.enum(['hour', 'month']), ...moneySpan.shape }),
  /** For all its hours; null where they are not stated. */
  cost_range,
  /** What would be held for it; null without `hours`. */
  hold_micro: microText.nullable(),
  /** From now to its first lease; a high of null says that nothing seen so far bounds it. */
  first_lease_ms: first_result_ms,
});

const keptOffer = z.object({
  node_id: id,
  name: z.string(),
  kind: nodeKind,
  market: keptMarket,
  /** Slots or GB allotted, and how many of them nobody has. */
  quantity: z.number().int(),
  free: z.number().int(),
  available: z.boolean(),
  reserve_price_micro: microText,
  /** Whose price that is: set by `heap offer`, the agent's, or the automatic one. */
  price_source: z.enum(['owner', 'agent', 'automatic']),
  /** Standing: the device's electricity and the margin. Storage: what the heap is set to. */
  default_price_micro: microText,
  /** Standing slots need the owner's consent to services: without it nobody's order fits. */
  consent: z.boolean(),
  /** Why what is free finds nobody; null where nothing is free. */
  idle: reason.nullable(),
});

const page = z.strictObject({ before: id.optional(), limit: z.coerce.number().int().min(1).max(HTTP_LIMITS.page_items).default(20) });
const reservationParams = z.strictObject({ reservation_id: id });

export const unitOf = (market: string): 'slot-hour' | 'GB-month' => (isStorage(market) ? 'GB-month' : 'slot-hour');

export const reservationRoutes = {
  reserve: route({
    method: 'POST',
    path: '/v1/reservations',
    summary: 'Reserve standing slots or storage: the budget is held, and the next round of the market decides',
    access: 'developer',
    status: 201,
    idempotent: true,
    body: reservationTerms,
    response: reservation,
  }),
  estimateReservation: route({
    method: 'POST',
    path: '/v1/reservations/estimate',
    summary:
      'What a reservation may expect: price, cost by the hour or month, time to its first lease, and what would change it. Places nothing',
    access: 'developer',
    status: 200,
    body: z.strictObject({ ...marketTerms, max_price_micro: price.nullable().default(null) }).refine(minFits, MIN_ISSUE),
    response: reservationEstimate,
  }),
  listReservations: route({
    method: 'GET',
    path: '/v1/reservations',
    summary: "The caller's reservations, newest first",
    access: 'developer',
    status: 200,
    query: page,
    response: z.object({ reservations: z.array(reservation) }),
  }),
  getReservation: route({
    method: 'GET',
    path: '/v1/reservations/:reservation_id',
    summary: 'One reservation with its leases',
    access: 'developer',
    status: 200,
    params: reservationParams,
    response: reservation,
  }),
  cancelReservation: route({
    method: 'POST',
    path: '/v1/reservations/:reservation_id/cancel',
    summary: 'Give it up now: what was kept stays paid, the rest of the budget returns',
    access: 'developer',
    status: 200,
    params: reservationParams,
    response: reservation,
  }),
  listKeptLeases: route({
    method: 'GET',
    path: '/v1/kept-leases',
    summary: "Standing slots and storage of the caller's devices that are or were leased, newest first",
    access: 'owner',
    status: 200,
    query: page,
    response: z.object({ leases: z.array(keptLease.extend({ buyer_id: id })) }),
  }),
  listKeptOffers: route({
    method: 'GET',
    path: '/v1/kept-offers',
    summary: 'Standing slots and storage that the devices of the caller offer, at what reserve price, and why they are idle',
    access: 'owner',
    status: 200,
    response: z.object({ offers: z.array(keptOffer) }),
  }),
  putKeptPrice: route({
    method: 'PUT',
    path: '/v1/nodes/:node_id/kept-offers/:market',
    summary: 'Set the reserve price of standing slots or storage of a device; null goes back to the automatic one',
    access: 'owner',
    status: 204,
    params: z.strictObject({ node_id: id, market: keptMarket }),
    body: z.strictObject({ price_micro: price.nullable() }),
  }),
} as const;

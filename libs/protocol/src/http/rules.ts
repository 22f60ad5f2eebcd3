import * as z from 'zod';
import { WORKLOAD_CLASS_NAMES, WORKLOAD_CLASSES_BY_DEFAULT } from '#units';
import { HTTP_LIMITS } from '../limits.js';
import { id, label, microText, price, region, slotClass } from '../scalars.js';
import { timeZone } from '../time-zone.js';
import { route } from './route.js';

const LISTED_MAX = HTTP_LIMITS.array_items;

/**
 * A price of the owner's own for some hours of some weekdays (1 Monday to 7 Sunday), in the owner's time zone. From 22 to 6 runs over
 * midnight and belongs to the day on which it begins.
 */
export const priceHours = z
  .strictObject({
    weekdays: z
      .array(z.number().int().min(1).max(7))
      .min(1)
      .max(7)
      .refine((days) => new Set(days).size === days.length, 'each weekday is named once'),
    from_hour: z.number().int().min(0).max(23),
    to_hour: z.number().int().min(1).max(24),
    price_micro: price,
  })
  .refine(({ from_hour, to_hour }) => from_hour !== to_hour, {
    path: ['to_hour'],
    message: 'it ends when it begins: write 0 to 24 for the whole day',
  });

const hoursList = z.array(priceHours).max(200);

/** What an owner says about all of their devices; every member has a stated default. */
export const ownerRules = z.strictObject({
  /** Where the devices are, ISO 3166: `de`, `us-ca`. A device may say otherwise. */
  region: region.nullable().default(null),
  time_zone: timeZone.default('UTC'),
  /** What a kWh costs the owner, in micro-units; null takes the region's typical price. */
  price_per_kwh_micro: price.nullable().default(null),
  /** What the automatic reserve adds to the electricity, in percent. */
  margin_percent: z.number().int().min(0).max(10_000).default(25),
  /** Prices by weekday and hour instead of the automatic reserve; the first that fits counts. */
  hours: hoursList.default([]),
  /** Only these buyers; null admits all. */
  allow_buyers: z.array(id).max(LISTED_MAX).nullable().default(null),
  deny_buyers: z.array(id).max(LISTED_MAX).default([]),
  /** What the devices may be used for. */
  workload_classes: z
    .array(z.enum(WORKLOAD_CLASS_NAMES))
    .max(WORKLOAD_CLASS_NAMES.length)
    .default([...WORKLOAD_CLASSES_BY_DEFAULT]),
});

const hoursView = z.array(
  z.object({ weekdays: z.array(z.number().int()), from_hour: z.number().int(), to_hour: z.number().int(), price_micro: microText }),
);

export const ownerRulesView = z.object({
  region: z.string().nullable(),
  time_zone: z.string(),
  price_per_kwh_micro: microText.nullable(),
  margin_percent: z.number().int(),
  hours: hoursView,
  allow_buyers: z.array(id).nullable(),
  deny_buyers: z.array(id),
  workload_classes: z.array(z.enum(WORKLOAD_CLASS_NAMES)),
  /** The price of a kWh that counts now, and where it comes from. */
  electricity: z.object({ price_per_kwh_micro: microText, source: z.enum(['owner', 'region', 'anywhere']), region: z.string().nullable() }),
});

export const PRICE_SOURCES = ['device_hours', 'hours', 'agent', 'electricity'] as const;

/** What a device offers in one market, at what price and why. */
export const offer = z.object({
  node_id: id,
  name: z.string(),
  slot_class: slotClass,
  slots: z.number().int(),
  free: z.number().int(),
  available: z.boolean(),
  region: z.string().nullable(),
  labels: z.array(z.string()),
  /** Nothing is sold below it; micro-units per 10¹² fuel. */
  reserve_price_micro: microText,
  price_source: z.enum(PRICE_SOURCES),
  /** What the automatic reserve would be: the device's electricity and the margin. */
  electricity_price_micro: microText,
  watts: z.number(),
  hours: hoursView,
});

/** What an owner says about one device; what is left out stays as it is. */
export const offerTerms = z.strictObject({
  /** Instead of the region in the owner's rules; null goes back to it. */
  region: region.nullable().optional(),
  /** Words that orders may ask for. */
  labels: z
    .array(label)
    .max(32)
    .refine((labels) => new Set(labels).size === labels.length, 'each label is named once')
    .optional(),
  /** Come before the hours in the owner's rules. */
  hours: hoursList.optional(),
});

export const ruleRoutes = {
  getRules: route({
    method: 'GET',
    path: '/v1/rules',
    summary: "The caller's rules as an owner: prices, whom and what they admit",
    access: 'owner',
    status: 200,
    response: ownerRulesView,
  }),
  putRules: route({
    method: 'PUT',
    path: '/v1/rules',
    summary: "Replace the caller's rules as an owner; they hold from the next round on",
    access: 'owner',
    status: 200,
    body: ownerRules,
    response: ownerRulesView,
  }),
  listOffers: route({
    method: 'GET',
    path: '/v1/offers',
    summary: 'What the devices of the caller offer, at what reserve price and why',
    access: 'owner',
    status: 200,
    response: z.object({ offers: z.array(offer) }),
  }),
  putOfferTerms: route({
    method: 'PUT',
    path: '/v1/nodes/:node_id/offer',
    summary: 'Say where a device is, what it is called for and what it costs by the hour; what is left out stays',
    access: 'owner',
    status: 204,
    params: z.strictObject({ node_id: id }),
    body: offerTerms,
  }),
} as const;

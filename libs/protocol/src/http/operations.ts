import { z } from 'zod';
import { HTTP_LIMITS } from '../limits.js';
import { code, id, instant, microText, nodeKind, text } from '../scalars.js';
import { FIGURE_UNITS, SERIES_METRICS } from './figures.js';
import { marketName } from './market.js';
import { PRESENCES } from './nodes.js';
import { route } from './route.js';

const count = z.number().int().min(0);
const sentence = text(2_000).refine((value) => value.trim() !== '', 'say why in a sentence');

export const ALERT_SEVERITIES = ['critical', 'warning', 'notice'] as const;

export const heapAlert = z.object({
  alert_id: id,
  code,
  /** What it is about, where there are several of its kind; empty otherwise. */
  subject: z.string(),
  severity: z.enum(ALERT_SEVERITIES),
  /** What it adds to the badness of the heap. */
  weight: z.number().int(),
  sentence: z.string(),
  /** The page of the console that shows what it is made of. */
  link: z.string(),
  raised_at: instant,
  cleared_at: instant.nullable(),
  acknowledged: z.object({ at: instant, by: id, note: z.string() }).nullable(),
});
export type HeapAlertView = z.output<typeof heapAlert>;

export const glance = z.object({
  /** When it was read; it may be shown to several for a second. */
  at: instant,
  nodes: z.object({
    enrolled: count,
    connected: count,
    /** Null presence: enrolled and never connected. Null region: neither the device nor its owner's rules say where it is. */
    groups: z.array(z.object({ kind: nodeKind, presence: z.enum(PRESENCES).nullable(), region: z.string().nullable(), nodes: count })),
    versions: z.array(z.object({ version: z.string().nullable(), nodes: count })),
  }),
  work: z.object({
    /** Of the last ten seconds. */
    tasks_per_second: z.number(),
    failures_per_second: z.number(),
    tasks_queued: count,
    tasks_leased: count,
    jobs_live: count,
    jobs_waiting: count,
    /** The oldest job with waiting tasks. */
    oldest: z.object({ job_id: id, since: instant }).nullable(),
    /** Why jobs without a slot wait, the most frequent first. */
    reasons: z.array(z.object({ code, sentence: z.string(), jobs: count })),
  }),
  markets: z.array(
    z.object({
      market: marketName,
      price_micro: microText.nullable(),
      traded_at: instant.nullable(),
      round: z.object({ number: z.number().int(), cleared_at: instant }).nullable(),
      /** Who leads it, by the number of the lead, and when that one was last heard of. */
      leader: z.object({ epoch: z.number().int(), seen_at: instant, silent: z.boolean() }).nullable(),
    }),
  ),
  money: z.object({
    currency: z.string(),
    simulated: z.boolean(),
    assets_micro: microText,
    liabilities_micro: microText,
    surplus_micro: microText,
    held_micro: microText,
    owed_to_developers_micro: microText,
    owed_to_owners_micro: microText,
    suspense: z.object({ movements: count, net_micro: microText, oldest_at: instant.nullable() }),
    invariants: z.object({
      holding: count,
      broken: z.array(z.object({ invariant: z.string(), detail: z.string() })),
      checked_at: instant.nullable(),
    }),
    outbox_open: count,
    inbox_open: count,
    payouts_open: count,
  }),
  care: z.object({
    penalties_active: count,
    nodes_banned: count,
    objections_open: count,
    disputes_open: count,
    journals_proposed: count,
    checks_waiting: count,
  }),
  /** What each figure is, in a sentence, and the page that shows what it is made of. */
  figures: z.record(z.string(), z.object({ unit: z.enum(FIGURE_UNITS), definition: z.string(), link: z.string() })),
  alerts: z.array(heapAlert),
  /** The weights of the alerts that stand, added up. */
  badness: z.number().int(),
});

export const operationRoutes = {
  glance: route({
    method: 'GET',
    path: '/v1/admin/glance',
    summary: 'The whole heap in one answer: nodes, work, markets, money, what needs care, alerts',
    access: 'admin',
    status: 200,
    response: glance,
  }),
  series: route({
    method: 'GET',
    path: '/v1/admin/series',
    summary: 'A figure of the heap over time; without a step the finest that fits 1,000 points and is kept',
    access: 'admin',
    status: 200,
    query: z.strictObject({
      metric: z.enum(SERIES_METRICS),
      from: instant.optional(),
      to: instant.optional(),
      step: z.enum(['minute', 'hour', 'day']).optional(),
    }),
    response: z.object({
      metric: z.enum(SERIES_METRICS),
      unit: z.enum(FIGURE_UNITS),
      definition: z.string(),
      link: z.string(),
      step: z.enum(['minute', 'hour', 'day']),
      from: instant,
      to: instant,
      points: z.array(z.object({ at: instant, mean: z.number(), least: z.number(), most: z.number(), samples: z.number().int() })),
    }),
  }),
  listAlerts: route({
    method: 'GET',
    path: '/v1/admin/alerts',
    summary: 'Alerts, newest first, also those that are over; `open` shows those that stand',
    access: 'admin',
    status: 200,
    query: z.strictObject({
      open: z.enum(['true', 'false']).optional(),
      before: id.optional(),
      limit: z.coerce.number().int().min(1).max(HTTP_LIMITS.page_items).default(50),
    }),
    response: z.object({ alerts: z.array(heapAlert) }),
  }),
  acknowledgeAlert: route({
    method: 'POST',
    path: '/v1/admin/alerts/:alert_id/acknowledgement',
    summary: 'Say that you have seen an alert, and what you make of it. Logged',
    access: 'admin',
    status: 200,
    params: z.strictObject({ alert_id: id }),
    body: z.strictObject({ note: sentence }),
    response: heapAlert,
  }),
  heapFigures: route({
    method: 'GET',
    path: '/v1/heap/figures',
    summary: 'What everybody may know of the heap: devices online, tasks of the last day, what owners were paid, prices of the last week',
    access: 'public',
    status: 200,
    response: z.object({
      at: instant,
      currency: z.string(),
      simulated: z.boolean(),
      nodes_online: count,
      tasks_settled_day: count,
      paid_to_owners_30_days_micro: microText,
      markets: z.array(
        z.object({
          market: marketName,
          price_micro: microText.nullable(),
          traded_at: instant.nullable(),
          /** The last price of each hour with a trade, oldest first. */
          week: z.array(z.object({ at: instant, price_micro: microText })),
        }),
      ),
    }),
  }),
} as const;

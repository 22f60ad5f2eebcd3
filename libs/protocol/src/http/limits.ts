import * as z from 'zod';
import { HTTP_LIMITS } from '../limits.js';
import { id, instant, micro, microText } from '../scalars.js';
import { route } from './route.js';

const listed = z.array(id).max(HTTP_LIMITS.array_items).default([]);

/** What a developer never wants to exceed or to use, in every job. */
export const buyerLimits = z.strictObject({
  /** The largest budget that a job may have; null for none. */
  job_cap_micro: micro.nullable().default(null),
  /** The most that all jobs may cost in a day of UTC; null for none. */
  day_cap_micro: micro.nullable().default(null),
  /** Owners and nodes that no job uses. */
  not_owners: listed,
  not_nodes: listed,
});

const view = z.object({
  job_cap_micro: microText.nullable(),
  day_cap_micro: microText.nullable(),
  not_owners: z.array(id),
  not_nodes: z.array(id),
  spent_today_micro: microText,
  day_ends_at: instant,
});

export const limitRoutes = {
  getLimits: route({
    method: 'GET',
    path: '/v1/limits',
    summary: "The caller's caps and block lists as a developer, and what today cost so far",
    access: 'developer',
    status: 200,
    response: view,
  }),
  putLimits: route({
    method: 'PUT',
    path: '/v1/limits',
    summary: "Replace the caller's caps and block lists as a developer; running jobs keep them, too",
    access: 'developer',
    status: 200,
    body: buyerLimits,
    response: view,
  }),
} as const;

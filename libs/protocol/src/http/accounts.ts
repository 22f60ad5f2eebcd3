import * as z from 'zod';
import { id, instant, microText, text } from '../scalars.js';
import { route } from './route.js';

const role = z.enum(['owner', 'developer', 'admin']);

export const person = z.object({ id: z.string(), name: z.string(), email: z.string(), roles: z.array(role) });

export const apiKey = z.object({
  id: z.string(),
  name: z.string(),
  /** The first characters, to tell keys apart; the key itself is shown once. */
  start: z.string(),
  created_at: instant,
  expires_at: instant.nullable(),
  last_used_at: instant.nullable(),
});

export const balance = z.object({
  currency: z.string(),
  /** True while payments are simulated: no real money moves. */
  simulated: z.boolean(),
  developer: z.object({ available_micro: microText, held_micro: microText, promo_micro: microText, spent_micro: microText }),
  owner: z.object({ pending_micro: microText, available_micro: microText, reserve_micro: microText, earned_micro: microText }),
});

export const accountRoutes = {
  me: route({ method: 'GET', path: '/v1/me', summary: 'Who the credentials belong to', access: 'person', status: 200, response: person }),
  createApiKey: route({
    method: 'POST',
    path: '/v1/api-keys',
    summary: 'Create an API key; the key is in this answer and never again',
    access: 'person',
    status: 201,
    body: z.strictObject({ name: text(64).min(1), expires_in_days: z.number().int().min(1).max(365).optional() }),
    response: z.object({ api_key: apiKey, secret: z.string() }),
  }),
  listApiKeys: route({
    method: 'GET',
    path: '/v1/api-keys',
    summary: 'The API keys of the caller',
    access: 'person',
    status: 200,
    response: z.object({ api_keys: z.array(apiKey) }),
  }),
  deleteApiKey: route({
    method: 'DELETE',
    path: '/v1/api-keys/:api_key_id',
    summary: 'Revoke an API key at once',
    access: 'person',
    status: 204,
    params: z.strictObject({ api_key_id: id }),
  }),
  balance: route({
    method: 'GET',
    path: '/v1/balance',
    summary: 'What the caller has, holds and earned',
    access: 'person',
    status: 200,
    response: balance,
  }),
} as const;

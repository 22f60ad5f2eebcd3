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

/** A sign-in that is not over. */
export const session = z.object({
  session_id: z.string(),
  /** The one that the request came with. */
  current: z.boolean(),
  /** What its browser or program calls itself; null where it said nothing. */
  user_agent: z.string().nullable(),
  /** The network address that it signed in from. */
  address: z.string().nullable(),
  signed_in_at: instant,
  /** To the minute. */
  last_used_at: instant,
  expires_at: instant,
});

/** The current password, where the sign-in is not of this moment. */
const password = text(256).min(1).optional();

export const accountRoutes = {
  me: route({ method: 'GET', path: '/v1/me', summary: 'Who the credentials belong to', access: 'person', status: 200, response: person }),
  updateMe: route({
    method: 'PUT',
    path: '/v1/me',
    summary: 'Change the own name, and whether the account is for devices, for work or for both',
    access: 'person',
    status: 200,
    body: z.strictObject({
      name: text(100).trim().min(1).optional(),
      roles: z
        .array(z.enum(['owner', 'developer']))
        .min(1)
        .max(2)
        .optional(),
    }),
    response: person,
  }),
  stepUp: route({
    method: 'POST',
    path: '/v1/step-up',
    summary: 'Prove again who you are, by the password: what decides where money goes is then open to this sign-in for a while',
    access: 'person',
    status: 200,
    body: z.strictObject({ password: text(256).min(1) }),
    response: z.object({ good_for_minutes: z.number().int() }),
  }),
  listSessions: route({
    method: 'GET',
    path: '/v1/sessions',
    summary: 'Where the caller is signed in',
    access: 'person',
    status: 200,
    response: z.object({ sessions: z.array(session) }),
  }),
  endSession: route({
    method: 'DELETE',
    path: '/v1/sessions/:session_id',
    summary: 'Sign out somewhere, at once',
    access: 'person',
    status: 204,
    params: z.strictObject({ session_id: id }),
  }),
  endSessions: route({
    method: 'POST',
    path: '/v1/sessions/end',
    summary: 'Sign out everywhere, or everywhere else',
    access: 'person',
    status: 200,
    body: z.strictObject({ which: z.enum(['others', 'all']) }),
    response: z.object({ ended: z.number().int() }),
  }),
  createApiKey: route({
    method: 'POST',
    path: '/v1/api-keys',
    summary: 'Create an API key; the key is in this answer and never again. Asks for a fresh proof of who you are',
    access: 'person',
    status: 201,
    body: z.strictObject({ name: text(64).min(1), expires_in_days: z.number().int().min(1).max(365).optional(), password }),
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

import { z } from 'zod';
import { HTTP_LIMITS } from '../limits.js';
import { code, id, instant, microText, nodeKind, text } from '../scalars.js';
import { balance } from './accounts.js';
import { total } from './admin-nodes.js';
import { PRESENCES } from './nodes.js';
import { route } from './route.js';

const count = z.number().int();
const reason = z.object({ code, sentence: z.string() });
export const PERSON_ROLES = ['owner', 'developer', 'admin'] as const;
const role = z.enum(PERSON_ROLES);
/** Why, and proof that it is you; the proof is not needed moments after a sign-in. */
const because = {
  reason: text(500).refine((value) => value.trim() !== '', 'say why in a sentence'),
  password: z.string().min(1).max(1024).optional(),
};

export const adminPerson = z.object({
  person_id: id,
  name: z.string(),
  email: z.string(),
  roles: z.array(role),
  /** Null for somebody who is not suspended. */
  suspended: z.object({ at: instant, by: id.nullable(), reason: z.string() }).nullable(),
  nodes: count,
  jobs_live: count,
  created_at: instant,
  /** Of the newest session. */
  last_signed_in_at: instant.nullable(),
});

export const adminPersonDetail = adminPerson.extend({
  email_verified: z.boolean(),
  credentials_changed_at: instant.nullable(),
  balance,
  nodes_last: z.array(
    z.object({ node_id: id, name: z.string(), kind: nodeKind, presence: z.enum(PRESENCES).nullable(), drained: z.boolean() }),
  ),
  jobs_last: z.array(z.object({ job_id: id, name: z.string(), state: z.string(), reason, charged_micro: microText, created_at: instant })),
  payouts_last: z.array(z.object({ payout_id: id, state: z.string(), amount_micro: microText, reason, requested_at: instant })),
  deposits_last: z.array(z.object({ deposit_id: id, state: z.string(), amount_micro: microText, created_at: instant })),
  sessions: z.array(
    z.object({ created_at: instant, expires_at: instant, ip_address: z.string().nullable(), user_agent: z.string().nullable() }),
  ),
  api_keys: count,
  /** Why nothing can be held or paid out, while it is so. */
  blocks: z.array(z.object({ cause: z.string(), since: instant })),
  penalties: count,
  cluster: z.object({ cluster_id: id, owners: count }).nullable(),
});

const personParams = z.strictObject({ person_id: id });
const deed = <B extends z.ZodType>(path: string, summary: string, body: B) =>
  route({
    method: 'POST',
    path: `/v1/admin/people/:person_id/${path}`,
    summary,
    access: 'admin',
    status: 200,
    params: personParams,
    body,
    response: adminPersonDetail,
  });

export const adminPeopleRoutes = {
  searchPeople: route({
    method: 'GET',
    path: '/v1/admin/people',
    summary: 'People, newest first; `cursor` of one page gives the next',
    access: 'admin',
    status: 200,
    query: z.strictObject({
      /** A part of the address or the name, or the beginning of an id. */
      q: text(128).optional(),
      role: role.optional(),
      state: z.enum(['active', 'suspended', 'blocked']).optional(),
      cursor: id.optional(),
      limit: z.coerce.number().int().min(1).max(HTTP_LIMITS.page_items).default(50),
    }),
    response: z.object({ people: z.array(adminPerson), total, next: id.nullable() }),
  }),
  inspectPerson: route({
    method: 'GET',
    path: '/v1/admin/people/:person_id',
    summary: 'Everything that the heap knows of a person, without their secrets',
    access: 'admin',
    status: 200,
    params: personParams,
    response: adminPersonDetail,
  }),
  suspendPerson: deed(
    'suspend',
    'Shut somebody out: their sessions end, their keys are refused, their jobs stop, their devices finish what they have. Their money stays theirs. Takes your password again. Logged',
    z.strictObject(because),
  ),
  reinstatePerson: deed('reinstate', 'Let somebody in again who was suspended. Takes your password again. Logged', z.strictObject(because)),
  setPersonRoles: deed(
    'roles',
    'Change what somebody may do; not your own. Takes your password again. Logged',
    z.strictObject({
      ...because,
      roles: z
        .array(role)
        .min(1)
        .max(3)
        .refine((roles) => new Set(roles).size === roles.length, 'name each role once'),
    }),
  ),
  endPersonSessions: deed('sign-out', 'End all sessions of somebody at once. Takes your password again. Logged', z.strictObject(because)),
} as const;

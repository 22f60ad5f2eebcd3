import * as z from 'zod';
import { code, id, instant, text } from '../scalars.js';
import { partnerCode } from './partners.js';
import { route } from './route.js';

/** What a link for many devices begins with: a code for one device does not. */
const LINK_PREFIX = 'many-';
export const isLinkCode = (given: string): boolean => given.startsWith(LINK_PREFIX);
/** @param secret URL-safe. */
export const linkCode = (secret: string): string => `${LINK_PREFIX}${secret}`;

const LINK_LIMITS = { uses: 1_000, days: 30, open: 100 } as const;
export const LINKS_OPEN_MAX = LINK_LIMITS.open;

export const enrolmentLink = z.object({
  link_id: id,
  label: z.string(),
  uses: z.number().int(),
  uses_max: z.number().int(),
  /** Devices that came by it and are still in the heap. */
  devices: z.number().int(),
  created_at: instant,
  expires_at: instant,
  /** `open`, or why it opens nothing any more. */
  state: z.object({ code, sentence: z.string() }),
});

export const enrolmentLinkRoutes = {
  createEnrolmentLink: route({
    method: 'POST',
    path: '/v1/enrolment-links',
    summary:
      'A link by which many devices join: each use makes a code for one device, once, within ten minutes. Its code is shown here only',
    access: 'owner',
    status: 201,
    body: z.strictObject({
      label: text(64).min(1),
      uses_max: z.number().int().min(1).max(LINK_LIMITS.uses),
      days: z.number().int().min(1).max(LINK_LIMITS.days).default(7),
      /** The partner's enrolment link that brings the devices. */
      partner: partnerCode.optional(),
    }),
    response: z.object({
      link: enrolmentLink,
      code: z.string(),
      /** For devices with a browser. */
      join_url: z.string(),
      join_hint: z.string().nullable(),
      /** For devices with Node.js. */
      command: z.string(),
    }),
  }),
  listEnrolmentLinks: route({
    method: 'GET',
    path: '/v1/enrolment-links',
    summary: "The caller's links for many devices, newest first",
    access: 'owner',
    status: 200,
    response: z.object({ links: z.array(enrolmentLink) }),
  }),
  closeEnrolmentLink: route({
    method: 'DELETE',
    path: '/v1/enrolment-links/:link_id',
    summary: 'Close a link: it opens nothing any more; devices that came by it stay',
    access: 'owner',
    status: 204,
    params: z.strictObject({ link_id: id }),
  }),
  takeEnrolmentLink: route({
    method: 'POST',
    path: '/v1/enrolment-links/uses',
    summary: 'A device that was shown a link for many asks for a code of its own',
    access: 'public',
    status: 201,
    body: z.strictObject({ code: z.string().min(16).max(128) }),
    response: z.object({ code: z.string(), expires_at: instant }),
  }),
} as const;

import * as z from 'zod';
import { id, instant, microText, text } from '../scalars.js';
import { route } from './route.js';

export const partnerCode = z.string().regex(/^[a-z0-9][a-z0-9-]{2,31}$/, 'a link is named by 3 to 32 lower-case letters, digits and -');

export const partnerLink = z.object({
  link_id: id,
  code: z.string(),
  name: z.string(),
  /** Of the heap's fee on what the devices earn, in hundredths of a per cent. */
  share_basis_points: z.number().int(),
  devices: z.number().int(),
  /** The partner's shares by this link, and what of them went back. */
  earned_micro: microText,
  refunded_micro: microText,
  /** Shares whose holdback is not over. */
  pending_micro: microText,
  closed_at: instant.nullable(),
});

export const partner = z.object({
  name: z.string(),
  links: z.array(partnerLink),
  pending_micro: microText,
  /** What can be paid out: holdbacks are over. */
  payable_micro: microText,
});

export const partnerRoutes = {
  getPartner: route({
    method: 'GET',
    path: '/v1/partner',
    summary: "The caller's enrolment links as a partner, what they brought, and what is payable",
    access: 'person',
    status: 200,
    response: partner,
  }),
  createPartner: route({
    method: 'POST',
    path: '/v1/admin/partners',
    summary: 'Makes a person a partner; the same again changes the name',
    access: 'admin',
    status: 201,
    body: z.strictObject({ email: z.email(), name: text(64).min(1) }),
    response: z.object({ person_id: id, name: z.string() }),
  }),
  createPartnerLink: route({
    method: 'POST',
    path: '/v1/admin/partners/:person_id/links',
    summary: "An enrolment link: its partner has this share of the heap's fee on what devices earn that were enrolled with it",
    access: 'admin',
    status: 201,
    params: z.strictObject({ person_id: id }),
    body: z.strictObject({ code: partnerCode, name: text(64).min(1), share_basis_points: z.number().int().min(1).max(10_000) }),
    response: partnerLink,
  }),
  closePartnerLink: route({
    method: 'DELETE',
    path: '/v1/admin/partner-links/:link_id',
    summary: 'No further device is enrolled by this link; those that were keep their partner',
    access: 'admin',
    status: 204,
    params: z.strictObject({ link_id: id }),
  }),
  listPartners: route({
    method: 'GET',
    path: '/v1/admin/partners',
    summary: 'Partners with their links',
    access: 'admin',
    status: 200,
    response: z.object({ partners: z.array(partner.extend({ person_id: id })) }),
  }),
} as const;

import { HeapError } from '#units';

export const notPartner = (): HeapError =>
  new HeapError('partner.not_found', 'You are not a partner of this heap: its admins make partners.', 'user');

export const partnerUnknown = (): HeapError => new HeapError('partner.not_found', 'Nobody with this address or id is known here.', 'user');

export const linkUnknown = (code: string): HeapError =>
  new HeapError('partner_link.not_found', `There is no open enrolment link ${code}: leave it out or ask your partner.`, 'owner');

export const linkExists = (code: string): HeapError => new HeapError('partner_link.conflict', `The link ${code} is taken.`, 'user');

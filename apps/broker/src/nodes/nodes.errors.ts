import { HeapError } from '#units';

export const nodeUnknown = (): HeapError => new HeapError('not_found', 'There is no such node among yours.', 'user');

export const ownRulesOnly = (): HeapError =>
  new HeapError(
    'own_rules_only.conflict',
    'This device takes no rules from the heap: set them on the device with `heap agent rules`, or start its agent without --own-rules-only.',
    'owner',
  );

export const linkUnknown = (): HeapError => new HeapError('not_found', 'There is no such link among yours.', 'user');

export const linksTooMany = (most: number): HeapError =>
  new HeapError('enrolment_links.conflict', `You have ${most} open links for devices, as many as anybody may: close one first.`, 'owner');

export const linkRefused = (): HeapError =>
  new HeapError(
    'enrolment_link_refused',
    'This link for devices is unknown, closed, used up or over: ask whoever showed it to you for a new one.',
    'owner',
  );

export const keptOfferUnknown = (market: string): HeapError =>
  new HeapError('not_found', `None of your devices by this id offers anything in ${market}: \`heap offer\` lists what they offer.`, 'user');

export const timeZoneUnknown = (name: string): HeapError =>
  new HeapError('invalid_input', `body.time_zone: the heap knows no time zone ${name}; write one such as Europe/Berlin.`, 'owner', {
    issues: [{ path: 'body.time_zone', message: 'it is not the name of a time zone, such as Europe/Berlin' }],
  });

export const enrolmentCodeRefused = (): HeapError =>
  new HeapError(
    'enrolment_code_refused',
    'This enrolment code is unknown, used or older than ten minutes: ask for a new one with `heap nodes --enrol`.',
    'owner',
  );

export const ownerOut = (): HeapError =>
  new HeapError(
    'owner_banned.forbidden',
    'You are banned for results that no accident explains, and so is every device of yours: `heap penalties` shows why and how to appeal.',
    'owner',
  );

export const enrolmentSignatureWrong = (): HeapError =>
  new HeapError('signature_wrong', "The enrolment is not signed with the device's key: nothing was enrolled.", 'owner');

export const deviceKnown = (): HeapError =>
  new HeapError('conflict', 'This device key is enrolled already: use its agent folder as it is, or delete it to enrol anew.', 'owner');

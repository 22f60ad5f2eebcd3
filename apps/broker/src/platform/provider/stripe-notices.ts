import type { Stripe } from 'stripe';
import type { ObjectKind, ProviderNotice } from './money-provider.js';

interface Identified {
  readonly id: string;
  readonly payment_intent?: string | { id: string } | null;
}

/** Families of event types and the object each is about; the longest prefix that fits decides. */
const FAMILIES: readonly (readonly [
  prefix: string,
  kind: ObjectKind,
  id: (object: Identified, event: Stripe.Event) => string | undefined,
])[] = [
  ['charge.dispute.', 'dispute', ({ id }) => id],
  ['charge.refund.', 'refund', ({ id }) => id],
  ['refund.', 'refund', ({ id }) => id],
  ['charge.', 'payment', ({ payment_intent }) => idOf(payment_intent)],
  ['checkout.session.', 'payment', ({ id }) => id],
  ['payment_intent.', 'payment', ({ id }) => id],
  ['transfer.', 'transfer', ({ id }) => id],
  ['account.', 'account', ({ id }, { account }) => account ?? id],
  ['capability.', 'account', (_, { account }) => account],
];

/** What an event is about. Its own copy of the object is not used: it may be older than what we know. */
export function noticeOf(event: Stripe.Event): ProviderNotice {
  const about = event.data.object as unknown as Identified;
  return {
    id: event.id,
    type: event.type,
    object: objectOf(event, about),
    account: event.account ?? null,
    happened_at: new Date(event.created * 1000),
  };
}

function objectOf(event: Stripe.Event, about: Identified): ProviderNotice['object'] {
  if (event.type.startsWith('payout.')) return { kind: event.account ? 'bank_payout' : 'sweep', id: about.id };
  const family = FAMILIES.find(([prefix]) => event.type.startsWith(prefix));
  const id = family?.[2](about, event);
  // What an owner's account receives and refunds there concerns the owner's own dashboard.
  if (!family || !id || (event.account !== undefined && family[1] !== 'account')) return null;
  return { kind: family[1], id };
}

export const idOf = (ref: string | { id: string } | null | undefined): string | undefined => (typeof ref === 'string' ? ref : ref?.id);

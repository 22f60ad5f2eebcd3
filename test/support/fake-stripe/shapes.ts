import type { Stripe } from 'stripe';
import type { Params } from './form.js';

/** Names that a parameter object may have, at any depth; `true` takes everything below. The compiler holds it against the package's own types. */
export type Shape<P> = {
  readonly [K in keyof P]?:
    | true
    | (NonNullable<P[K]> extends readonly (infer E)[]
        ? readonly [Shape<E>]
        : NonNullable<P[K]> extends object
          ? Shape<NonNullable<P[K]>>
          : true);
};

const shape = <P>(names: Shape<P>): Shape<Params> => names as Shape<Params>;

/** What each request of the heap says, and nothing else: as Stripe does, the fake refuses what it does not know. */
export const SHAPES: readonly (readonly [path: RegExp, Shape<Params>])[] = [
  [
    /^\/v1\/checkout\/sessions$/,
    shape<Stripe.Checkout.SessionCreateParams>({
      mode: true,
      client_reference_id: true,
      customer_creation: true,
      customer_email: true,
      line_items: [{ quantity: true, price_data: { currency: true, unit_amount: true, product_data: { name: true } } }],
      payment_intent_data: { metadata: true, setup_future_usage: true, transfer_group: true },
      metadata: true,
      success_url: true,
      cancel_url: true,
      expand: true,
    }),
  ],
  [
    /^\/v1\/payment_intents$/,
    shape<Stripe.PaymentIntentCreateParams>({
      amount: true,
      currency: true,
      customer: true,
      payment_method: true,
      off_session: true,
      confirm: true,
      metadata: true,
      expand: true,
    }),
  ],
  [/^\/v1\/refunds$/, shape<Stripe.RefundCreateParams>({ charge: true, amount: true, metadata: true, expand: true })],
  [
    /^\/v1\/transfers$/,
    shape<Stripe.TransferCreateParams>({
      amount: true,
      currency: true,
      destination: true,
      transfer_group: true,
      metadata: true,
      expand: true,
    }),
  ],
  [/^\/v1\/transfers\/\w+\/reversals$/, shape<Stripe.TransferCreateReversalParams>({ amount: true, metadata: true })],
  [/^\/v1\/payouts$/, shape<Stripe.PayoutCreateParams>({ amount: true, currency: true, metadata: true })],
  [/^\/v1\/balance_settings$/, shape<Stripe.BalanceSettingsUpdateParams>({ payments: { payouts: { schedule: { interval: true } } } })],
  [
    /^\/v2\/core\/accounts$/,
    shape<Stripe.V2.Core.AccountCreateParams>({
      contact_email: true,
      dashboard: true,
      defaults: { currency: true, responsibilities: { fees_collector: true, losses_collector: true } },
      configuration: { recipient: { capabilities: { stripe_balance: { stripe_transfers: { requested: true } } } } },
      metadata: true,
      include: true,
    }),
  ],
  [
    /^\/v2\/core\/account_links$/,
    shape<Stripe.V2.Core.AccountLinkCreateParams>({
      account: true,
      use_case: { type: true, account_onboarding: { refresh_url: true, return_url: true } },
    }),
  ],
];

/** The first parameter of a POST that it does not have, as `a[b]`; null when all are known. */
export function unknownParameter(path: string, params: Params): string | null {
  const known = SHAPES.find(([pattern]) => pattern.test(path))?.[1];
  return known ? unknownIn(params, known, '') : null;
}

function unknownIn(value: unknown, known: unknown, at: string): string | null {
  if (known === true || typeof value !== 'object' || value === null) return null;
  if (Array.isArray(value)) {
    const [member] = known as readonly unknown[];
    return value.map((one) => unknownIn(one, member, `${at}[]`)).find((found) => found !== null) ?? null;
  }
  for (const [name, member] of Object.entries(value)) {
    const path = at === '' ? name : `${at}[${name}]`;
    const below = (known as Record<string, unknown>)[name];
    const unknown = below === undefined ? path : unknownIn(member, below, path);
    if (unknown !== null) return unknown;
  }
  return null;
}

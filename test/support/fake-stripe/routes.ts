import type { Stripe } from 'stripe';
import { Connect } from './connect.js';
import { type Params, text } from './form.js';
import { page } from './pages.js';
import { Payments } from './payments.js';
import { Reversals } from './reversals.js';
import { get, type World } from './world.js';

export interface Asked {
  readonly world: World;
  readonly payments: Payments;
  readonly reversals: Reversals;
  readonly connect: Connect;
  /** Of the path, in order. */
  readonly ids: readonly string[];
  readonly params: Params;
  /** The connected account it is asked for; '' is the platform. */
  readonly account: string;
}

type Answer = (asked: Asked) => unknown;
type Route = readonly [method: 'GET' | 'POST', path: RegExp, answer: Answer];

const first = ({ ids }: Asked): string => ids[0] ?? '';
const values = <T>(map: ReadonlyMap<string, T>): T[] => [...map.values()];

/** The part of Stripe's interface that the heap uses. */
export const ROUTES: readonly Route[] = [
  ['POST', /^\/v1\/checkout\/sessions$/, ({ payments, params }) => payments.createSession(params)],
  ['GET', /^\/v1\/checkout\/sessions$/, ({ world, params }) => page('/v1/checkout/sessions', values(world.sessions), params)],
  ['GET', /^\/v1\/checkout\/sessions\/(\w+)$/, (asked) => get(asked.world.sessions, first(asked))],
  ['POST', /^\/v1\/payment_intents$/, ({ payments, params }) => payments.createIntent(params)],
  ['GET', /^\/v1\/payment_intents$/, ({ world, params }) => page('/v1/payment_intents', values(world.intents), params)],
  ['GET', /^\/v1\/payment_intents\/(\w+)$/, (asked) => get(asked.world.intents, first(asked))],
  ['POST', /^\/v1\/refunds$/, ({ reversals, params }) => reversals.createRefund(params)],
  [
    'GET',
    /^\/v1\/refunds$/,
    ({ world, params }) =>
      page(
        '/v1/refunds',
        values(world.refunds).filter(({ charge }) => charge === params.charge),
        params,
      ),
  ],
  ['GET', /^\/v1\/refunds\/(\w+)$/, (asked) => get(asked.world.refunds, first(asked))],
  [
    'GET',
    /^\/v1\/disputes\/(\w+)$/,
    (asked) => {
      const dispute = get(asked.world.disputes, first(asked));
      for (const transaction of dispute.balance_transactions) asked.world.seen(transaction);
      return dispute;
    },
  ],
  ['POST', /^\/v1\/transfers$/, ({ connect, params }) => connect.createTransfer(params)],
  [
    'GET',
    /^\/v1\/transfers$/,
    ({ world, params }) =>
      page(
        '/v1/transfers',
        values(world.transfers).filter(
          (t) => matches(params, 'destination', t.destination) && matches(params, 'transfer_group', t.transfer_group),
        ),
        params,
      ),
  ],
  ['GET', /^\/v1\/transfers\/(\w+)$/, (asked) => get(asked.world.transfers, first(asked))],
  ['POST', /^\/v1\/transfers\/(\w+)\/reversals$/, (asked) => asked.connect.reverse(first(asked), asked.params)],
  ['POST', /^\/v1\/payouts$/, ({ connect, account, params }) => connect.createPayout(account, params)],
  [
    'GET',
    /^\/v1\/payouts$/,
    ({ world, account, params }) =>
      page(
        '/v1/payouts',
        values(world.payouts)
          .filter((held) => held.account === account)
          .map(({ payout }) => payout),
        params,
      ),
  ],
  ['GET', /^\/v1\/payouts\/(\w+)$/, (asked) => get(asked.world.payouts, first(asked)).payout],
  ['GET', /^\/v1\/balance$/, ({ world, account }) => balance(world, account)],
  ['POST', /^\/v1\/balance_settings$/, () => ({ object: 'balance_settings', payments: { payouts: { schedule: { interval: 'manual' } } } })],
  [
    'GET',
    /^\/v1\/balance_transactions$/,
    ({ world, account, params }) => {
      const ours = values(world.transactions).filter((held) => held.account === account);
      return page(
        '/v1/balance_transactions',
        ours.map(({ transaction }) => world.seen(transaction)),
        params,
      );
    },
  ],
  [
    'GET',
    /^\/v1\/events$/,
    ({ world, account, params }) =>
      page(
        '/v1/events',
        world.events.filter((event) => (event.account ?? '') === account),
        params,
      ),
  ],
  [
    'GET',
    /^\/v1\/accounts\/(\w+)\/external_accounts$/,
    (asked) => {
      const data = values(asked.world.banks).filter(({ account }) => account === first(asked));
      return { object: 'list', data, has_more: false, url: `/v1/accounts/${first(asked)}/external_accounts` };
    },
  ],
  ['POST', /^\/v2\/core\/accounts$/, ({ connect, params }) => connect.createAccount(params)],
  ['GET', /^\/v2\/core\/accounts$/, ({ world }) => ({ data: values(world.accounts), next_page_url: null, previous_page_url: null })],
  ['GET', /^\/v2\/core\/accounts\/(\w+)$/, (asked) => get(asked.world.accounts, first(asked))],
  ['POST', /^\/v2\/core\/account_links$/, ({ connect, params }) => connect.createLink(params)],
];

const matches = (params: Params, name: string, value: unknown): boolean => text(params[name]) === null || params[name] === value;

function balance(world: World, account: string): Stripe.Balance {
  const { available, pending } = world.balanceOf(account);
  const funds = (amount: number) => [{ amount, currency: world.currency, source_types: { card: amount } }];
  return { object: 'balance', available: funds(available), livemode: false, pending: funds(pending) };
}

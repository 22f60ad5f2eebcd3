import * as z from 'zod';
import { MARKETS, SLOT_CLASSES, workMarket } from '#units';
import { HTTP_LIMITS } from '../limits.js';
import { code, fuel, id, instant, microText, placeText, price, sha256, slotClass } from '../scalars.js';
import { DEFAULT_LEVEL, MIN_SLOTS_ISSUE, minSlotsFit, orderTerms, VERIFICATION_LEVELS } from './order-terms.js';
import { route } from './route.js';
import { levelView } from './verification.js';

export const marketName = z.enum(MARKETS);
const workMarketName = z.enum(SLOT_CLASSES.map(workMarket));

/** How long a candle is. */
export const CANDLE_TERMS_MS = { '1m': 60_000, '1h': 3_600_000, '1d': 86_400_000 } as const;
const MARKET_LIMITS = { candles: 1_000, depth_levels: 200, receipts_page: 20, tasks: 1_000_000_000 } as const;

const count = z.number().int().min(0);
const slots = z.number().int().min(1).max(10_000);
const reason = z.object({ code, sentence: z.string() });
const ms = z.number().min(0);

/** Prices are micro-units per 10¹² fuel; a round counts with the mean of what was paid in it. Slots of a buyer's own count nowhere. */
const candle = z.object({
  from: instant,
  open_micro: microText,
  close_micro: microText,
  high_micro: microText,
  low_micro: microText,
  /** Slots sold. */
  volume: count,
  /** Rounds with a trade. */
  rounds: count,
  /** How long orders had waited for their first slot; null where none got its first. */
  fill_ms_median: ms.nullable(),
  fill_ms_most: ms.nullable(),
});

const marketSummary = z.object({
  market: marketName,
  /** Null where bytes are traded. */
  slot_class: slotClass.nullable(),
  /** Of the last trade and when that was; null before the first. */
  price_micro: microText.nullable(),
  traded_at: instant.nullable(),
  /** The last 24 hours by the hour; null without a trade in them. */
  day: candle.omit({ from: true }).nullable(),
  /** Slots that are free now at any price, and that orders want and do not have. */
  slots_free: count,
  slots_wanted: count,
  /** The highest maximum and the lowest reserve. */
  bid_micro: microText.nullable(),
  ask_micro: microText.nullable(),
});

const depthLevel = z.object({ price_micro: microText, slots: count, total: count });

/** What the tasks of an order come to; everything may be left out. */
const workTerms = {
  /** How many tasks; null where that is not known. */
  tasks: z.number().int().min(1).max(MARKET_LIMITS.tasks).nullable().default(null),
  fuel_limit: fuel.min(1).default(10_000_000_000),
  wall_ms_limit: z.number().int().min(10).max(3_600_000).default(60_000),
  /** What was measured of the caller's own earlier tasks with this module narrows the ranges. */
  module_hash: sha256.nullable().default(null),
};

const estimateTerms = z
  .strictObject({
    slot_class: slotClass.default('micro'),
    slots: slots.default(4),
    /** Null asks for the heap's default: twice the present price, or 0.10 where there is none. */
    max_price_micro: price.nullable().default(null),
    /** How its results would be checked: replicas cost what tasks cost. */
    verification: z.enum(VERIFICATION_LEVELS).default(DEFAULT_LEVEL),
    ...workTerms,
    ...orderTerms,
  })
  .refine(minSlotsFit, MIN_SLOTS_ISSUE);

const moneySpan = z.object({ low_micro: microText, high_micro: microText });

const lever = z.object({
  code: z.enum(['raise_max_price', 'drop_constraint', 'lower_min_quantity', 'raise_budget', 'wait_until']),
  /** How many slots the order would have then. */
  slots: count,
  sentence: z.string(),
});

export const estimate = z.object({
  slots_now: count,
  /** What its slots would cost now, at the most; null while it would get none. */
  price_micro: microText.nullable(),
  reason,
  /** The maximum that this holds for. */
  max_price_micro: microText,
  /** Each range holds with this probability, if the next hours are like those before. */
  confidence: z.number(),
  /** Per 10¹² fuel, when it gets its first slot. */
  price_range: moneySpan,
  /** Of all tasks; null when their number is unknown. */
  cost_range: moneySpan.nullable(),
  /** From now; a high of null says that nothing seen so far bounds it. */
  first_result_ms: z.object({ low: ms, high: ms.nullable() }),
  /** What the ranges of cost and time rest on: fuel of one task, and how many earlier ones of this module were measured. */
  work: z.object({
    source: z.enum(['measured', 'limits']),
    tasks_measured: count,
    fuel: z.object({ low: fuel, high: fuel }),
    /** Candles of a minute in which the price was seen. */
    candles: count,
  }),
  /** How its results would be checked, what of them may be wrong all the same, and how many executions of a task are paid and made. */
  verification: levelView,
  /** What would bring it more slots now. */
  levers: z.array(lever),
});

const marketParams = z.strictObject({ market: marketName });

const round = z.object({
  id,
  market: z.string(),
  /** Its place in the market's chain, from 1 without gaps. */
  number: count,
  cleared_at: instant,
  receipt: z.record(z.string(), z.unknown()),
  hash: z.string(),
  previous_hash: z.string().nullable(),
});
export type RoundView = z.output<typeof round>;

/** What a round came to, without its receipt. */
const roundHead = round.omit({ receipt: true }).extend({
  orders: count,
  offers: count,
  /** Slots or GB that changed hands. */
  sold: count,
  /** The lowest and the highest price that was paid; null where nothing was. */
  low_micro: microText.nullable(),
  high_micro: microText.nullable(),
});

export const marketRoutes = {
  listMarkets: route({
    method: 'GET',
    path: '/v1/markets',
    summary: 'Every market with its last price, the last day, and what is free and wanted now',
    access: 'public',
    status: 200,
    response: z.object({ markets: z.array(marketSummary) }),
  }),
  listCandles: route({
    method: 'GET',
    path: '/v1/markets/:market/candles',
    summary: 'Prices, volume and fill times by the minute, hour or day of UTC, oldest first; stretches without a trade have none',
    access: 'public',
    status: 200,
    params: marketParams,
    query: z.strictObject({
      term: z.enum(Object.keys(CANDLE_TERMS_MS) as [keyof typeof CANDLE_TERMS_MS, ...(keyof typeof CANDLE_TERMS_MS)[]]).default('1h'),
      /** Only candles that begin before it. */
      before: instant.optional(),
      limit: z.coerce.number().int().min(1).max(MARKET_LIMITS.candles).default(100),
    }),
    response: z.object({ market: marketName, term_ms: z.number().int(), candles: z.array(candle) }),
  }),
  getDepth: route({
    method: 'GET',
    path: '/v1/markets/:market/depth',
    summary: 'How many slots are wanted and offered at which price now, constraints aside; the best prices first',
    access: 'public',
    status: 200,
    params: marketParams,
    query: z.strictObject({ levels: z.coerce.number().int().min(1).max(MARKET_LIMITS.depth_levels).default(50) }),
    response: z.object({ market: marketName, bids: z.array(depthLevel), asks: z.array(depthLevel) }),
  }),
  estimate: route({
    method: 'POST',
    path: '/v1/estimates',
    summary: 'What an order may expect: price, cost and time to the first result, and what would change it. Places nothing',
    access: 'developer',
    status: 200,
    body: estimateTerms,
    response: estimate,
  }),
  getEstimate: route({
    method: 'GET',
    path: '/v1/markets/:market/estimate',
    summary: 'The same for an order without constraints',
    access: 'developer',
    status: 200,
    params: z.strictObject({ market: workMarketName }),
    query: z.strictObject({
      slots: z.coerce.number().pipe(slots).default(4),
      max_price_micro: price.optional(),
      tasks: z.coerce.number().int().min(1).max(MARKET_LIMITS.tasks).optional(),
      fuel_limit: z.coerce.number().pipe(fuel.min(1)).default(10_000_000_000),
      module_hash: sha256.optional(),
    }),
    response: estimate,
  }),
  listRounds: route({
    method: 'GET',
    path: '/v1/markets/:market/rounds',
    summary: "A market's receipts in the order of their chain",
    access: 'public',
    status: 200,
    params: marketParams,
    query: z.strictObject({
      /** Only those with a higher number. */
      after: placeText.default(0),
      /** Only those cleared at that instant or later. */
      since: instant.optional(),
      limit: z.coerce.number().int().min(1).max(MARKET_LIMITS.receipts_page).default(MARKET_LIMITS.receipts_page),
    }),
    response: z.object({ rounds: z.array(round) }),
  }),
  listRoundHeads: route({
    method: 'GET',
    path: '/v1/markets/:market/round-heads',
    summary: "What a market's rounds came to, the newest first, without their receipts",
    access: 'public',
    status: 200,
    params: marketParams,
    query: z.strictObject({
      /** Only those with a lower number. */
      before: placeText.optional(),
      limit: z.coerce.number().int().min(1).max(HTTP_LIMITS.page_items).default(20),
    }),
    response: z.object({ rounds: z.array(roundHead) }),
  }),
  getRound: route({
    method: 'GET',
    path: '/v1/rounds/:round_id',
    summary: 'The receipt of a round: its inputs, outputs, rule version and the hash of the receipt before it',
    access: 'public',
    status: 200,
    params: z.strictObject({ round_id: id }),
    response: round,
  }),
} as const;

import { Option } from 'commander';
import { priceUnit, type ReservationEstimate, type ReservationInfo, type ReservationTerms } from '#sdk';
import { formatMajor, HeapError, KEPT_MARKETS, type KeptMarketName } from '#units';
import { ask } from '../ask.js';
import type { CliCommand } from '../command.js';
import type { Context } from '../context.js';
import { EXIT } from '../exit-codes.js';
import { duration } from '../expectation.js';
import { interruptible } from '../interrupt.js';
import { Money } from '../money.js';
import { money as amount, whole } from '../options.js';
import { type OrderOptions, orderTermsOf, withPlaceTerms } from '../order-options.js';
import { reservationText } from './reservations.js';

interface ReserveOptions extends OrderOptions {
  quantity?: number;
  minQuantity?: number;
  maxPrice?: string;
  hours?: number;
  months?: number;
  budget?: string;
  name?: string;
  estimate?: boolean;
  yes?: boolean;
}

/** `heap reserve standing:micro --hours 24`: slots kept for services, or bytes. */
export function reserveCommand(context: Context, command: CliCommand): CliCommand {
  return withPlaceTerms(command)
    .description('reserves standing slots by the hour or storage by the month; shows what it may cost and asks before it holds the money')
    .argument('<market>', `what: ${KEPT_MARKETS.join(', ')}`)
    .option('--quantity <n>', 'slots, or GB, at a time (default: 1)', whole(1, 10_000))
    .option('--min-quantity <n>', 'take none rather than fewer than this (default: 1)', whole(1, 10_000))
    .option('--max-price <amount>', 'the most it pays for a slot-hour or a GB-month (default: twice the present price)', amount)
    .addOption(new Option('--hours <n>', 'for how long, from its first lease on').argParser(whole(1, 87_600)).conflicts('months'))
    .option('--months <n>', 'the same in months of 30 days', whole(1, 120))
    .option('--budget <amount>', 'held at once; it never costs more (default: what its time costs at the maximum price)', amount)
    .option('--name <name>', 'a name for lists')
    .option('--estimate', 'only say what it may expect')
    .option('--yes', 'place it without a question')
    .runs((market: string, options: ReserveOptions) => interruptible(context.terminal, (signal) => run(context, market, options, signal)));
}

async function run(context: Context, market: string, options: ReserveOptions, signal: AbortSignal): Promise<number> {
  const { terminal } = context;
  const heap = context.heap();
  const terms = termsOf(marketOf(market), options);
  const [estimate, money] = await Promise.all([heap.estimateReservation(terms), Money.of(heap)]);
  if (options.estimate) {
    await terminal.answer(estimate, () => estimateText(estimate, terms, money));
    return EXIT.ok;
  }
  if (terms.budget === undefined && terms.hours === undefined && terms.months === undefined)
    throw new HeapError('usage', 'Say how long or how much: --hours, --months or --budget.', 'user');
  const placed = { ...terms, maxPrice: terms.maxPrice ?? estimate.max_price_micro };
  if (!options.yes && options.budget === undefined) {
    terminal.stderr.write(`${estimateText(estimate, placed, money)}\n`);
    const held = money.format(estimate.hold_micro ?? 0n);
    const answer = await ask(terminal, `Hold ${held} for it? [y/N] `, signal);
    if (answer === null) throw new HeapError('consent_needed', `This would hold ${held}: say --yes, or state a --budget.`, 'user');
    if (!/^y(es)?$/i.test(answer.trim())) throw new HeapError('declined', 'Nothing was reserved.', 'user');
  }
  const reservation: ReservationInfo = await heap.reserve(placed);
  await terminal.answer(reservation, () => reservationText(reservation, money));
  return EXIT.ok;
}

function marketOf(name: string): KeptMarketName {
  const known = KEPT_MARKETS.find((market) => market === name);
  if (known) return known;
  throw new HeapError('bad_market', `There is no market "${name}": take one of ${KEPT_MARKETS.join(', ')}.`, 'user');
}

function termsOf(market: KeptMarketName, options: ReserveOptions): ReservationTerms {
  const { constraints, preferences, spread, deadline, disconnectWaitMs, firm, preemptionNoticeMs } = orderTermsOf(options);
  const terms = {
    ...{ market, constraints, preferences, spread, deadline, disconnectWaitMs, firm, preemptionNoticeMs },
    quantity: options.quantity,
    minQuantity: options.minQuantity,
    maxPrice: options.maxPrice,
    hours: options.hours,
    months: options.months,
    budget: options.budget,
    name: options.name,
  };
  return Object.fromEntries(Object.entries(terms).filter(([, value]) => value !== undefined)) as unknown as ReservationTerms;
}

function estimateText(estimate: ReservationEstimate, { market, quantity = 1 }: ReservationTerms, money: Money): string {
  const { price_micro, cost_per_unit_time: cost, cost_range, first_lease_ms, confidence, levers } = estimate;
  const now = price_micro === null ? 'nothing at present' : `${money.format(price_micro)} per ${priceUnit(market)}`;
  const until = first_lease_ms.high === null ? 'nothing seen so far says when' : `within ${duration(first_lease_ms.high)}`;
  const between = (low: bigint, high: bigint) => (low === high ? money.format(high) : `${formatMajor(low)} to ${money.format(high)}`);
  return [
    `Now: ${now}, with a maximum of ${money.format(estimate.max_price_micro)}. ${estimate.reason.sentence}`,
    `Expected: ${between(cost.low_micro, cost.high_micro)} a ${cost.unit} for ${quantity}${
      cost_range ? `, ${between(cost_range.low_micro, cost_range.high_micro)} in all` : ''
    }, the first lease ${until}; each with ${Math.round(confidence * 100)} % confidence.`,
    ...levers.map(({ sentence }) => sentence),
  ].join('\n');
}

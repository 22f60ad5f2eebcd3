import { Option } from 'commander';
import { type CandleInfo, type DepthInfo, type MarketInfo, priceUnit } from '#sdk';
import { formatMajor, HeapError, MARKETS, type MarketName, SLOT_CLASSES } from '#units';
import { priceChart } from '../chart.js';
import type { CliCommand } from '../command.js';
import type { Context } from '../context.js';
import { EXIT } from '../exit-codes.js';
import { duration } from '../expectation.js';
import { Money } from '../money.js';
import { whole } from '../options.js';
import { table } from '../terminal.js';

interface MarketOptions {
  term: '1m' | '1h' | '1d';
  limit: number;
  levels: number;
}

/** `heap market [name]`: all markets, or one with its chart and its depth. */
export function marketCommand(context: Context, command: CliCommand): CliCommand {
  return command
    .description('shows the markets, or one of them with the price drawn over time and what is wanted and offered')
    .argument(
      '[name]',
      `one market: ${SLOT_CLASSES.join(', ')} for work, or ${MARKETS.filter((one) => !one.startsWith('work:')).join(', ')}`,
    )
    .addOption(new Option('--term <term>', 'the length of a candle').choices(['1m', '1h', '1d']).default('1h'))
    .option('--limit <n>', 'how many candles, the last ones', whole(1, 1_000), 60)
    .option('--levels <n>', 'how many prices of each side of the book', whole(1, 200), 5)
    .runs(async (name: string | undefined, options: MarketOptions) => {
      const heap = context.heap();
      if (name === undefined) {
        const [markets, money] = await Promise.all([heap.markets(), Money.of(heap)]);
        await context.terminal.answer(markets, () => marketsText(markets, money));
        return EXIT.ok;
      }
      const market_name = marketOf(name);
      const [markets, candles, depth, money] = await Promise.all([
        heap.markets(),
        heap.candles(market_name, { term: options.term, limit: options.limit }),
        heap.depth(market_name, options.levels),
        Money.of(heap),
      ]);
      const market = markets.find((one) => one.market === market_name);
      await context.terminal.answer({ ...market, candles, depth }, () =>
        [marketsText(market ? [market] : [], money), '', chartText(candles, options.term, money), '', depthText(depth)].join('\n'),
      );
      return EXIT.ok;
    });
}

/** A slot class alone is the market for work. */
export function marketOf(name: string): MarketName {
  const known = MARKETS.find((market) => market === name || market === `work:${name}`);
  if (known) return known;
  throw new HeapError(
    'bad_market',
    `There is no market "${name}": take one of ${SLOT_CLASSES.join(', ')}, ${MARKETS.slice(4).join(', ')}.`,
    'user',
  );
}

const price = (micro: bigint | null | undefined): string => (micro == null ? '-' : formatMajor(micro));

function marketsText(markets: readonly MarketInfo[], money: Money): string {
  const rows = markets.map((m) => [
    m.market,
    priceUnit(m.market),
    price(m.price_micro),
    price(m.day?.low_micro),
    price(m.day?.high_micro),
    String(m.day?.volume ?? 0),
    m.day?.fill_ms_median == null ? '-' : duration(m.day.fill_ms_median),
    String(m.slots_free),
    price(m.ask_micro),
    String(m.slots_wanted),
    price(m.bid_micro),
  ]);
  const head = ['MARKET', 'UNIT', 'PRICE', 'LOW', 'HIGH', 'SOLD', 'WAIT', 'FREE', 'FROM', 'WANTED', 'UP TO'];
  return `${table(head, rows)}\nPrices in ${money.currency}${money.simulated ? ' (simulated)' : ''} per unit; sold, free and wanted are slots, of storage GB; low to wait: the last 24 hours.`;
}

function chartText(candles: readonly CandleInfo[], term: string, money: Money): string {
  if (candles.length === 0) return 'Nothing was sold yet, so there is no chart.';
  const [first, last] = [candles[0], candles.at(-1)];
  return `${priceChart(candles)}\n${first?.from} to ${last?.from}, a column each ${term} with a trade, prices in ${money.currency}.`;
}

function depthText({ bids, asks }: DepthInfo): string {
  const rows = Array.from({ length: Math.max(bids.length, asks.length) }, (_, i) => [
    ...(bids[i] ? [String(bids[i].total), formatMajor(bids[i].price_micro)] : ['', '']),
    ...(asks[i] ? [formatMajor(asks[i].price_micro), String(asks[i].total)] : ['', '']),
  ]);
  return rows.length === 0 ? 'Nothing is wanted or offered now.' : table(['WANTED', 'AT MOST', 'FROM', 'OFFERED'], rows);
}

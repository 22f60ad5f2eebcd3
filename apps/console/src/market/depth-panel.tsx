import { Stack, Text, Title } from '@mantine/core';
import { useMemo } from 'react';
import type { MarketName } from '#units';
import { Chart } from '../charts/chart.js';
import { type AnswerOf, useHeap } from '../http/use-heap.js';
import { MARKET } from '../text/market.en.js';
import { number } from '../ui/format.js';
import { Empty } from '../ui-kit/empty.js';
import { Loaded } from '../ui-kit/loaded.js';
import { major, priceText } from './prices.js';

type Depth = AnswerOf<'/v1/markets/{market}/depth', 'get'>;
const TEXT = MARKET.depth;

/** What is wanted and offered now at which price, and what lies between, in words. */
export function DepthPanel({ market, currency }: { market: MarketName; currency: string }) {
  const depth = useHeap(
    '/v1/markets/{market}/depth',
    { params: { path: { market }, query: { levels: 100 } } },
    { topics: [`market:${market}`] },
  );
  return (
    <Stack gap="xs" component="section" aria-label={TEXT.title}>
      <Title order={2} size="h3">
        {TEXT.title}
      </Title>
      <Loaded query={depth}>
        {(found) =>
          found.bids.length + found.asks.length === 0 ? (
            <Empty {...TEXT.none} />
          ) : (
            <>
              <Text>{spread(found, currency)}</Text>
              <Drawn depth={found} currency={currency} />
            </>
          )
        }
      </Loaded>
    </Stack>
  );
}

function spread({ bids, asks }: Depth, currency: string): string {
  const [bid, ask] = [bids[0]?.price_micro, asks[0]?.price_micro];
  const text = (micro: string) => priceText(micro, currency);
  if (bid === undefined) return ask === undefined ? '' : TEXT.only_asks(text(ask));
  if (ask === undefined) return TEXT.only_bids(text(bid));
  const gap = BigInt(ask) - BigInt(bid);
  return gap > 0n ? TEXT.spread(text(bid), text(ask), text(String(gap))) : TEXT.crossed(text(bid), text(ask));
}

function Drawn({ depth: { bids, asks }, currency }: { depth: Depth; currency: string }) {
  const option = useMemo(() => {
    const steps = (levels: Depth['bids']) => levels.map(({ price_micro, total }) => [major(price_micro), total]);
    const side = { type: 'line', step: 'end', symbolSize: 5, areaStyle: { opacity: 0.15 } };
    return {
      grid: { left: 56, right: 16, top: 36, bottom: 32 },
      legend: { top: 0 },
      tooltip: { trigger: 'axis' },
      xAxis: { type: 'value', scale: true },
      yAxis: { type: 'value', minInterval: 1 },
      series: [
        { ...side, name: TEXT.bids, step: 'start', data: steps(bids).reverse() },
        { ...side, name: TEXT.asks, data: steps(asks) },
      ],
    };
  }, [bids, asks]);
  const table = useMemo(() => {
    const rows = (name: string, levels: Depth['bids']) =>
      levels.map(({ price_micro, slots, total }) => [name, priceText(price_micro, currency), number(slots), number(total)]);
    return { columns: TEXT.columns, rows: [...rows(TEXT.bids, bids), ...rows(TEXT.asks, asks)] };
  }, [bids, asks, currency]);
  return <Chart label={TEXT.label(bids.at(-1)?.total ?? 0, asks.at(-1)?.total ?? 0)} option={option} table={table} height={260} />;
}

import { Group, SegmentedControl, Stack, Title } from '@mantine/core';
import { useMemo, useState } from 'react';
import type { MarketName } from '#units';
import { Chart } from '../charts/chart.js';
import { type AnswerOf, useHeap } from '../http/use-heap.js';
import { MARKET } from '../text/market.en.js';
import { duration, number } from '../ui/format.js';
import { Empty } from '../ui-kit/empty.js';
import { Loaded } from '../ui-kit/loaded.js';
import { absoluteTime } from '../ui-kit/times.js';
import { major, priceText } from './prices.js';

type Candles = AnswerOf<'/v1/markets/{market}/candles', 'get'>;
const TERMS = ['1m', '1h', '1d'] as const;
const TEXT = MARKET.candles;
const COUNT = 120;

/** What the market cost by the minute, hour or day, with what was sold below. */
export function CandlesPanel({ market, currency }: { market: MarketName; currency: string }) {
  const [term, setTerm] = useState<(typeof TERMS)[number]>('1m');
  const candles = useHeap(
    '/v1/markets/{market}/candles',
    { params: { path: { market }, query: { term, limit: COUNT } } },
    { topics: [`market:${market}`] },
  );
  return (
    <Stack gap="xs" component="section" aria-label={TEXT.title}>
      <Group justify="space-between">
        <Title order={2} size="h3">
          {TEXT.title}
        </Title>
        <SegmentedControl
          aria-label={TEXT.term}
          value={term}
          data={TERMS.map((value) => ({ value, label: TEXT.terms[value] }))}
          onChange={(value) => setTerm(value as typeof term)}
        />
      </Group>
      <Loaded query={candles}>
        {(found) => (found.candles.length === 0 ? <Empty {...TEXT.none} /> : <Drawn found={found} currency={currency} />)}
      </Loaded>
    </Stack>
  );
}

function Drawn({ found, currency }: { found: Candles; currency: string }) {
  const { candles, market, term_ms } = found;
  const option = useMemo(() => {
    const label = (from: string) => {
      const at = new Date(from);
      return term_ms >= 86_400_000
        ? at.toLocaleDateString('en', { day: 'numeric', month: 'short' })
        : at.toLocaleTimeString('en', { hour: '2-digit', minute: '2-digit' });
    };
    const category = { type: 'category', data: candles.map(({ from }) => label(from)) };
    return {
      grid: [
        { left: 72, right: 16, top: 12, height: '60%' },
        { left: 72, right: 16, top: '76%', height: '16%' },
      ],
      tooltip: { trigger: 'axis', axisPointer: { type: 'cross' } },
      xAxis: [
        { ...category, axisLabel: { show: false } },
        { ...category, gridIndex: 1 },
      ],
      yAxis: [
        { scale: true, splitNumber: 4 },
        { gridIndex: 1, splitNumber: 2, minInterval: 1 },
      ],
      series: [
        {
          type: 'candlestick',
          name: TEXT.series.price,
          data: candles.map((c) => [major(c.open_micro), major(c.close_micro), major(c.low_micro), major(c.high_micro)]),
          barMaxWidth: 14,
        },
        {
          type: 'bar',
          name: TEXT.series.volume,
          xAxisIndex: 1,
          yAxisIndex: 1,
          barMaxWidth: 14,
          data: candles.map(({ volume }) => volume),
        },
      ],
    };
  }, [candles, term_ms]);
  const table = useMemo(
    () => ({
      columns: TEXT.columns,
      rows: [...candles]
        .reverse()
        .map((c) => [
          absoluteTime(c.from),
          ...[c.open_micro, c.close_micro, c.high_micro, c.low_micro].map((micro) => priceText(micro, currency)),
          number(c.volume),
          c.fill_ms_median === null ? '' : duration(c.fill_ms_median),
        ]),
    }),
    [candles, currency],
  );
  const last = candles.at(-1);
  return (
    <Chart
      label={TEXT.label(MARKET.name(market), candles.length, last ? priceText(last.close_micro, currency) : '')}
      option={option}
      table={table}
      height={340}
    />
  );
}

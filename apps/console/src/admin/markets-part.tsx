import { Text } from '@mantine/core';
import { useDeferredValue, useMemo } from 'react';
import { ChartFrame } from '../charts/chart-frame.js';
import { LinePlot } from '../charts/line-plot.js';
import { useHeap } from '../http/use-heap.js';
import { ADMIN } from '../text/admin.en.js';
import { Money } from '../ui-kit/money.js';
import { When } from '../ui-kit/when.js';
import { timesTable } from './charts.js';
import { HeapLink } from './heap-link.js';
import { Part, Rows } from './part.js';
import type { Glance } from './shapes.js';
import { Tag } from './tag.js';

const TEXT = ADMIN.glance;
const HEIGHT_PX = 240;

/** What each market last paid, when its last round was, and whether somebody leads it. */
export function MarketsPart({ now: { markets, money } }: { now: Glance }) {
  return (
    <Part head={TEXT.markets}>
      <PricesChart />
      <Rows
        label={TEXT.markets}
        columns={[TEXT.market, TEXT.price, TEXT.traded, TEXT.round, TEXT.leader]}
        empty=""
        rows={markets.map(({ market, price_micro, traded_at, round, leader }) => [
          market,
          [
            <HeapLink key="market" page={`/market/${market}`}>
              {market}
            </HeapLink>,
            price_micro === null ? '–' : <Money micro={price_micro} currency={money.currency} />,
            traded_at === null ? TEXT.never : <When at={traded_at} />,
            round === null ? TEXT.never : `#${round.number}`,
            leader === null ? (
              TEXT.never
            ) : (
              <>
                <When at={leader.seen_at} /> ({TEXT.leads(leader.epoch)}){' '}
                {leader.silent && (
                  <Tag color="red" variant="light">
                    {TEXT.silent}
                  </Tag>
                )}
              </>
            ),
          ],
        ])}
      />
    </Part>
  );
}

/** By itself, since it is asked for by itself. */
function PricesChart() {
  const { data } = useHeap('/v1/heap/figures', {}, { topics: ['admin:glance'] });
  const markets = useDeferredValue(data?.markets);
  const lines = useMemo(
    () =>
      (markets ?? [])
        .filter(({ week }) => week.length > 0)
        .map(({ market, week }) => ({
          name: market,
          points: week.map(({ at, price_micro }) => ({ at_ms: Date.parse(at), value: Number(price_micro) / 1e6 })),
        })),
    [markets],
  );
  if (lines.length === 0) return <Text c="dimmed">{TEXT.no_trade}</Text>;
  return (
    <ChartFrame label={TEXT.prices_chart} table={() => timesTable(lines)} height={HEIGHT_PX}>
      <LinePlot label={TEXT.prices_chart} lines={lines} height={HEIGHT_PX} />
    </ChartFrame>
  );
}

import { Alert, Anchor, Stack, Text } from '@mantine/core';
import { Link, useParams } from '@tanstack/react-router';
import { MARKETS, type MarketName } from '#units';
import css from '../developer/columns.module.css';
import { useHeap } from '../http/use-heap.js';
import { MARKET } from '../text/market.en.js';
import { Page } from '../ui-kit/page.js';
import { CandlesPanel } from './candles-panel.js';
import { DepthPanel } from './depth-panel.js';
import { EstimateForm } from './estimate-form.js';
import { kindOf } from './prices.js';
import { RoundsPanel } from './rounds-panel.js';

const isMarket = (name: string): name is MarketName => MARKETS.some((market) => market === name);

/** One market: what it cost, what is bid and offered now, what an order would come to, and its rounds. */
export function MarketPage() {
  const { market } = useParams({ from: '/market/$market' });
  const heap = useHeap('/v1/heap', {});
  const currency = heap.data?.currency ?? 'USD';
  if (!isMarket(market))
    return (
      <Page title={MARKET.title}>
        <Alert variant="light">
          <Text>{MARKET.not_there}</Text>
          <Anchor component={Link} to="/market">
            {MARKET.title}
          </Anchor>
        </Alert>
      </Page>
    );
  const kind = kindOf(market);
  return (
    <Page title={MARKET.name(market)} lead={`${MARKET.kinds[kind]}. ${MARKET.kind_hint[kind]}`}>
      <CandlesPanel market={market} currency={currency} />
      <div className={kind === 'work' ? css.columns : undefined}>
        <DepthPanel market={market} currency={currency} />

        {kind === 'work' && <EstimateForm market={market as Extract<MarketName, `work:${string}`>} currency={currency} />}
      </div>
      <Stack>
        <RoundsPanel market={market} currency={currency} />
      </Stack>
    </Page>
  );
}

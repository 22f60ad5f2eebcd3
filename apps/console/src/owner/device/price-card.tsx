import { Button, Card, Group, List, Stack, Text, TextInput, Title } from '@mantine/core';
import { useState } from 'react';
import { Chart } from '../../charts/chart.js';
import { type AnswerOf, useHeap, useHeapDeed } from '../../http/use-heap.js';
import { OWNER } from '../../text/owner.en.js';
import { moneyParts } from '../../ui/format.js';
import { Loaded } from '../../ui-kit/loaded.js';
import { Money } from '../../ui-kit/money.js';
import { Problem } from '../../ui-kit/problem.js';
import { microOf, plainOf } from '../money-text.js';
import { said } from '../said.js';

const TEXT = OWNER.price;
const EVERY_DAY = [1, 2, 3, 4, 5, 6, 7];
type Advice = AnswerOf<'/v1/nodes/{node_id}/reserve-price', 'get'>;
type Market = Advice['markets'][number];

/** The reserve price: what counts, what is suggested, and what last week would have brought at other prices. */
export function PriceCard({ node_id }: { node_id: string }) {
  const advice = useHeap('/v1/nodes/{node_id}/reserve-price', { params: { path: { node_id } } });
  return (
    <Card withBorder component="section" aria-labelledby="price">
      <Stack gap="sm">
        <Title order={2} size="h4" id="price">
          {TEXT.title}
        </Title>
        <Text c="dimmed">{TEXT.lead}</Text>
        <Loaded query={advice}>
          {({ markets, currency }) =>
            markets.length === 0 ? (
              <Text>{TEXT.none}</Text>
            ) : (
              markets.map((market) => <MarketPrice key={market.slot_class} node_id={node_id} market={market} currency={currency} />)
            )
          }
        </Loaded>
      </Stack>
    </Card>
  );
}

function MarketPrice({ node_id, market, currency }: { node_id: string; market: Market; currency: string }) {
  const [price, setPrice] = useState(() => plainOf(market.reserve_price_micro));
  const micro = microOf(price);
  const saving = useHeapDeed('put', '/v1/nodes/{node_id}/offer', { stale: ['/v1/nodes/{node_id}/reserve-price'] });
  const save = () =>
    saving.mutate(
      {
        params: { path: { node_id } },
        body: { hours: micro === null ? [] : [{ weekdays: EVERY_DAY, from_hour: 0, to_hour: 24, price_micro: micro }] } as never,
      },
      { onSuccess: () => said(TEXT.saved) },
    );
  return (
    <Stack gap="sm">
      <Text>
        {market.slot_class}: {TEXT.now} <Money micro={market.reserve_price_micro} currency={currency} />. {TEXT.suggestion}{' '}
        <Money micro={market.suggestion.price_micro} currency={currency} />. {market.suggestion.sentence}
      </Text>
      <Group align="flex-end" gap="sm">
        <TextInput
          label={TEXT.field}
          value={price}
          inputMode="decimal"
          error={micro === undefined ? OWNER.money_wrong : undefined}
          onChange={(event) => setPrice(event.currentTarget.value)}
        />
        <Button disabled={micro === undefined} loading={saving.isPending} onClick={save}>
          {TEXT.save}
        </Button>
        <Button variant="default" onClick={() => setPrice(plainOf(market.suggestion.price_micro))}>
          {TEXT.use}
        </Button>
      </Group>
      {saving.error && <Problem error={saving.error} />}
      <Chart label={TEXT.chart(market.slot_class)} option={optionOf(market)} table={tableOf(market, currency)} height={220} />
      <details>
        <summary>{TEXT.assumes}</summary>
        <List size="sm">
          {market.assumes.map((sentence) => (
            <List.Item key={sentence}>{sentence}</List.Item>
          ))}
        </List>
      </details>
    </Stack>
  );
}

const major = (micro: string) => Number(micro) / 1e6;

const optionOf = ({ points }: Market) => ({
  tooltip: { trigger: 'axis', renderMode: 'richText' },
  legend: { top: 0, bottom: 'auto' },
  grid: { left: 8, right: 16, bottom: 8, top: 36, containLabel: true },
  xAxis: { type: 'category', name: TEXT.price, data: points.map(({ price_micro }) => plainOf(price_micro)) },
  yAxis: { type: 'value' },
  series: [
    { name: TEXT.earned, type: 'bar', data: points.map(({ earned_micro }) => major(earned_micro)) },
    { name: TEXT.electricity, type: 'bar', data: points.map(({ electricity_micro }) => major(electricity_micro)) },
  ],
});

const tableOf = ({ points }: Market, currency: string) => ({
  columns: [TEXT.price, TEXT.earned, TEXT.electricity, TEXT.hours],
  rows: points.map(({ price_micro, earned_micro, electricity_micro, slot_hours }) => [
    plainOf(price_micro),
    moneyParts(BigInt(earned_micro), currency).whole,
    moneyParts(BigInt(electricity_micro), currency).whole,
    slot_hours.toFixed(1),
  ]),
});

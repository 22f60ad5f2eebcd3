import { Anchor, List, NumberInput, Paper, SimpleGrid, Stack, Text, TextInput, Title } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { type AnswerOf, useHeap } from '../http/use-heap.js';
import { useMe } from '../http/use-me.js';
import { MARKET } from '../text/market.en.js';
import { duration, number, percent } from '../ui/format.js';
import { amountOf } from '../ui-kit/amount-of.js';
import { Problem } from '../ui-kit/problem.js';
import { Reason } from '../ui-kit/reason.js';
import { priceText } from './prices.js';

type Estimate = AnswerOf<'/v1/markets/{market}/estimate', 'get'>;
type WorkMarket = 'work:nano' | 'work:micro' | 'work:small' | 'work:large';
const TEXT = MARKET.estimate;
const MILLION = 1_000_000;
const TYPING_MS = 400;

/** What so many tasks of so much fuel would cost, when they would begin, and how sure that is. */
export function EstimateForm({ market, currency }: { market: WorkMarket; currency: string }) {
  const { data: me } = useMe();
  return (
    <Paper withBorder p="md" component="section" aria-label={TEXT.title}>
      <Stack gap="sm">
        <Title order={2} size="h3">
          {TEXT.title}
        </Title>
        {me === null ? (
          <>
            <Text>{TEXT.sign_in}</Text>
            <Anchor component={Link} to="/sign-in" search={{ back: `/market/${market}` } as never}>
              {MARKET.sign_in}
            </Anchor>
          </>
        ) : (
          me && <Asking market={market} currency={currency} />
        )}
      </Stack>
    </Paper>
  );
}

function Asking({ market, currency }: { market: WorkMarket; currency: string }) {
  const [tasks, setTasks] = useState(1_000);
  const [fuel, setFuel] = useState(100);
  const [slots, setSlots] = useState(4);
  const [price, setPrice] = useState('');
  const amount = amountOf(price);
  const [asked] = useDebouncedValue(
    JSON.stringify({ tasks, fuel, slots, price: amount.micro === null ? '' : String(amount.micro) }),
    TYPING_MS,
  );
  const settled = JSON.parse(asked) as { tasks: number; fuel: number; slots: number; price: string };
  const estimate = useHeap(
    '/v1/markets/{market}/estimate',
    {
      params: {
        path: { market },
        query: {
          tasks: settled.tasks,
          fuel_limit: settled.fuel * MILLION,
          slots: settled.slots,
          ...(settled.price !== '' && { max_price_micro: settled.price }),
        },
      },
    },
    { topics: [`market:${market}`] },
  );
  const whole = (set: (value: number) => void, most: number) => (value: number | string) => {
    if (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= most) set(value);
  };
  return (
    <>
      <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm">
        <NumberInput
          label={TEXT.tasks}
          value={tasks}
          min={1}
          max={1e9}
          allowDecimal={false}
          onChange={whole(setTasks, 1e9)}
          thousandSeparator=" "
        />
        <NumberInput label={TEXT.slots} value={slots} min={1} max={10_000} allowDecimal={false} onChange={whole(setSlots, 10_000)} />
        <NumberInput
          label={TEXT.fuel}
          value={fuel}
          min={1}
          max={1e9}
          allowDecimal={false}
          onChange={whole(setFuel, 1e9)}
          thousandSeparator=" "
        />
        <TextInput
          label={TEXT.max_price}
          inputMode="decimal"
          value={price}
          error={amount.fault}
          onChange={({ currentTarget }) => setPrice(currentTarget.value)}
        />
      </SimpleGrid>
      <Text size="sm" c="dimmed">
        {TEXT.fuel_hint} {TEXT.max_price_hint}
      </Text>
      {estimate.error && <Problem error={estimate.error} />}
      {estimate.data && <Expected estimate={estimate.data} currency={currency} />}
    </>
  );
}

function Expected({ estimate, currency }: { estimate: Estimate; currency: string }) {
  const { cost_range, first_result_ms, confidence, slots_now, reason, levers, price_range } = estimate;
  const span = ({ low_micro, high_micro }: { low_micro: string; high_micro: string }) =>
    MARKET.day(priceText(low_micro, currency), priceText(high_micro, currency));
  const rows: (readonly [string, string | null])[] = [
    [TEXT.cost, cost_range && span(cost_range)],
    [TEXT.first, TEXT.after(duration(first_result_ms.low), first_result_ms.high === null ? null : duration(first_result_ms.high))],
    [TEXT.price, span(price_range)],
    [TEXT.slots_now, number(slots_now)],
  ];
  return (
    <Stack gap="xs" aria-live="polite">
      {rows.map(
        ([label, value]) =>
          value !== null && (
            <Text key={label}>
              {label}: <strong>{value}</strong>
            </Text>
          ),
      )}
      {slots_now === 0 && <Reason reason={reason} />}
      {levers.length > 0 && (
        <List size="sm">
          {levers.map(({ sentence }) => (
            <List.Item key={sentence}>{sentence}</List.Item>
          ))}
        </List>
      )}
      <Text size="sm" c="dimmed">
        {TEXT.confidence(percent(confidence))}
      </Text>
    </Stack>
  );
}

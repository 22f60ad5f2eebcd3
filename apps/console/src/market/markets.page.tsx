import { Anchor, Stack, Table, Text, Title } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { type AnswerOf, useHeap } from '../http/use-heap.js';
import { MARKET } from '../text/market.en.js';
import { duration, number } from '../ui/format.js';
import { Loaded } from '../ui-kit/loaded.js';
import { Money } from '../ui-kit/money.js';
import { Page } from '../ui-kit/page.js';
import { kindOf, priceText } from './prices.js';

type Summary = AnswerOf<'/v1/markets', 'get'>['markets'][number];
const KINDS = ['work', 'standing', 'storage'] as const;

/** Every market with its last price, its day, and what is free and wanted now; for anybody. */
export function MarketsPage() {
  const heap = useHeap('/v1/heap', {});
  const markets = useHeap('/v1/markets', {}, { topics: ['markets'] });
  return (
    <Page title={MARKET.title} lead={MARKET.lead}>
      <Loaded query={markets}>
        {(found) =>
          KINDS.map((kind) => (
            <Kind
              key={kind}
              kind={kind}
              markets={found.markets.filter(({ market }) => kindOf(market) === kind)}
              currency={heap.data?.currency ?? 'USD'}
            />
          ))
        }
      </Loaded>
    </Page>
  );
}

function Kind({ kind, markets, currency }: { kind: (typeof KINDS)[number]; markets: readonly Summary[]; currency: string }) {
  const columns = MARKET.columns;
  return (
    <Stack gap="xs" component="section" aria-label={MARKET.kinds[kind]}>
      <Title order={2} size="h3">
        {MARKET.kinds[kind]}
      </Title>
      <Text c="dimmed">{MARKET.kind_hint[kind]}</Text>
      <Table.ScrollContainer minWidth={560} aria-label={MARKET.kinds[kind]}>
        <Table striped>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{columns.market}</Table.Th>
              <Table.Th ta="right">{columns.price}</Table.Th>
              <Table.Th ta="right">{columns.day}</Table.Th>
              <Table.Th ta="right">{columns.free}</Table.Th>
              <Table.Th ta="right">{columns.wanted}</Table.Th>
              <Table.Th ta="right">{columns.fill}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {markets.map((one) => (
              <Table.Tr key={one.market}>
                <Table.Td>
                  <Anchor component={Link} to="/market/$market" params={{ market: one.market } as never} fw={600}>
                    {MARKET.name(one.market)}
                  </Anchor>{' '}
                  <Text span c="dimmed" size="sm">
                    {one.slot_class && MARKET.sizes[one.slot_class]}
                  </Text>
                </Table.Td>
                <Table.Td ta="right">
                  {one.price_micro === null ? (
                    <Text span c="dimmed" size="sm">
                      {MARKET.no_price}
                    </Text>
                  ) : (
                    <Money micro={one.price_micro} currency={currency} />
                  )}
                </Table.Td>
                <Table.Td ta="right">
                  {one.day && MARKET.day(priceText(one.day.low_micro, currency), priceText(one.day.high_micro, currency))}
                </Table.Td>
                <Table.Td ta="right">{number(one.slots_free)}</Table.Td>
                <Table.Td ta="right">{number(one.slots_wanted)}</Table.Td>
                <Table.Td ta="right">{one.day?.fill_ms_median != null && duration(one.day.fill_ms_median)}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </Stack>
  );
}

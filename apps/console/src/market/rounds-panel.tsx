import { Anchor, Stack, Title } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { MarketName } from '#units';
import { Listed } from '../developer/listed.js';
import { usePages } from '../developer/use-pages.js';
import type { AnswerOf } from '../http/use-heap.js';
import { MARKET } from '../text/market.en.js';
import { number } from '../ui/format.js';
import { type Column, DataTable } from '../ui-kit/data-table.js';
import { Empty } from '../ui-kit/empty.js';
import { When } from '../ui-kit/when.js';
import { priceText } from './prices.js';

type Head = AnswerOf<'/v1/markets/{market}/round-heads', 'get'>['rounds'][number];
const TEXT = MARKET.rounds;
const LIMIT = 50;

/** The rounds of a market, the newest first; each leads to its receipt. */
export function RoundsPanel({ market, currency }: { market: MarketName; currency: string }) {
  const rounds = usePages('/v1/markets/{market}/round-heads', {
    limit: LIMIT,
    topics: [`market:${market}`],
    init: (last: Head | null) => ({ params: { path: { market }, query: { limit: LIMIT, ...(last && { before: last.number }) } } }),
    rows: (answer) => answer.rounds,
  });
  const columns: Column<Head>[] = [
    {
      key: 'number',
      label: TEXT.columns.number,
      width: 7,
      cell: ({ id, number: nth }) => (
        <Anchor component={Link} to="/market/rounds/$round_id" params={{ round_id: id } as never} aria-label={TEXT.look(nth)}>
          {number(nth)}
        </Anchor>
      ),
    },
    { key: 'at', label: TEXT.columns.at, width: 10, cell: ({ cleared_at }) => <When at={cleared_at} /> },
    { key: 'orders', label: TEXT.columns.orders, numeric: true, cell: ({ orders }) => number(orders) },
    { key: 'offers', label: TEXT.columns.offers, numeric: true, cell: ({ offers }) => number(offers) },
    { key: 'sold', label: TEXT.columns.sold, numeric: true, cell: ({ sold }) => number(sold) },
    {
      key: 'price',
      label: TEXT.columns.price,
      width: 10,
      numeric: true,
      cell: ({ low_micro, high_micro }) =>
        low_micro !== null && high_micro !== null && MARKET.day(priceText(low_micro, currency), priceText(high_micro, currency)),
    },
    { key: 'hash', label: TEXT.columns.hash, cell: ({ hash }) => <code title={hash}>{hash.slice(0, 10)}</code> },
  ];
  return (
    <Stack gap="xs" component="section" aria-label={TEXT.title}>
      <Title order={2} size="h3">
        {TEXT.title}
      </Title>
      <Listed pages={rounds} empty={<Empty {...TEXT.none} />}>
        <DataTable label={TEXT.table} columns={columns} rows={rounds.rows} rowKey={({ id }) => id} more={rounds.more} />
      </Listed>
    </Stack>
  );
}

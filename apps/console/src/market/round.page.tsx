import { Anchor, Button, Code, Group, Stack, Text, Title } from '@mantine/core';
import { Link, useParams } from '@tanstack/react-router';
import type { MarketName } from '#units';
import { saveAs } from '../developer/save.js';
import { type AnswerOf, useHeap } from '../http/use-heap.js';
import { MARKET, ROUND } from '../text/market.en.js';
import { number } from '../ui/format.js';
import { type Column, DataTable } from '../ui-kit/data-table.js';
import { Facts } from '../ui-kit/facts.js';
import { Loaded } from '../ui-kit/loaded.js';
import { Money } from '../ui-kit/money.js';
import { Page } from '../ui-kit/page.js';
import { When } from '../ui-kit/when.js';
import { Verifying } from './verifying.js';

type Round = AnswerOf<'/v1/rounds/{round_id}', 'get'>;

interface Assignment {
  order_id: string;
  offer_id: string;
  slots: number;
  price: string;
  own?: boolean;
}
interface Body {
  version?: string;
  inputs?: { orders?: unknown[]; offers?: unknown[] };
  outputs?: { assignments?: Assignment[] };
}

/** One round with its receipt, which is recomputed here on request. */
export function RoundPage() {
  const { round_id } = useParams({ from: '/market/rounds/$round_id' });
  const round = useHeap('/v1/rounds/{round_id}', { params: { path: { round_id } } });
  const title = round.data ? ROUND.title(round.data.number, MARKET.name(round.data.market)) : ROUND.title_unknown;
  return (
    <Page title={title} lead={ROUND.lead}>
      <Loaded query={round}>{(found) => <Whole key={found.id} round={found} />}</Loaded>
    </Page>
  );
}

function Whole({ round }: { round: Round }) {
  const heap = useHeap('/v1/heap', {});
  const currency = heap.data?.currency ?? 'USD';
  const body = (round.receipt.body ?? {}) as Body;
  const sold = body.outputs?.assignments ?? [];
  const facts = ROUND.facts;
  const columns: Column<Assignment>[] = [
    {
      key: 'order',
      label: ROUND.assignment_columns.order,
      width: 9,
      cell: ({ order_id }) => <code title={order_id}>{order_id.slice(-12)}</code>,
    },
    {
      key: 'offer',
      label: ROUND.assignment_columns.offer,
      width: 9,
      cell: ({ offer_id }) => <code title={offer_id}>{offer_id.slice(-12)}</code>,
    },
    { key: 'slots', label: ROUND.assignment_columns.slots, numeric: true, cell: ({ slots }) => number(slots) },
    {
      key: 'price',
      label: ROUND.assignment_columns.price,
      numeric: true,
      cell: ({ price, own }) => (own ? ROUND.own : <Money micro={price} currency={currency} />),
    },
  ];
  return (
    <Stack gap="lg">
      <Verifying round={round} />
      <Facts
        rows={[
          [facts.at, <When key="at" at={round.cleared_at} absolute />],
          [facts.version, body.version],
          [facts.hash, <Code key="hash">{round.hash}</Code>],
          [facts.before, round.previous_hash && <Code key="before">{round.previous_hash}</Code>],
        ]}
      />
      <Stack gap="xs" component="section" aria-label={ROUND.assignments}>
        <Title order={2} size="h3">
          {ROUND.assignments}
        </Title>
        <Text>{ROUND.inputs(body.inputs?.orders?.length ?? 0, body.inputs?.offers?.length ?? 0)}</Text>
        {sold.length === 0 ? (
          <Text c="dimmed">{ROUND.nothing_sold}</Text>
        ) : (
          <DataTable label={ROUND.assignments} columns={columns} rows={sold} rowKey={(row) => `${row.order_id} ${row.offer_id}`} />
        )}
      </Stack>
      <Group>
        <Button
          variant="default"
          onClick={() =>
            saveAs(
              new Blob([JSON.stringify(round, null, 2)], { type: 'application/json' }),
              `round-${round.market.replace(':', '-')}-${round.number}.json`,
            )
          }
        >
          {ROUND.download}
        </Button>
        <Anchor component={Link} to="/market/$market" params={{ market: round.market as MarketName } as never}>
          {MARKET.name(round.market)}
        </Anchor>
      </Group>
    </Stack>
  );
}

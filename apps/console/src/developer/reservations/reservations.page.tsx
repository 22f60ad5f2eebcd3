import { Badge, Button } from '@mantine/core';
import { useState } from 'react';
import { type AnswerOf, useHeapDeed } from '../../http/use-heap.js';
import { DEVELOPER } from '../../text/developer.en.js';
import { JOBS } from '../../text/jobs.en.js';
import { MARKET } from '../../text/market.en.js';
import { ConfirmDeed } from '../../ui-kit/confirm-deed.js';
import { type Column, DataTable } from '../../ui-kit/data-table.js';
import { Empty } from '../../ui-kit/empty.js';
import { Money } from '../../ui-kit/money.js';
import { Page } from '../../ui-kit/page.js';
import { Listed } from '../listed.js';
import { useCurrency } from '../use-currency.js';
import { usePages } from '../use-pages.js';
import { Reserving } from './reserving.js';

type Reservation = AnswerOf<'/v1/reservations', 'get'>['reservations'][number];
const TEXT = DEVELOPER.reservations;
const LIMIT = 50;
const LIVE = ['WAITING', 'RUNNING'];

/** Slots and storage that are kept, and what they cost so far. */
export function ReservationsPage() {
  const { currency } = useCurrency();
  const [asked, setAsked] = useState<Reservation | null>(null);
  const [reserving, setReserving] = useState(false);
  const give_up = useHeapDeed('post', '/v1/reservations/{reservation_id}/cancel', { stale: ['/v1/reservations', '/v1/funds'] });
  const reservations = usePages('/v1/reservations', {
    limit: LIMIT,
    topics: ['reservations'],
    init: (last: Reservation | null) => ({ params: { query: { limit: LIMIT, ...(last && { before: last.id }) } } }),
    rows: (answer) => answer.reservations,
  });
  const close = () => {
    setAsked(null);
    give_up.reset();
  };
  const columns: Column<Reservation>[] = [
    { key: 'name', label: TEXT.columns.name, width: 10, cell: ({ id, name }) => <span title={id}>{name || JOBS.unnamed}</span> },
    { key: 'market', label: TEXT.columns.market, width: 9, cell: ({ market }) => MARKET.name(market) },
    {
      key: 'state',
      label: TEXT.columns.state,
      width: 8,
      cell: ({ state }) => (
        <Badge variant="light" color={state === 'RUNNING' ? 'heap' : 'gray'}>
          {TEXT.states[state]}
        </Badge>
      ),
    },
    { key: 'units', label: TEXT.columns.units, numeric: true, cell: ({ leased, quantity }) => TEXT.kept(leased, quantity) },
    { key: 'charged', label: TEXT.columns.charged, numeric: true, cell: (row) => <Money micro={row.charged_micro} currency={currency} /> },
    { key: 'budget', label: TEXT.columns.budget, numeric: true, cell: (row) => <Money micro={row.budget_micro} currency={currency} /> },
    {
      key: 'why',
      label: TEXT.columns.why,
      width: 14,
      cell: ({ reason }) => <span title={`${reason.sentence} (${reason.code})`}>{reason.sentence}</span>,
    },
    {
      key: 'deed',
      label: TEXT.columns.deed,
      width: 8,
      cell: (row) =>
        LIVE.includes(row.state) && (
          <Button variant="subtle" size="compact-sm" color="red" onClick={() => setAsked(row)}>
            {TEXT.give_up}
          </Button>
        ),
    },
  ];
  const start = <Button onClick={() => setReserving(true)}>{TEXT.new}</Button>;
  return (
    <Page title={TEXT.title} lead={TEXT.lead} deeds={start}>
      <Listed pages={reservations} empty={<Empty {...TEXT.none} />}>
        <DataTable label={TEXT.table} columns={columns} rows={reservations.rows} rowKey={({ id }) => id} more={reservations.more} />
      </Listed>
      <Reserving opened={reserving} onClose={() => setReserving(false)} currency={currency} />
      <ConfirmDeed
        opened={asked !== null}
        title={TEXT.give_up_title}
        sentence={TEXT.give_up_sentence}
        deed={TEXT.give_up}
        keep={TEXT.keep}
        danger
        pending={give_up.isPending}
        error={give_up.error}
        onDeed={() => asked && give_up.mutate({ params: { path: { reservation_id: asked.id } } }, { onSuccess: close })}
        onClose={close}
      />
    </Page>
  );
}

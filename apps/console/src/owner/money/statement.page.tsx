import { Text } from '@mantine/core';
import { getRouteApi, Link } from '@tanstack/react-router';
import { type AnswerOf, useHeap } from '../../http/use-heap.js';
import { OWNER } from '../../text/owner.en.js';
import { type Column, DataTable } from '../../ui-kit/data-table.js';
import { Loaded } from '../../ui-kit/loaded.js';
import { Money } from '../../ui-kit/money.js';
import { Page } from '../../ui-kit/page.js';
import { Files } from './files.js';

const TEXT = OWNER.statements;
const route = getRouteApi('/owner/statements/$id');
type Line = AnswerOf<'/v1/statements/{statement_id}', 'get'>['lines'][number] & { at: number };

/** One statement, line by line. */
export function StatementPage() {
  const { id } = route.useParams();
  const query = useHeap('/v1/statements/{statement_id}', { params: { path: { statement_id: id } } });
  return (
    <Loaded query={query}>
      {({ month, number, lines, currency, opening_micro, closing_micro, tax_note }) => (
        <Page
          title={`${TEXT.title}: ${month}`}
          lead={number ?? TEXT.running}
          deeds={
            <>
              <Files statement_id={id} />
              <Link to="/owner/statements">{TEXT.back}</Link>
            </>
          }
        >
          <Text component="div">
            {TEXT.opening} <Money micro={opening_micro} currency={currency} />, {TEXT.closing}{' '}
            <Money micro={closing_micro} currency={currency} />
          </Text>
          <DataTable
            label={TEXT.lines(month)}
            columns={columns(currency)}
            rows={lines.map((line, at) => ({ ...line, at }))}
            rowKey={({ at }) => String(at)}
          />
          <Text size="sm" c="dimmed">
            {tax_note}
          </Text>
        </Page>
      )}
    </Loaded>
  );
}

const columns = (currency: string): Column<Line>[] => [
  { key: 'day', label: TEXT.day, width: 7, cell: ({ day }) => day },
  { key: 'text', label: TEXT.text, width: 24, cell: ({ text }) => text },
  {
    key: 'amount',
    label: TEXT.amount,
    width: 9,
    numeric: true,
    cell: ({ amount_micro }) => <Money micro={amount_micro} currency={currency} />,
  },
];

import { Anchor, SegmentedControl, Stack, Table, Title } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { Chart } from '../../charts/chart.js';
import { type AnswerOf, useHeap } from '../../http/use-heap.js';
import { DEVELOPER } from '../../text/developer.en.js';
import { JOBS } from '../../text/jobs.en.js';
import { moneyParts } from '../../ui/format.js';
import { Empty } from '../../ui-kit/empty.js';
import { Facts } from '../../ui-kit/facts.js';
import { Loaded } from '../../ui-kit/loaded.js';
import { Money } from '../../ui-kit/money.js';
import { Page } from '../../ui-kit/page.js';
import { useCurrency } from '../use-currency.js';
import { lastDays } from './days.js';
import { Statements } from './statements.js';

type Spending = AnswerOf<'/v1/spending', 'get'>;
const TEXT = DEVELOPER.spending;

/** What was charged by day and by job, and the statements of the months. */
export function SpendingPage() {
  const [span, setSpan] = useState('30');
  const [from, to] = useMemo(() => lastDays(Number(span), new Date()), [span]);
  const spending = useHeap('/v1/spending', { params: { query: { from, to } } }, { topics: ['funds'] });
  return (
    <Page
      title={TEXT.title}
      lead={TEXT.lead}
      deeds={
        <SegmentedControl
          aria-label={TEXT.span}
          value={span}
          data={Object.entries(TEXT.spans)
            .map(([value, label]) => ({ value, label }))
            .sort((a, b) => Number(a.value) - Number(b.value))}
          onChange={setSpan}
        />
      }
    >
      <Loaded query={spending}>
        {(found) => (found.days.length === 0 ? <Empty {...TEXT.none} /> : <Spent spending={found} days={Number(span)} />)}
      </Loaded>
      <Statements />
    </Page>
  );
}

function Spent({ spending: { total, days, jobs, from }, days: count }: { spending: Spending; days: number }) {
  const { currency } = useCurrency();
  const text = (micro: string) => moneyParts(BigInt(micro), currency).whole;
  const option = useMemo(() => {
    const by_day = new Map(days.map((one) => [one.day, Number(one.charged_micro) / 1_000_000]));
    const all = Array.from({ length: count }, (_, i) => new Date(Date.parse(from) + i * 86_400_000).toISOString().slice(0, 10));
    return {
      grid: { left: 64, right: 16, top: 16, bottom: 32 },
      tooltip: { trigger: 'axis' },
      xAxis: { type: 'category', data: all.map((day) => day.slice(5)) },
      yAxis: { type: 'value' },
      series: [{ type: 'bar', name: TEXT.charged, data: all.map((day) => by_day.get(day) ?? 0) }],
    };
  }, [days, from, count]);
  const table = {
    columns: TEXT.columns,
    rows: days.map(({ day, charged_micro, refunded_micro }) => [day, text(charged_micro), text(refunded_micro)]),
  };
  return (
    <Stack gap="lg">
      <Facts
        rows={[
          [TEXT.charged, <Money key="charged" micro={total.charged_micro} currency={currency} />],
          [TEXT.refunded, <Money key="refunded" micro={total.refunded_micro} currency={currency} />],
          [TEXT.promo, <Money key="promo" micro={total.promo_micro} currency={currency} />],
        ]}
      />
      <Chart label={TEXT.label(count, text(total.charged_micro))} option={option} table={table} />
      <Stack gap="xs">
        <Title order={2} size="h3">
          {TEXT.jobs}
        </Title>
        <Table.ScrollContainer minWidth={320} mah={480} aria-label={TEXT.jobs}>
          <Table striped stickyHeader>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{TEXT.job_columns.job}</Table.Th>
                <Table.Th ta="right">{TEXT.job_columns.charged}</Table.Th>
                <Table.Th ta="right">{TEXT.job_columns.refunded}</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {jobs.map((job) => (
                <Table.Tr key={job.job_id}>
                  <Table.Td>
                    <Anchor component={Link} to="/developer/jobs/$job_id" params={{ job_id: job.job_id } as never}>
                      {job.name || JOBS.unnamed}
                    </Anchor>
                  </Table.Td>
                  <Table.Td ta="right">
                    <Money micro={job.charged_micro} currency={currency} />
                  </Table.Td>
                  <Table.Td ta="right">
                    <Money micro={job.refunded_micro} currency={currency} />
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      </Stack>
    </Stack>
  );
}

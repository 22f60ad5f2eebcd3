import { Anchor, Button, Group, SegmentedControl, Text, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { AnswerOf } from '../../http/use-heap.js';
import { JOBS } from '../../text/jobs.en.js';
import { type Column, DataTable } from '../../ui-kit/data-table.js';
import { Empty } from '../../ui-kit/empty.js';
import { Money } from '../../ui-kit/money.js';
import { Page } from '../../ui-kit/page.js';
import { When } from '../../ui-kit/when.js';
import { Listed } from '../listed.js';
import { useCurrency } from '../use-currency.js';
import { usePages } from '../use-pages.js';
import { JobState } from './job-state.js';

type Job = AnswerOf<'/v1/jobs', 'get'>['jobs'][number];
const LIMIT = 50;
const PHASES = ['all', 'live', 'over'] as const;

/** All jobs, found by name, id and whether they are over. */
export function JobsPage() {
  const { currency } = useCurrency();
  const [phase, setPhase] = useState<(typeof PHASES)[number]>('all');
  const [text, setText] = useState('');
  const [sought] = useDebouncedValue(text.trim(), 300);
  const jobs = usePages('/v1/jobs', {
    limit: LIMIT,
    topics: ['jobs'],
    init: (last: Job | null) => ({
      params: {
        query: { limit: LIMIT, ...(phase !== 'all' && { phase }), ...(sought && { text: sought }), ...(last && { before: last.id }) },
      },
    }),
    rows: (answer) => answer.jobs,
  });
  const columns: Column<Job>[] = [
    {
      key: 'name',
      label: JOBS.columns.name,
      width: 12,
      cell: ({ id, name }) => (
        <Anchor component={Link} to="/developer/jobs/$job_id" params={{ job_id: id } as never} title={id}>
          {name || JOBS.unnamed}
        </Anchor>
      ),
    },
    { key: 'state', label: JOBS.columns.state, width: 8, cell: ({ state }) => <JobState state={state} /> },
    {
      key: 'tasks',
      label: JOBS.columns.tasks,
      width: 8,
      cell: ({ tasks }) => JOBS.settled(tasks.done + tasks.failed, tasks.total, tasks.failed),
    },
    {
      key: 'cost',
      label: JOBS.columns.cost,
      numeric: true,
      cell: ({ charged_micro }) => <Money micro={charged_micro} currency={currency} />,
    },
    { key: 'placed', label: JOBS.columns.placed, width: 9, cell: ({ created_at }) => <When at={created_at} /> },
    {
      key: 'why',
      label: JOBS.columns.why,
      width: 16,
      cell: ({ reason }) => <span title={`${reason.sentence} (${reason.code})`}>{reason.sentence}</span>,
    },
  ];
  const toRun = (
    <Button component={Link} to="/developer/run">
      {JOBS.run}
    </Button>
  );
  const filtered = phase !== 'all' || sought !== '';
  return (
    <Page title={JOBS.title} lead={JOBS.lead} deeds={toRun}>
      <Group gap="sm" align="flex-end">
        <TextInput
          label={JOBS.search}
          value={text}
          maxLength={128}
          type="search"
          onChange={({ currentTarget }) => setText(currentTarget.value)}
        />
        <SegmentedControl
          aria-label={JOBS.phase}
          value={phase}
          data={PHASES.map((value) => ({ value, label: JOBS.phases[value] }))}
          onChange={(value) => setPhase(value as typeof phase)}
        />
      </Group>
      <Listed pages={jobs} empty={filtered ? <Empty {...JOBS.none_found} /> : <Empty {...JOBS.none}>{toRun}</Empty>}>
        <DataTable label={JOBS.table} columns={columns} rows={jobs.rows} rowKey={({ id }) => id} more={jobs.more} />
      </Listed>
      <Text size="sm" c="dimmed" aria-live="polite">
        {jobs.query.isFetchingNextPage ? '…' : ''}
      </Text>
    </Page>
  );
}

import { Chip } from '@mantine/core';
import { type AnswerOf, useHeap } from '../http/use-heap.js';
import { ADMIN } from '../text/admin.en.js';
import type { Column } from '../ui-kit/data-table.js';
import { Money } from '../ui-kit/money.js';
import { Page } from '../ui-kit/page.js';
import { When } from '../ui-kit/when.js';
import css from './admin.module.css';
import { ChoiceFilter, WordFilter } from './filter.js';
import { HeapLink, PersonLink } from './heap-link.js';
import { List } from './list.js';
import { useFilters } from './use-filters.js';
import { usePages } from './use-pages.js';

type Row = AnswerOf<'/v1/admin/jobs', 'get'>['jobs'][number];

const TEXT = ADMIN.jobs;
const columnsIn = (currency: string): readonly Column<Row>[] => [
  {
    key: 'name',
    label: TEXT.columns.name,
    width: 12,
    cell: (row) => <HeapLink page={`/admin/jobs/${row.job_id}`}>{row.name}</HeapLink>,
  },
  { key: 'person', label: TEXT.columns.person, width: 10, cell: ({ person }) => <PersonLink id={person.person_id} name={person.name} /> },
  { key: 'state', label: TEXT.columns.state, width: 7, cell: ({ state }) => TEXT.states[state] },
  { key: 'reason', label: TEXT.columns.reason, width: 20, cell: ({ reason }) => <span title={reason.sentence}>{reason.sentence}</span> },
  { key: 'tasks', label: TEXT.columns.tasks, width: 8, numeric: true, cell: ({ done, failed, total }) => `${done + failed} / ${total}` },
  {
    key: 'charged',
    label: TEXT.columns.charged,
    width: 8,
    numeric: true,
    cell: ({ charged_micro }) => <Money micro={charged_micro} currency={currency} />,
  },
  { key: 'created', label: TEXT.columns.created, width: 8, cell: ({ created_at }) => <When at={created_at} /> },
];

/** Jobs of all developers. */
export function JobsPage() {
  const [filters, change] = useFilters();
  const query = usePages('/v1/admin/jobs', filters, ['admin:glance']);
  const { data: about } = useHeap('/v1/heap', {});
  const cleared = Object.fromEntries(Object.keys(filters).map((name) => [name, null]));
  return (
    <Page title={TEXT.title} lead={TEXT.lead}>
      <div className={css.filters}>
        <WordFilter label={ADMIN.list.search} placeholder={TEXT.search} value={filters.q} onChange={(q) => change({ q })} />
        <ChoiceFilter label={TEXT.state} of={TEXT.states} value={filters.state} onChange={(state) => change({ state })} />
        <Chip size="md" checked={filters.waiting === 'true'} onChange={(on) => change({ waiting: on ? 'true' : null })}>
          {TEXT.waiting}
        </Chip>
      </div>
      <List
        label={TEXT.title}
        noun={TEXT.noun}
        query={query}
        rowsOf={({ jobs }) => jobs}
        rowKey={({ job_id }) => job_id}
        columns={columnsIn(about?.currency ?? 'USD')}
        onReset={Object.keys(filters).length > 0 ? () => change(cleared) : undefined}
      />
    </Page>
  );
}

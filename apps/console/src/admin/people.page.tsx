import { Group } from '@mantine/core';
import type { AnswerOf } from '../http/use-heap.js';
import { ADMIN } from '../text/admin.en.js';
import type { Column } from '../ui-kit/data-table.js';
import { Page } from '../ui-kit/page.js';
import { When } from '../ui-kit/when.js';
import css from './admin.module.css';
import { ChoiceFilter, WordFilter } from './filter.js';
import { HeapLink } from './heap-link.js';
import { List } from './list.js';
import { Tag } from './tag.js';
import { useFilters } from './use-filters.js';
import { usePages } from './use-pages.js';

type Row = AnswerOf<'/v1/admin/people', 'get'>['people'][number];

const TEXT = ADMIN.people;
const COLUMNS: readonly Column<Row>[] = [
  {
    key: 'name',
    label: TEXT.columns.name,
    width: 11,
    cell: (row) => <HeapLink page={`/admin/people/${row.person_id}`}>{row.name}</HeapLink>,
  },
  { key: 'email', label: TEXT.columns.email, width: 16, cell: ({ email }) => email },
  {
    key: 'roles',
    label: TEXT.columns.roles,
    width: 14,
    cell: ({ roles }) => (
      <Group gap={4} wrap="nowrap">
        {roles.map((role) => (
          <Tag key={role} color={role === 'admin' ? 'blue' : 'gray'}>
            {TEXT.roles[role]}
          </Tag>
        ))}
      </Group>
    ),
  },
  {
    key: 'state',
    label: TEXT.columns.state,
    width: 8,
    cell: ({ suspended }) =>
      suspended ? (
        <Tag color="red" variant="light" title={suspended.reason}>
          {TEXT.states.suspended}
        </Tag>
      ) : (
        TEXT.states.active
      ),
  },
  { key: 'nodes', label: TEXT.columns.nodes, width: 6, numeric: true, cell: ({ nodes }) => nodes },
  { key: 'jobs', label: TEXT.columns.jobs, width: 6, numeric: true, cell: ({ jobs_live }) => jobs_live },
  {
    key: 'signed_in',
    label: TEXT.columns.signed_in,
    width: 8,
    cell: ({ last_signed_in_at: at }) => (at === null ? '–' : <When at={at} />),
  },
  { key: 'joined', label: TEXT.columns.joined, width: 8, cell: ({ created_at }) => <When at={created_at} /> },
];

/** Everybody. */
export function PeoplePage() {
  const [filters, change] = useFilters();
  const query = usePages('/v1/admin/people', filters, ['admin:people']);
  const cleared = Object.fromEntries(Object.keys(filters).map((name) => [name, null]));
  return (
    <Page title={TEXT.title} lead={TEXT.lead}>
      <div className={css.filters}>
        <WordFilter label={ADMIN.list.search} placeholder={TEXT.search} value={filters.q} onChange={(q) => change({ q })} />
        <ChoiceFilter label={TEXT.role} of={TEXT.roles} value={filters.role} onChange={(role) => change({ role })} />
        <ChoiceFilter label={TEXT.state} of={TEXT.states} value={filters.state} onChange={(state) => change({ state })} />
      </div>
      <List
        label={TEXT.title}
        noun={TEXT.noun}
        query={query}
        rowsOf={({ people }) => people}
        rowKey={({ person_id }) => person_id}
        columns={COLUMNS}
        onReset={Object.keys(filters).length > 0 ? () => change(cleared) : undefined}
      />
    </Page>
  );
}

import { Chip, Group, Stack } from '@mantine/core';
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

type Row = AnswerOf<'/v1/admin/nodes', 'get'>['nodes'][number];

const TEXT = ADMIN.nodes;
const { never: _, ...PRESENCES } = ADMIN.glance.presences;
const FLAGS = Object.keys(TEXT.flag_names) as (keyof typeof TEXT.flag_names)[];
const COLOURS = { banned: 'red', suspect: 'yellow', sound: 'heap', unchecked: 'gray', unknown: 'gray' } as const;

const COLUMNS: readonly Column<Row>[] = [
  {
    key: 'name',
    label: TEXT.columns.name,
    width: 10,
    sort: 'name',
    cell: (row) => <HeapLink page={`/admin/nodes/${row.node_id}`}>{row.name}</HeapLink>,
  },
  {
    key: 'owner',
    label: TEXT.columns.owner,
    width: 9,
    cell: ({ owner }) => <HeapLink page={`/admin/people/${owner.person_id}`}>{owner.name}</HeapLink>,
  },
  { key: 'kind', label: TEXT.columns.kind, width: 6, cell: ({ kind }) => TEXT.kinds[kind] },
  {
    key: 'presence',
    label: TEXT.columns.presence,
    width: 9,
    cell: ({ presence, reason }) => <span title={reason.sentence}>{ADMIN.glance.presences[presence ?? 'never']}</span>,
  },
  { key: 'region', label: TEXT.columns.region, width: 6, cell: ({ region }) => region ?? '–' },
  { key: 'version', label: TEXT.columns.version, width: 6, cell: ({ agent_version }) => agent_version ?? '–' },
  { key: 'health', label: TEXT.columns.health, width: 6, numeric: true, sort: 'health', cell: ({ health_score }) => health_score },
  {
    key: 'standing',
    label: TEXT.columns.standing,
    width: 8,
    sort: 'mismatches',
    cell: ({ standing, mismatches, results }) => (
      <Tag color={COLOURS[standing]} title={`${mismatches} / ${results}`}>
        {TEXT.standings[standing]}
      </Tag>
    ),
  },
  { key: 'leases', label: TEXT.columns.leases, width: 5, numeric: true, cell: ({ leases }) => leases },
  {
    key: 'seen',
    label: TEXT.columns.seen,
    width: 9,
    sort: 'seen',
    cell: ({ last_seen_at }) => (last_seen_at === null ? '–' : <When at={last_seen_at} />),
  },
];

/** All devices. */
export function NodesPage() {
  const [filters, change] = useFilters();
  const query = usePages('/v1/admin/nodes', filters, ['admin:nodes']);
  const cleared = Object.fromEntries(Object.keys(filters).map((name) => [name, null]));
  return (
    <Page title={TEXT.title} lead={TEXT.lead}>
      <Stack gap="sm">
        <div className={css.filters}>
          <WordFilter label={ADMIN.list.search} placeholder={TEXT.search} value={filters.q} onChange={(q) => change({ q })} />
          <ChoiceFilter label={TEXT.kind} of={TEXT.kinds} value={filters.kind} onChange={(kind) => change({ kind })} />
          <ChoiceFilter label={TEXT.presence} of={PRESENCES} value={filters.presence} onChange={(presence) => change({ presence })} />
          <ChoiceFilter label={TEXT.standing} of={TEXT.standings} value={filters.standing} onChange={(standing) => change({ standing })} />
          <WordFilter label={TEXT.region} placeholder={TEXT.region_hint} value={filters.region} onChange={(region) => change({ region })} />
          <WordFilter label={TEXT.version} value={filters.version} onChange={(version) => change({ version })} />
        </div>
        <Group gap="xs" role="group" aria-label={TEXT.flags}>
          {FLAGS.map((flag) => (
            <Chip key={flag} size="md" checked={filters[flag] === 'true'} onChange={(on) => change({ [flag]: on ? 'true' : null })}>
              {TEXT.flag_names[flag]}
            </Chip>
          ))}
        </Group>
      </Stack>
      <List
        label={TEXT.title}
        noun={TEXT.noun}
        query={query}
        rowsOf={({ nodes }) => nodes}
        rowKey={({ node_id }) => node_id}
        columns={COLUMNS}
        order={{ by: filters.sort ?? 'enrolled', descending: filters.order !== 'up' }}
        onSort={({ by, descending }) => change({ sort: by, order: descending ? 'down' : 'up' })}
        onReset={Object.keys(filters).length > 0 ? () => change(cleared) : undefined}
      />
    </Page>
  );
}

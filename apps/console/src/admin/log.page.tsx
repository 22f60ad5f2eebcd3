import { Alert, Button, Code, Text } from '@mantine/core';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { ask } from '../http/use-heap.js';
import { useTopics } from '../live/use-topics.js';
import { ADMIN } from '../text/admin.en.js';
import { Empty } from '../ui-kit/empty.js';
import { Page } from '../ui-kit/page.js';
import { Problem } from '../ui-kit/problem.js';
import { When } from '../ui-kit/when.js';
import css from './admin.module.css';
import { WordFilter } from './filter.js';
import { HeapLink, PersonLink } from './heap-link.js';
import { Rows } from './part.js';
import { useFilters } from './use-filters.js';

const TEXT = ADMIN.log;
const PAGE = 50;

/** Who did what to whom, and whether the chain of it holds. */
export function LogPage() {
  const [filters, change] = useFilters();
  const { seq, ...said } = filters;
  const key = ['/v1/admin/log', 'pages', filters];
  useTopics(['admin:log'], key);
  const { data, error, refetch, hasNextPage, isFetchingNextPage, fetchNextPage } = useInfiniteQuery({
    queryKey: key,
    queryFn: ({ pageParam }) =>
      ask('/v1/admin/log', { params: { query: { ...said, limit: PAGE, ...(pageParam !== null && { before: pageParam }) } } }),
    initialPageParam: seq === undefined ? (null as number | null) : Number(seq) + 1,
    getNextPageParam: ({ lines }) => (lines.length === PAGE ? (lines.at(-1)?.seq ?? null) : null),
  });
  const lines = data?.pages.flatMap((page) => page.lines) ?? [];
  return (
    <Page title={TEXT.title} lead={TEXT.lead}>
      <Chain />
      <div className={css.filters}>
        <WordFilter label={TEXT.action} placeholder="person." value={filters.action} onChange={(action) => change({ action, seq: null })} />
        <WordFilter label={TEXT.subject} value={filters.subject} onChange={(subject) => change({ subject, seq: null })} />
        <WordFilter label={TEXT.actor} value={filters.person_id} onChange={(person_id) => change({ person_id, seq: null })} />
      </div>
      {error && <Problem error={error} retry={() => void refetch()} />}
      {data && lines.length === 0 ? (
        <Empty {...TEXT.none} />
      ) : (
        <div className={css.card}>
          <Rows
            label={TEXT.title}
            columns={[
              TEXT.columns.seq,
              TEXT.columns.at,
              TEXT.columns.actor,
              TEXT.columns.action,
              TEXT.columns.subject,
              TEXT.columns.detail,
            ]}
            empty=""
            rows={lines.map((line) => [
              String(line.seq),
              [
                line.seq,
                <When key="at" at={line.at} absolute />,
                <PersonLink key="actor" id={line.person_id} name={line.person_id.slice(-12)} />,
                <Code key="action">{line.action}</Code>,
                <HeapLink key="subject" page={pageOf(line.action, line.subject)}>
                  {line.subject.slice(-12)}
                </HeapLink>,
                <Text key="detail" size="sm" maw={420}>
                  {detailOf(line.detail)}
                </Text>,
              ],
            ])}
          />
        </div>
      )}
      {hasNextPage && (
        <Button variant="default" w="fit-content" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          {TEXT.more}
        </Button>
      )}
    </Page>
  );
}

/** The chain is computed anew when somebody asks. */
function Chain() {
  const { data, error, isFetching, refetch } = useQuery({
    queryKey: ['/v1/admin/log/check'],
    queryFn: () => ask('/v1/admin/log/check', {}),
    enabled: false,
  });
  return (
    <>
      <Button w="fit-content" variant="default" loading={isFetching} onClick={() => void refetch()}>
        {TEXT.check}
      </Button>
      <div role="status">
        {error && <Problem error={error} />}
        {data && (
          <Alert color={data.intact ? 'heap' : 'red'} title={data.intact ? TEXT.intact(data.lines) : TEXT.broken(data.first_broken ?? 0)}>
            {data.head && (
              <Text size="sm">
                {TEXT.head}: <span className={css.hash}>{data.head}</span>
              </Text>
            )}
          </Alert>
        )}
      </div>
    </>
  );
}

function pageOf(action: string, subject: string): string {
  if (action.startsWith('person.')) return `/admin/people/${subject}`;
  if (action.startsWith('node.')) return `/admin/nodes/${subject}`;
  if (action.startsWith('alert.')) return '/admin';
  if (action.startsWith('objection.')) return '/admin/objections';
  if (action.startsWith('penalty.')) return '/admin/suspects';
  return '/admin/money';
}

const detailOf = (detail: Record<string, unknown>): string =>
  Object.entries(detail)
    .filter(([, value]) => value !== null && value !== '')
    .map(([name, value]) => `${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join('; ');

import { Text } from '@mantine/core';
import { useParams } from '@tanstack/react-router';
import { type AnswerOf, useHeap } from '../http/use-heap.js';
import { ADMIN } from '../text/admin.en.js';
import { Loaded } from '../ui-kit/loaded.js';
import { Money } from '../ui-kit/money.js';
import { Page } from '../ui-kit/page.js';
import { Reason } from '../ui-kit/reason.js';
import { When } from '../ui-kit/when.js';
import css from './admin.module.css';
import { HeapLink, PersonLink } from './heap-link.js';
import { Facts, Part, Rows } from './part.js';

type Job = AnswerOf<'/v1/admin/jobs/{job_id}', 'get'>;

const TEXT = ADMIN.job;
const COLUMNS = ADMIN.jobs.columns;

/** A job of any developer, without what is theirs. */
export function JobPage() {
  const { job_id } = useParams({ strict: false }) as { job_id: string };
  const query = useHeap('/v1/admin/jobs/{job_id}', { params: { path: { job_id } } }, { topics: ['admin:glance'] });
  const { data: about } = useHeap('/v1/heap', {});
  return (
    <Loaded query={query}>
      {(job) => (
        <Page title={job.name} lead={<Reason reason={job.reason} />}>
          <Known job={job} currency={about?.currency ?? 'USD'} />
          <Part head={TEXT.open_tasks}>
            <Rows
              label={TEXT.open_tasks}
              columns={[ADMIN.list.number, COLUMNS.state, ADMIN.job.task_columns.failures, ADMIN.job.task_columns.lease]}
              empty={TEXT.no_tasks}
              rows={job.tasks.map((task) => [
                String(task.index),
                [
                  task.index,
                  task.state,
                  task.failures,
                  <span key="lease" className={css.hash}>
                    {task.lease_id ?? '–'}
                  </span>,
                ],
              ])}
            />
          </Part>
          <Part head={TEXT.leases}>
            <Rows
              label={TEXT.leases}
              columns={[ADMIN.suspects.columns.node, COLUMNS.state, COLUMNS.tasks, COLUMNS.charged, COLUMNS.created]}
              empty={TEXT.no_leases}
              rows={job.leases.map((lease) => [
                lease.lease_id,
                [
                  <HeapLink key="node" page={`/admin/nodes/${lease.node_id}`}>
                    {lease.node_id.slice(-12)}
                  </HeapLink>,
                  lease.reason === null ? lease.state : <Reason key="reason" reason={lease.reason} />,
                  lease.tasks,
                  <Money key="charged" micro={lease.charged_micro} currency={about?.currency ?? 'USD'} />,
                  <When key="at" at={lease.granted_at} />,
                ],
              ])}
            />
          </Part>
        </Page>
      )}
    </Loaded>
  );
}

function Known({ job, currency }: { job: Job; currency: string }) {
  const money = (micro: string) => <Money micro={micro} currency={currency} />;
  return (
    <div className={css.cards}>
      <Part head={TEXT.tasks}>
        <Facts
          facts={[
            [COLUMNS.person, <PersonLink key="person" id={job.person.person_id} name={`${job.person.name}, ${job.person.email}`} />],
            [COLUMNS.state, ADMIN.jobs.states[job.state]],
            [COLUMNS.created, <When key="at" at={job.created_at} absolute />],
            [TEXT.level, job.verification ?? 'L0'],
            [
              TEXT.module,
              <span key="module" className={css.hash}>
                {job.module_hash}
              </span>,
            ],
            [
              'id',
              <span key="id" className={css.hash}>
                {job.job_id}
              </span>,
            ],
          ]}
        />
        <Text size="sm">{TEXT.counts(job)}</Text>
      </Part>
      <Part head={TEXT.money}>
        <Facts
          facts={[
            [TEXT.budget, money(job.budget_micro)],
            [TEXT.charged, money(job.charged_micro)],
            [TEXT.price, money(job.max_price_micro)],
            ...(job.hold
              ? ([
                  [TEXT.held, money(job.hold.amount_micro)],
                  [TEXT.returned, money(job.hold.returned_micro)],
                ] as const)
              : []),
          ]}
        />
        {job.objections.length > 0 && (
          <Text size="sm">
            <HeapLink page="/admin/objections">{`${TEXT.objections}: ${job.objections.length}`}</HeapLink>
          </Text>
        )}
      </Part>
    </div>
  );
}

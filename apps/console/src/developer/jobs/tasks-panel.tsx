import { Button, Group, Select, Stack } from '@mantine/core';
import { useState } from 'react';
import type { AnswerOf } from '../../http/use-heap.js';
import { JOB } from '../../text/jobs.en.js';
import { number } from '../../ui/format.js';
import { type Column, DataTable } from '../../ui-kit/data-table.js';
import { Empty } from '../../ui-kit/empty.js';
import { Money } from '../../ui-kit/money.js';
import { When } from '../../ui-kit/when.js';
import { Listed } from '../listed.js';
import { useCurrency } from '../use-currency.js';
import { usePages } from '../use-pages.js';
import { Standing, TaskState } from './job-state.js';
import { TaskDrawer } from './task-drawer.js';

type Task = AnswerOf<'/v1/jobs/{job_id}/tasks', 'get'>['tasks'][number];
type Verdict = NonNullable<Task['verdict']>;

const TEXT = JOB.tasks;
const LIMIT = 100;
const VERDICTS: readonly Verdict[] = ['ok', 'exit', 'trap', 'out-of-fuel', 'timeout', 'output-limit', 'stack-overflow', 'refused'];

/** A job's tasks by state and by how they ended; one press shows the evidence of one. */
export function TasksPanel({ job_id }: { job_id: string }) {
  const { currency } = useCurrency();
  const [state, setState] = useState<Task['state'] | null>(null);
  const [verdict, setVerdict] = useState<Verdict | null>(null);
  const [shown, setShown] = useState<number | null>(null);
  const tasks = usePages('/v1/jobs/{job_id}/tasks', {
    limit: LIMIT,
    topics: [`job:${job_id}`],
    init: (last: Task | null) => ({
      params: {
        path: { job_id },
        query: { limit: LIMIT, ...(state && { state }), ...(verdict && { verdict }), ...(last && { after: last.index }) },
      },
    }),
    rows: (answer) => answer.tasks,
  });
  const columns: Column<Task>[] = [
    {
      key: 'index',
      label: TEXT.columns.index,
      width: 4.5,
      cell: ({ index }) => (
        <Button variant="subtle" size="compact-sm" onClick={() => setShown(index)} aria-label={TEXT.look(index)}>
          {index}
        </Button>
      ),
    },
    { key: 'state', label: TEXT.columns.state, width: 7, cell: (task) => <TaskState state={task.state} /> },
    {
      key: 'standing',
      label: TEXT.columns.standing,
      width: 8.5,
      cell: ({ standing }) => standing && <Standing standing={standing} />,
    },
    {
      key: 'why',
      label: TEXT.columns.why,
      width: 16,
      cell: ({ reason }) => <span title={`${reason.sentence} (${reason.code})`}>{reason.sentence}</span>,
    },
    { key: 'attempts', label: TEXT.columns.attempts, width: 5, numeric: true, cell: ({ attempts }) => attempts },
    { key: 'fuel', label: TEXT.columns.fuel, numeric: true, cell: ({ fuel_used }) => (fuel_used === null ? '' : number(fuel_used)) },
    { key: 'cost', label: TEXT.columns.cost, numeric: true, cell: (task) => <Money micro={task.charge_micro} currency={currency} /> },
    { key: 'node', label: TEXT.columns.node, cell: ({ node_id }) => node_id && <span title={node_id}>{node_id.slice(-8)}</span> },
    { key: 'ended', label: TEXT.columns.ended, width: 9, cell: ({ finished_at }) => finished_at && <When at={finished_at} /> },
  ];
  return (
    <Stack gap="md">
      <Group gap="sm">
        <Select
          label={TEXT.state}
          placeholder={TEXT.all}
          clearable
          value={state}
          data={Object.entries(TEXT.states).map(([value, label]) => ({ value, label }))}
          onChange={(value) => setState(value as Task['state'] | null)}
        />
        <Select
          label={TEXT.verdict}
          placeholder={TEXT.all}
          clearable
          value={verdict}
          data={[...VERDICTS]}
          onChange={(value) => setVerdict(value as Verdict | null)}
        />
      </Group>
      <Listed pages={tasks} empty={<Empty {...TEXT.none} />}>
        <DataTable label={TEXT.table} columns={columns} rows={tasks.rows} rowKey={({ index }) => String(index)} more={tasks.more} />
      </Listed>
      <TaskDrawer job_id={job_id} index={shown} onClose={() => setShown(null)} />
    </Stack>
  );
}

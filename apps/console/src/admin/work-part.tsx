import { List, Text } from '@mantine/core';
import { useDeferredValue, useMemo, useState } from 'react';
import { ChartFrame } from '../charts/chart-frame.js';
import { LinePlot } from '../charts/line-plot.js';
import { useHeap } from '../http/use-heap.js';
import { ADMIN } from '../text/admin.en.js';
import { duration, number } from '../ui/format.js';
import { Reason } from '../ui-kit/reason.js';
import css from './admin.module.css';
import { timesTable } from './charts.js';
import { Figure } from './figure.js';
import { HeapLink } from './heap-link.js';
import { Part } from './part.js';
import type { Glance } from './shapes.js';

const TEXT = ADMIN.glance;
/** In minutes, of which a thousand are drawn at most. */
const SHOWN_MS = 12 * 3_600_000;
const HEIGHT_PX = 220;

/** What is computed, what waits and why. */
export function WorkPart({ now: { work, figures, at } }: { now: Glance }) {
  const rate = number(work.tasks_per_second, 1);
  return (
    <Part head={TEXT.work}>
      <div className={css.figures}>
        <Figure name={TEXT.names.tasks_per_second} of={figures.tasks_per_second} at={at}>
          {rate}
        </Figure>
        <Figure name={TEXT.names.failures_per_second} of={figures.failures_per_second} at={at}>
          {number(work.failures_per_second, 1)}
        </Figure>
        <Figure name={TEXT.names.tasks_queued} of={figures.tasks_queued} at={at}>
          {work.tasks_queued.toLocaleString()}
        </Figure>
        <Figure name={TEXT.names.tasks_leased} of={figures.tasks_leased} at={at}>
          {work.tasks_leased.toLocaleString()}
        </Figure>
        <Figure name={TEXT.names.jobs_waiting} of={figures.jobs_waiting} at={at}>
          {work.jobs_waiting.toLocaleString()}
        </Figure>
        {work.oldest && (
          <Figure name={TEXT.names.oldest_wait_seconds} of={figures.oldest_wait_seconds} at={at}>
            <HeapLink page={`/admin/jobs/${work.oldest.job_id}`}>{duration(Date.parse(at) - Date.parse(work.oldest.since))}</HeapLink>
          </Figure>
        )}
      </div>
      <TasksChart rate={rate} />
      <Text fw={650}>{TEXT.why_wait}</Text>
      {work.reasons.length === 0 ? (
        <Text c="dimmed">{TEXT.nobody_waits}</Text>
      ) : (
        <List size="sm">
          {work.reasons.map(({ code, sentence, jobs }) => (
            <List.Item key={code}>
              <HeapLink page={`/admin/jobs?state=QUEUED&reason=${code}`}>{jobs.toLocaleString()}</HeapLink>:{' '}
              <Reason reason={{ code, sentence }} />
            </List.Item>
          ))}
        </List>
      )}
    </Part>
  );
}

/** By itself, since it is asked for by itself. */
function TasksChart({ rate }: { rate: string }) {
  const [from] = useState(() => new Date(Date.now() - SHOWN_MS).toISOString());
  const { data } = useHeap('/v1/admin/series', { params: { query: { metric: 'tasks_per_second', from } } }, { topics: ['admin:glance'] });
  const points = useDeferredValue(data?.points);
  const lines = useMemo(
    () => [{ name: TEXT.names.tasks_per_second, points: (points ?? []).map(({ at, mean }) => ({ at_ms: Date.parse(at), value: mean })) }],
    [points],
  );
  if (points === undefined || points.length === 0) return <Text c="dimmed">{TEXT.no_series}</Text>;
  return (
    <ChartFrame label={TEXT.tasks_chart(rate)} table={() => timesTable(lines)} height={HEIGHT_PX}>
      <LinePlot label={TEXT.tasks_chart(rate)} lines={lines} height={HEIGHT_PX} />
    </ChartFrame>
  );
}

import { Button, Paper, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import { type AnswerOf, useHeap, useHeapDeed } from '../../http/use-heap.js';
import { JOB } from '../../text/jobs.en.js';
import { Empty } from '../../ui-kit/empty.js';
import { Loaded } from '../../ui-kit/loaded.js';
import { Money } from '../../ui-kit/money.js';
import { Problem } from '../../ui-kit/problem.js';
import { Reason } from '../../ui-kit/reason.js';
import { When } from '../../ui-kit/when.js';
import { useCurrency } from '../use-currency.js';

const TEXT = JOB.objections;

/** Objections to work of this job, and how to make one. */
export function ObjectionsPanel({ job_id }: { job_id: string }) {
  const all = useHeap('/v1/objections', { params: { query: { limit: 100 } } }, { topics: [`job:${job_id}`] });
  return (
    <Stack gap="lg">
      <Text>{TEXT.lead}</Text>
      <Loaded query={all}>
        {({ objections }) => {
          const mine = objections.filter((one) => one.job_id === job_id);
          return mine.length === 0 ? <Empty {...TEXT.none} /> : mine.map((one) => <Objection key={one.objection_id} objection={one} />);
        }}
      </Loaded>
      <Objecting job_id={job_id} />
    </Stack>
  );
}

function Objection({ objection }: { objection: AnswerOf<'/v1/objections', 'get'>['objections'][number] }) {
  const { currency } = useCurrency();
  return (
    <Paper withBorder p="md">
      <Stack gap={6}>
        <Text fw={600}>{objection.complaint}</Text>
        <Reason reason={objection.reason} />
        <Text size="sm">
          <Money micro={objection.amount_micro} currency={currency} /> · <When at={objection.created_at} />
          {objection.state === 'OPEN' && (
            <>
              {' · '}
              {TEXT.decide_by} <When at={objection.decide_by} absolute />
            </>
          )}
        </Text>
        {objection.decision && <Text>{objection.decision}</Text>}
      </Stack>
    </Paper>
  );
}

function Objecting({ job_id }: { job_id: string }) {
  const [tasks, setTasks] = useState('');
  const [reason, setReason] = useState('');
  const [tried, setTried] = useState(false);
  const object = useHeapDeed('post', '/v1/jobs/{job_id}/objections', { stale: ['/v1/objections'] });
  const bad_tasks = /^\s*(\d{1,9}\s*(,\s*\d{1,9}\s*)*)?$/.test(tasks) ? null : TEXT.bad_tasks;
  const missing = reason.trim() === '' ? TEXT.reason_missing : null;
  const go = () => {
    setTried(true);
    if (bad_tasks || missing) return;
    const named = tasks.split(',').filter((part) => part.trim() !== '');
    object.mutate(
      {
        params: { path: { job_id }, header: { 'Idempotency-Key': crypto.randomUUID() } },
        body: { tasks: named.map(Number), reason: reason.trim() },
      },
      {
        onSuccess: () => {
          setTasks('');
          setReason('');
          setTried(false);
        },
      },
    );
  };
  return (
    <Stack gap="sm" maw={560}>
      <Textarea
        label={TEXT.reason}
        value={reason}
        maxLength={2_000}
        autosize
        minRows={2}
        error={tried && missing}
        onChange={({ currentTarget }) => setReason(currentTarget.value)}
      />
      <TextInput
        label={TEXT.tasks}
        description={TEXT.tasks_hint}
        value={tasks}
        error={bad_tasks}
        onChange={({ currentTarget }) => setTasks(currentTarget.value)}
      />
      {object.error && <Problem error={object.error} />}
      <Button variant="default" onClick={go} loading={object.isPending} style={{ alignSelf: 'flex-start' }}>
        {TEXT.open}
      </Button>
    </Stack>
  );
}

import { Code, Drawer, Paper, Stack, Text } from '@mantine/core';
import { type AnswerOf, useHeap } from '../../http/use-heap.js';
import { JOB } from '../../text/jobs.en.js';
import { number } from '../../ui/format.js';
import { Facts } from '../../ui-kit/facts.js';
import { Loaded } from '../../ui-kit/loaded.js';
import { Money } from '../../ui-kit/money.js';
import { Reason } from '../../ui-kit/reason.js';
import { When } from '../../ui-kit/when.js';
import { useCurrency } from '../use-currency.js';
import { Standing, TaskState } from './job-state.js';

type Task = AnswerOf<'/v1/jobs/{job_id}/tasks/{index}', 'get'>;
const TEXT = JOB.task;

/** The evidence of one task: every execution, how it ended, and what it wrote. */
export function TaskDrawer({ job_id, index, onClose }: { job_id: string; index: number | null; onClose: () => void }) {
  const task = useHeap(
    '/v1/jobs/{job_id}/tasks/{index}',
    { params: { path: { job_id, index: index ?? 0 } } },
    { topics: [`job:${job_id}`], enabled: index !== null },
  );
  return (
    <Drawer
      opened={index !== null}
      onClose={onClose}
      position="right"
      size="lg"
      title={index !== null && TEXT.title(index)}
      closeButtonProps={{ 'aria-label': TEXT.close }}
    >
      {index !== null && <Loaded query={task}>{(found) => found.index === index && <Evidence task={found} />}</Loaded>}
    </Drawer>
  );
}

function Evidence({ task }: { task: Task }) {
  return (
    <Stack gap="md">
      <Stack gap={4} align="flex-start">
        <TaskState state={task.state} />
        <Reason reason={task.reason} />
      </Stack>
      <HowSure task={task} />
      {task.attempts.length === 0 && <Text c="dimmed">{TEXT.none}</Text>}
      {task.attempts.map((attempt, at) => (
        <Attempt key={attempt.epoch} attempt={attempt} nth={at + 1} />
      ))}
    </Stack>
  );
}

/** What the result is worth now, and every check of it: why it was made and what it came to. */
function HowSure({ task: { attempts, checks } }: { task: Task }) {
  const standing = attempts.find((attempt) => attempt.standing !== null)?.standing;
  if (!standing) return null;
  return (
    <Stack gap="sm" component="section" aria-label={TEXT.result}>
      <Stack gap={4} align="flex-start">
        <Standing standing={standing} />
        <Text size="sm">{TEXT.standings[standing]}</Text>
      </Stack>
      {standing !== 'unchecked' && <Text fw={600}>{TEXT.checks}</Text>}
      {standing !== 'unchecked' && checks.length === 0 && (
        <Text size="sm" c="dimmed">
          {TEXT.no_checks}
        </Text>
      )}
      {checks.map((check) => (
        <div key={`${check.of_epoch} ${check.reason.code} ${check.decided_at}`}>
          <Reason reason={check.reason} />
          <Text size="sm">
            {check.by_reference ? TEXT.by_heap : TEXT.by_device}
            {check.decided_at && (
              <>
                {', '}
                <When at={check.decided_at} />
              </>
            )}
            {': '}
            {check.outcome ? <Reason reason={check.outcome} /> : TEXT.check_states[check.state]}
          </Text>
        </div>
      ))}
    </Stack>
  );
}

function Attempt({ attempt, nth }: { attempt: Task['attempts'][number]; nth: number }) {
  const { currency } = useCurrency();
  const facts = TEXT.facts;
  return (
    <Paper withBorder p="md" component="section" aria-label={TEXT.run(nth)}>
      <Stack gap="sm">
        <Text fw={600}>
          {TEXT.run(nth)}: {attempt.verdict && `${attempt.verdict}, `}
          {attempt.standing === 'refuted' ? TEXT.paid_back : TEXT.outcomes[attempt.outcome]}
        </Text>
        {attempt.detail && <Text>{attempt.detail}</Text>}
        {attempt.verified && <Reason reason={attempt.verified} />}
        <Facts
          rows={[
            [facts.device, attempt.node_id],
            [facts.lease, attempt.lease_id],
            [facts.fuel, number(attempt.fuel_used)],
            [facts.cost, <Money key="cost" micro={attempt.charge_micro} currency={currency} />],
            [facts.energy, attempt.energy_joules_estimate === null ? null : JOB.joules(number(attempt.energy_joules_estimate, 3))],
            [facts.ended, <When key="ended" at={attempt.finished_at} />],
          ]}
        />
        {attempt.logs === '' ? (
          <Text size="sm" c="dimmed">
            {TEXT.no_logs}
          </Text>
        ) : (
          <Stack gap={4}>
            <Text size="sm" c="dimmed">
              {TEXT.logs}
            </Text>
            <Code block>{attempt.logs}</Code>
          </Stack>
        )}
      </Stack>
    </Paper>
  );
}

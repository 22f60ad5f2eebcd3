import { Anchor, Button, Group, Modal, Progress, Stack, Tabs, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { useHeap, useHeapDeed } from '../../http/use-heap.js';
import { JOB } from '../../text/jobs.en.js';
import { number } from '../../ui/format.js';
import { Facts } from '../../ui-kit/facts.js';
import { Loaded } from '../../ui-kit/loaded.js';
import { Money } from '../../ui-kit/money.js';
import { Page } from '../../ui-kit/page.js';
import { Problem } from '../../ui-kit/problem.js';
import { Reason } from '../../ui-kit/reason.js';
import { When } from '../../ui-kit/when.js';
import { useCurrency } from '../use-currency.js';
import { ChecksPanel } from './checks-panel.js';
import { JOB_TABS, type JobInfo, type JobTab } from './job-info.js';
import { JobState } from './job-state.js';
import { ObjectionsPanel } from './objections-panel.js';
import { ReceiptPanel } from './receipt-panel.js';
import { RetryDialog } from './retry-dialog.js';
import { TasksPanel } from './tasks-panel.js';
import { TermsPanel } from './terms-panel.js';

/** One job: where it is and why, its tasks, how they are checked, what was paid, and what can be done about it. */
export function JobPage() {
  const { job_id } = useParams({ from: '/developer/jobs/$job_id' });
  const job = useHeap('/v1/jobs/{job_id}', { params: { path: { job_id } } }, { topics: [`job:${job_id}`] });
  return (
    <Page title={job.data ? JOB.title(job.data.name) : JOB.tabs.tasks} lead={job_id} deeds={job.data && <Deeds job={job.data} />}>
      <Loaded query={job}>{(found) => <Whole job={found} />}</Loaded>
    </Page>
  );
}

function Deeds({ job }: { job: JobInfo }) {
  const [asked, { open, close }] = useDisclosure();
  const cancel = useHeapDeed('post', '/v1/jobs/{job_id}/cancel', { stale: ['/v1/jobs/{job_id}', '/v1/jobs/{job_id}/tasks', '/v1/jobs'] });
  const { failed, cancelled } = job.tasks;
  return (
    <>
      {failed > 0 && <RetryDialog job={job} states={['FAILED']} label={JOB.retry.do(failed)} />}
      {cancelled > 0 && <RetryDialog job={job} states={['CANCELLED']} label={JOB.retry.cancelled(cancelled)} />}
      {job.finished_at === null && (
        <Button color="red" variant="light" onClick={open}>
          {JOB.cancel.do}
        </Button>
      )}
      <Modal opened={asked} onClose={close} title={JOB.cancel.title} centered closeButtonProps={{ 'aria-label': JOB.cancel.no }}>
        <Stack gap="md">
          <Text>{JOB.cancel.sentence}</Text>
          {cancel.error && <Problem error={cancel.error} />}
          <Group>
            <Button
              color="red"
              loading={cancel.isPending}
              onClick={() => cancel.mutate({ params: { path: { job_id: job.id } } }, { onSuccess: close })}
            >
              {JOB.cancel.yes}
            </Button>
            <Button variant="default" onClick={close}>
              {JOB.cancel.no}
            </Button>
          </Group>
        </Stack>
      </Modal>
    </>
  );
}

function Whole({ job }: { job: JobInfo }) {
  const { currency } = useCurrency();
  const { done, failed, leased, queued, cancelled, total } = job.tasks;
  const share = (part: number) => (total === 0 ? 0 : (100 * part) / total);
  const facts = JOB.facts;
  const { tab = 'tasks' } = useSearch({ from: '/developer/jobs/$job_id' });
  const navigate = useNavigate({ from: '/developer/jobs/$job_id' });
  return (
    <Stack gap="lg">
      <Stack gap="xs">
        <Group gap="sm">
          <JobState state={job.state} />
          <Reason reason={job.reason} />
        </Group>
        <Progress.Root size="lg">
          <Progress.Section value={share(done)} aria-label={JOB.tasks.states.DONE} />
          <Progress.Section value={share(failed)} color="red" aria-label={JOB.tasks.states.FAILED} />
          <Progress.Section value={share(leased)} color="blue" striped aria-label={JOB.tasks.states.LEASED} />
        </Progress.Root>
        <Text size="sm" aria-live="polite">
          {JOB.progress(done, failed, leased, queued, cancelled)}
        </Text>
      </Stack>
      <Facts
        rows={[
          [facts.charged, <Money key="charged" micro={job.charged_micro} currency={currency} />],
          [facts.budget, <Money key="budget" micro={job.budget_micro} currency={currency} />],
          [facts.held, <Money key="held" micro={job.held_micro} currency={currency} />],
          [facts.energy, job.energy_joules_estimate === null ? null : JOB.joules(number(job.energy_joules_estimate, 1))],
          [facts.slots, JOB.slots(job.slots, job.slot_class)],
          [facts.placed, <When key="placed" at={job.created_at} />],
          [facts.ended, job.finished_at && <When key="ended" at={job.finished_at} />],
          [
            facts.retry_of,
            job.retry_of && (
              <Anchor component={Link} to="/developer/jobs/$job_id" params={{ job_id: job.retry_of } as never}>
                {job.retry_of}
              </Anchor>
            ),
          ],
        ]}
      />
      <Tabs value={tab} onChange={(to) => void navigate({ search: { tab: to as JobTab }, replace: true })} keepMounted={false}>
        <Tabs.List>
          {JOB_TABS.map((one) => (
            <Tabs.Tab key={one} value={one}>
              {JOB.tabs[one]}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="tasks" pt="md">
          <TasksPanel job_id={job.id} />
        </Tabs.Panel>
        <Tabs.Panel value="checks" pt="md">
          <ChecksPanel job_id={job.id} />
        </Tabs.Panel>
        <Tabs.Panel value="receipt" pt="md">
          <ReceiptPanel job_id={job.id} />
        </Tabs.Panel>
        <Tabs.Panel value="terms" pt="md">
          <TermsPanel job={job} />
        </Tabs.Panel>
        <Tabs.Panel value="objections" pt="md">
          <ObjectionsPanel job_id={job.id} />
        </Tabs.Panel>
      </Tabs>
    </Stack>
  );
}

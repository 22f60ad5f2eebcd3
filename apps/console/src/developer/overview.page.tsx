import { Anchor, Button, Paper, Progress, SimpleGrid, Stack, Tabs, Text, Title } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { type AnswerOf, useHeap } from '../http/use-heap.js';
import { DEVELOPER_NAV } from '../text/areas-nav.en.js';
import { DEVELOPER } from '../text/developer.en.js';
import { JOBS } from '../text/jobs.en.js';
import { moneyParts } from '../ui/format.js';
import { Empty } from '../ui-kit/empty.js';
import { Loaded } from '../ui-kit/loaded.js';
import { Money } from '../ui-kit/money.js';
import { Page } from '../ui-kit/page.js';
import { When } from '../ui-kit/when.js';
import { CodeBlock } from './code-block.js';
import { JobState } from './jobs/job-state.js';
import { LATEST, RUNNING } from './latest.js';
import { MoneyNotice } from './money-notice.js';
import { useCurrency } from './use-currency.js';

type Job = AnswerOf<'/v1/jobs', 'get'>['jobs'][number];
const TEXT = DEVELOPER.overview;

/** What a developer looks at first: money, what runs, and how to begin. */
export function OverviewPage() {
  const live = useHeap('/v1/jobs', RUNNING, { topics: ['jobs'] });
  const over = useHeap('/v1/jobs', LATEST, { topics: ['jobs'] });
  const run = (
    <Button component={Link} to="/developer/run">
      {DEVELOPER_NAV.run}
    </Button>
  );
  return (
    <Page title={TEXT.title} lead={TEXT.lead} deeds={run}>
      <MoneyNotice />
      <MoneyFigures />
      <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="lg">
        <Stack gap="sm" component="section" aria-label={TEXT.running}>
          <Title order={2} size="h3">
            {TEXT.running}
          </Title>
          <Loaded query={live}>
            {({ jobs }) =>
              jobs.length === 0 ? <Empty {...TEXT.nothing}>{run}</Empty> : jobs.map((job) => <JobCard key={job.id} job={job} />)
            }
          </Loaded>
          <Loaded query={over}>
            {({ jobs }) =>
              jobs.length > 0 && (
                <>
                  <Title order={2} size="h3">
                    {TEXT.recent}
                  </Title>
                  {jobs.map((job) => (
                    <JobCard key={job.id} job={job} />
                  ))}
                  <Anchor component={Link} to="/developer/jobs">
                    {TEXT.all_jobs}
                  </Anchor>
                </>
              )
            }
          </Loaded>
        </Stack>
        <Begin />
      </SimpleGrid>
    </Page>
  );
}

function MoneyFigures() {
  const funds = useHeap('/v1/funds', {}, { topics: ['funds'] });
  const spending = useHeap('/v1/spending', {}, { topics: ['funds'] });
  return (
    <Loaded query={funds}>
      {({ currency, simulated, available_micro, promo_micro, held_micro, day_cap_micro, spent_today_micro }) => (
        <Stack gap="xs">
          <SimpleGrid cols={{ base: 2, md: 4 }} spacing="md">
            <Figure label={TEXT.available} micro={BigInt(available_micro) + BigInt(promo_micro)} currency={currency} />
            <Figure label={TEXT.held} micro={BigInt(held_micro)} currency={currency} />
            <Figure label={TEXT.month} micro={BigInt(spending.data?.total.charged_micro ?? 0)} currency={currency} />
            <Figure
              label={TEXT.today}
              micro={BigInt(spent_today_micro)}
              currency={currency}
              note={day_cap_micro === null ? TEXT.no_cap : TEXT.of_cap(moneyParts(BigInt(day_cap_micro), currency).whole)}
              share={day_cap_micro === null ? null : Number((BigInt(spent_today_micro) * 100n) / (BigInt(day_cap_micro) || 1n))}
            />
          </SimpleGrid>
          {simulated && (
            <Text size="sm" c="dimmed">
              {TEXT.simulated}
            </Text>
          )}
        </Stack>
      )}
    </Loaded>
  );
}

interface FigureProps {
  label: string;
  micro: bigint;
  currency: string;
  note?: string;
  /** Of what is allowed, in per cent. */
  share?: number | null;
}

const Figure = ({ label, micro, currency, note, share = null }: FigureProps) => (
  <Paper withBorder p="md">
    <Text size="sm" c="dimmed">
      {label}
    </Text>
    <Text size="xl" fw={680}>
      <Money micro={micro} currency={currency} />
    </Text>
    {note && <Text size="sm">{note}</Text>}
    {share !== null && <Progress value={Math.min(100, share)} color={share >= 90 ? 'red' : 'heap'} aria-label={note ?? label} mt={4} />}
  </Paper>
);

function JobCard({ job }: { job: Job }) {
  const { currency } = useCurrency();
  const { done, failed, total } = job.tasks;
  const share = (part: number) => (total === 0 ? 0 : (100 * part) / total);
  return (
    <Paper withBorder p="md">
      <Stack gap={6}>
        <Anchor component={Link} to="/developer/jobs/$job_id" params={{ job_id: job.id } as never} fw={600}>
          {job.name || JOBS.unnamed}
        </Anchor>
        <Progress.Root>
          <Progress.Section value={share(done)} aria-label={JOBS.states.DONE} />
          <Progress.Section value={share(failed)} color="red" aria-label={JOBS.columns.state} />
        </Progress.Root>
        <Text size="sm">
          <JobState state={job.state} /> {TEXT.progress(done + failed, total)} · <Money micro={job.charged_micro} currency={currency} /> ·{' '}
          <When at={job.finished_at ?? job.created_at} />
        </Text>
        <Text size="sm" c="dimmed">
          {job.reason.sentence}
        </Text>
      </Stack>
    </Paper>
  );
}

const PROGRAM = `import { Heap } from '@openheaps/sdk';

const heap = new Heap();
for await (const r of heap.map((n) => n * n, [1, 2, 3]))
  console.log(r.index, r.value, r.cost);
`;

function Begin() {
  const origin = location.origin;
  return (
    <Stack gap="sm" component="section" aria-label={TEXT.begin}>
      <Title order={2} size="h3">
        {TEXT.begin}
      </Title>
      <Text>{TEXT.begin_lead}</Text>
      <Anchor component={Link} to="/developer/keys">
        {TEXT.make_key}
      </Anchor>
      <Tabs defaultValue="program">
        <Tabs.List>
          <Tabs.Tab value="program">{TEXT.program}</Tabs.Tab>
          <Tabs.Tab value="shell">{TEXT.shell}</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="program" pt="sm">
          <CodeBlock label={TEXT.program} text={PROGRAM} />
        </Tabs.Panel>
        <Tabs.Panel value="shell" pt="sm">
          <CodeBlock
            label={TEXT.shell}
            text={`export HEAP_URL=${origin}\nexport HEAP_API_KEY=oh_…\nseq 1 100 > inputs.jsonl\necho 'export default (n) => n * n' > task.js\nnpx openheaps map task.js inputs.jsonl\n`}
          />
        </Tabs.Panel>
      </Tabs>
    </Stack>
  );
}

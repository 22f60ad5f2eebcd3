import { Alert, Button, Group, Paper, Progress, SimpleGrid, Stack, Text, Title } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useMemo, useRef } from 'react';
import { HeapError } from '#units';
import { type AnswerOf, useHeap, useHeapDeed } from '../../http/use-heap.js';
import { RUN } from '../../text/run.en.js';
import { Money } from '../../ui-kit/money.js';
import { Problem } from '../../ui-kit/problem.js';
import { Reason } from '../../ui-kit/reason.js';
import { saveAs } from '../save.js';
import { useCurrency } from '../use-currency.js';
import { PictureView } from './picture-view.js';
import { picturesOf } from './pictures.js';
import { resultLines } from './result-text.js';
import { ResultsTable } from './results-table.js';
import { TaskCells } from './task-cells.js';
import { type Results, useResults } from './use-results.js';

const NEWS_MS = 500;
const JOB_PATHS = ['/v1/jobs/{job_id}', '/v1/jobs/{job_id}/verification'];

/** Says that the job has changed, at most twice a second, and once more at the end of a rush. */
function useNews(paths: readonly string[]): () => void {
  const queries = useQueryClient();
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  return () => {
    timer.current ??= setTimeout(() => {
      timer.current = undefined;
      for (const path of paths) void queries.invalidateQueries({ queryKey: [path] });
    }, NEWS_MS);
  };
}

/** A job that runs or ran: how far it is, its results as they come, and what it costs. */
export function RunningJob({ job_id, onForget }: { job_id: string; onForget: () => void }) {
  const job = useHeap('/v1/jobs/{job_id}', { params: { path: { job_id } } }, { topics: [`job:${job_id}`] });
  const checks = useHeap('/v1/jobs/{job_id}/verification', { params: { path: { job_id } } }, { topics: [`job:${job_id}`] });
  // The heap may put another result in the place of one that a verifier of one's own rejects.
  const wait = checks.data ? (checks.data.own_verifier ? 'final' : 'provisional') : null;
  const results = useResults(job_id, wait, useNews(JOB_PATHS));
  const cancel = useHeapDeed('post', '/v1/jobs/{job_id}/cancel', { stale: ['/v1/jobs/{job_id}', '/v1/jobs', '/v1/balance'] });
  const settled = useMemo(() => new Map(results.arrived.map(({ index, error }) => [index, error !== null])), [results.arrived]);
  const pictures = useMemo(() => picturesOf(results.arrived), [results.arrived]);
  if (job.error instanceof HeapError && job.error.details.status === 404)
    return (
      <Alert variant="light">
        <Stack gap="xs" align="flex-start">
          <Text>{RUN.gone}</Text>
          <Button variant="default" onClick={onForget}>
            {RUN.another}
          </Button>
        </Stack>
      </Alert>
    );
  const over = job.data?.finished_at != null;
  const total = job.data?.tasks.total ?? 0;
  const pictured = pictures.whole !== null || pictures.alone.length > 0;
  return (
    <Paper withBorder p="md" component="section" aria-label={RUN.progress.title}>
      <Stack gap="md">
        <Group justify="space-between" gap="sm">
          <Title order={2} size="h3">
            {RUN.progress.title}
          </Title>
          <Group gap="sm">
            {!over && (
              <Button
                color="red"
                variant="light"
                loading={cancel.isPending}
                onClick={() => cancel.mutate({ params: { path: { job_id } } })}
              >
                {RUN.stop}
              </Button>
            )}
            {over && (
              <Button variant="default" onClick={onForget}>
                {RUN.another}
              </Button>
            )}
          </Group>
        </Group>
        {job.error && <Problem error={job.error} retry={() => void job.refetch()} />}
        {cancel.error && <Problem error={cancel.error} />}
        {results.error !== null && <Problem error={results.error} />}
        {job.data && (
          <Text aria-live="polite">
            <Reason reason={job.data.reason} />
          </Text>
        )}
        <Progress.Root size="lg">
          <Progress.Section value={share(results.done, total)} color="heap" aria-label={RUN.progress.legend.done} />
          <Progress.Section value={share(results.failed, total)} color="red" aria-label={RUN.progress.legend.failed} />
        </Progress.Root>
        <TaskCells total={total} settled={settled} />
        <Figures results={results} total={total} />
        {checks.data && <HowSure checks={checks.data} />}
        <Text>
          <Link to="/developer/jobs/$job_id" params={{ job_id }}>
            {RUN.progress.open_job}
          </Link>
        </Text>
        {pictured && <PictureView pictures={pictures} total={total} />}
        <Group justify="space-between" gap="sm">
          <Title order={3} size="h4">
            {RUN.results.title}
          </Title>
          {results.arrived.length > 0 && (
            <Button
              variant="default"
              size="sm"
              onClick={() => saveAs(new Blob([resultLines(results.arrived)], { type: 'application/jsonl' }), `${job_id}.jsonl`)}
            >
              {RUN.results.download}
            </Button>
          )}
        </Group>
        {results.arrived.length > 0 ? (
          <ResultsTable results={results.arrived} verified={wait === 'final'} />
        ) : (
          <Text c="dimmed">{over ? RUN.results.none : RUN.results.none_yet}</Text>
        )}
      </Stack>
    </Paper>
  );
}

const share = (part: number, whole: number): number => (whole === 0 ? 0 : (100 * part) / whole);

function Figures({ results: { done, failed, cost_micro, devices }, total }: { results: Results; total: number }) {
  const { currency } = useCurrency();
  return (
    <SimpleGrid cols={{ base: 1, xs: 3 }} spacing="sm">
      <Text fw={600}>{RUN.progress.sentence(done, failed, total)}</Text>
      <Text>
        {RUN.progress.cost}: <Money micro={cost_micro} currency={currency} />
      </Text>
      <Text>
        {RUN.progress.devices}: {devices}
      </Text>
    </SimpleGrid>
  );
}

/** What is final of the results, and what the verifier of one's own said so far. */
function HowSure({ checks: { results, own_verifier } }: { checks: AnswerOf<'/v1/jobs/{job_id}/verification', 'get'> }) {
  const { provisional, final, refuted, unchecked } = results;
  const said = own_verifier?.results;
  return (
    <Text size="sm" c="dimmed" aria-live="polite">
      {said
        ? RUN.progress.verifier(said.waiting, said.accepted, said.rejected + said.upheld + said.overruled)
        : unchecked > 0
          ? RUN.progress.unchecked
          : RUN.progress.sure(provisional, final, refuted)}{' '}
      {own_verifier?.reason?.sentence}
    </Text>
  );
}

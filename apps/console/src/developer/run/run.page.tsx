import { Button, Skeleton, Stack, Text } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { lazy, Suspense, useMemo } from 'react';
import { useMe } from '../../http/use-me.js';
import { RUN } from '../../text/run.en.js';
import { Page } from '../../ui-kit/page.js';
import { Problem } from '../../ui-kit/problem.js';
import css from '../columns.module.css';
import { MoneyNotice } from '../money-notice.js';
import { sdk } from '../sdk.js';
import { isUntouched, useDraft } from './draft.js';
import { EstimatePanel } from './estimate-panel.js';
import { ExampleChoice } from './example-choice.js';
import { readInputs } from './inputs.js';
import { InputsFields } from './inputs-fields.js';
import { RunningJob } from './running-job.js';
import { Snippets } from './snippets.js';
import { taskCode } from './task-code.js';
import { termsFaults, termsOf } from './terms.js';
import { TermsFields } from './terms-fields.js';
import { usePlan } from './use-plan.js';

const Editor = lazy(() => import('./editor.js'));

/** Code, inputs and terms on one side; price, progress and results on the other. What is written stays in this browser, what runs in the address. */
export function RunPage() {
  const { data: me } = useMe();
  return me ? <Runner key={me.id} person_id={me.id} /> : null;
}

function Runner({ person_id }: { person_id: string }) {
  const [draft, change] = useDraft(person_id);
  const { job: job_id } = useSearch({ from: '/developer/run' });
  const navigate = useNavigate({ from: '/developer/run' });
  const queries = useQueryClient();
  const code = useMemo(() => taskCode(draft.source), [draft.source]);
  const inputs = useMemo(() => readInputs(draft.inputs), [draft.inputs]);
  const faults = termsFaults(draft.terms);
  const ready = code.fault === null && inputs.fault === null && Object.keys(faults).length === 0;
  const plan = usePlan(ready ? { module: code.module, tasks: inputs.values.length, terms: draft.terms } : null);
  const name = isUntouched(draft) ? RUN.examples[draft.example].name : RUN.own_name;
  const toJob = (job?: string) => navigate({ search: job === undefined ? {} : { job } });
  const run = useMutation({
    mutationFn: async () => {
      if (code.module === null || inputs.values === null) return;
      // The address is the job's as soon as its money is held: whoever reloads then finds it.
      await sdk().submit({ module: code.module }, inputs.values, {
        ...termsOf(draft.terms),
        name,
        onPlaced: ({ id }) => void toJob(id),
      });
      await Promise.all(['/v1/balance', '/v1/funds', '/v1/jobs'].map((path) => queries.invalidateQueries({ queryKey: [path] })));
    },
  });
  return (
    <Page title={RUN.title} lead={RUN.lead}>
      <MoneyNotice />
      <div className={css.columns}>
        <Stack gap="md">
          <ExampleChoice draft={draft} onChange={change} />
          <Stack gap={4}>
            <Text fw={600}>{RUN.code}</Text>
            <Text c="dimmed" size="sm">
              {RUN.code_hint}
            </Text>
            <Suspense fallback={<Skeleton height="30rem" />}>
              <Editor label={RUN.code} value={draft.source} fault={code.fault} onChange={(source) => change({ source })} />
            </Suspense>
            {code.fault && (
              <Text c="var(--danger)" role="alert">
                {code.fault.sentence}
              </Text>
            )}
          </Stack>
          <InputsFields inputs={draft.inputs} read={inputs} onChange={(changed) => change({ inputs: changed })} />
          <TermsFields terms={draft.terms} faults={faults} onChange={(part) => change({ terms: { ...draft.terms, ...part } })} />
        </Stack>

        <Stack gap="md">
          <EstimatePanel plan={plan} possible={ready} />
          <Button size="lg" disabled={!ready} loading={run.isPending} onClick={() => run.mutate()}>
            {job_id ? RUN.again : RUN.run}
          </Button>
          {run.error && <Problem error={run.error} />}
          {job_id && <RunningJob key={job_id} job_id={job_id} onForget={() => void toJob()} />}
          {ready && <Snippets draft={draft} name={name} />}
        </Stack>
      </div>
    </Page>
  );
}

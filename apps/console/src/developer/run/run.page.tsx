import { Button, Skeleton, Stack, Text } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import { useMe } from '../../http/use-me.js';
import { RUN } from '../../text/run.en.js';
import { Page } from '../../ui-kit/page.js';
import { Problem } from '../../ui-kit/problem.js';
import css from '../columns.module.css';
import { MoneyNotice } from '../money-notice.js';
import { sdk } from '../sdk.js';
import { CheckingFields } from './checking-fields.js';
import { isExample, useDraft } from './draft.js';
import { EstimatePanel } from './estimate-panel.js';
import { ExampleChoice } from './example-choice.js';
import { InputsFields } from './inputs-fields.js';
import { useReady } from './ready.js';
import { RunningJob } from './running-job.js';
import { Snippets } from './snippets.js';
import { termsOf } from './terms.js';
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
  const { code, inputs, verifier_fault, faults, order } = useReady(draft);
  const verifier = { module: order?.verifier ?? null, budget: draft.verifier.budget };
  const plan = usePlan(order && { module: order.module, tasks: order.inputs.length, terms: draft.terms, verifier });
  const name = isExample(draft) ? RUN.examples[draft.example].name : RUN.own_name;
  const toJob = (job?: string) => navigate({ search: job === undefined ? {} : { job } });
  const run = useMutation({
    mutationFn: async () => {
      if (order === null) return;
      // The address is the job's as soon as its money is held: whoever reloads then finds it.
      await sdk().submit({ module: order.module }, order.inputs, {
        ...termsOf(draft.terms, verifier),
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
          <CheckingFields
            draft={draft}
            fault={verifier_fault}
            budget_fault={faults.verify_budget}
            onLevel={(verification) => change({ terms: { ...draft.terms, verification } })}
            onVerifier={(part) => change({ verifier: { ...draft.verifier, ...part } })}
          />
          <TermsFields terms={draft.terms} faults={faults} onChange={(part) => change({ terms: { ...draft.terms, ...part } })} />
        </Stack>

        <Stack gap="md">
          <EstimatePanel plan={plan} possible={order !== null} />
          <Button size="lg" disabled={order === null} loading={run.isPending} onClick={() => run.mutate()}>
            {job_id ? RUN.again : RUN.run}
          </Button>
          {run.error && <Problem error={run.error} />}
          {job_id && <RunningJob key={job_id} job_id={job_id} onForget={() => void toJob()} />}
          {order && <Snippets draft={draft} name={name} />}
        </Stack>
      </div>
    </Page>
  );
}

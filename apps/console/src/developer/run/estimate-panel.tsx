import { List, Paper, Stack, Text } from '@mantine/core';
import type { UseQueryResult } from '@tanstack/react-query';
import type { Plan } from '#sdk';
import { RUN } from '../../text/run.en.js';
import { duration, moneyParts, percent } from '../../ui/format.js';
import { Problem } from '../../ui-kit/problem.js';
import { Reason } from '../../ui-kit/reason.js';
import { useCurrency } from '../use-currency.js';

const TEXT = RUN.estimate;

/** What the job on the page would cost and when it would begin, before anything is spent. */
export function EstimatePanel({ plan, possible }: { plan: UseQueryResult<Plan> & { typing: boolean }; possible: boolean }) {
  return (
    <Paper withBorder p="md" aria-live="polite" aria-busy={plan.typing || plan.isFetching}>
      <Stack gap={6}>
        <Text fw={600}>{TEXT.title}</Text>
        {plan.error && possible ? (
          <Problem error={plan.error} retry={() => void plan.refetch()} />
        ) : !possible ? (
          <Text c="dimmed">{TEXT.stale}</Text>
        ) : plan.data ? (
          <Expected plan={plan.data} />
        ) : (
          <Text c="dimmed">{TEXT.asking}</Text>
        )}
      </Stack>
    </Paper>
  );
}

function Expected({ plan: { estimate, budget_micro, worst_case_micro, verifier_budget_micro } }: { plan: Plan }) {
  const { currency } = useCurrency();
  const money = (micro: bigint) => moneyParts(micro, currency).whole;
  const { cost_range, first_result_ms, work, slots_now, reason, levers, confidence } = estimate;
  const cap = worst_case_micro !== null && worst_case_micro < budget_micro ? worst_case_micro : budget_micro;
  return (
    <>
      <Text size="xl" fw={680}>
        {cost_range ? TEXT.span(money(cost_range.low_micro), money(cost_range.high_micro < cap ? cost_range.high_micro : cap)) : money(cap)}
      </Text>
      <Text>{TEXT.cap(money(budget_micro))}</Text>
      {verifier_budget_micro > 0n && <Text>{TEXT.verifier(money(verifier_budget_micro))}</Text>}
      {slots_now === 0 ? (
        <Stack gap={4}>
          <Text fw={600}>{TEXT.no_slots}</Text>
          <Reason reason={reason} />
          {levers.length > 0 && (
            <List size="sm">
              {levers.map(({ sentence }) => (
                <List.Item key={sentence}>{sentence}</List.Item>
              ))}
            </List>
          )}
        </Stack>
      ) : (
        <Text>{TEXT.begins(duration(first_result_ms.low), first_result_ms.high === null ? null : duration(first_result_ms.high))}</Text>
      )}
      <Text c="dimmed" size="sm">
        {work.source === 'measured' ? TEXT.measured(work.tasks_measured) : TEXT.limits} {TEXT.confidence(percent(confidence))}
      </Text>
    </>
  );
}

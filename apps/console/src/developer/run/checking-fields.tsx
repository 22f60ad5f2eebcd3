import { Select, Skeleton, Stack, Switch, Text, TextInput } from '@mantine/core';
import { lazy, Suspense } from 'react';
import { charge, FUEL_PER_PRICE_UNIT, TASK_BASE_FUEL } from '#units';
import { useHeap } from '../../http/use-heap.js';
import { RUN } from '../../text/run.en.js';
import { moneyParts, number, percent } from '../../ui/format.js';
import { useCurrency } from '../use-currency.js';
import { type Draft, isVerified, LEVELS, type TermsDraft, type VerifierDraft } from './draft.js';
import type { CodeFault } from './task-code.js';

const Editor = lazy(() => import('./editor.js'));
const TEXT = RUN.checking;
/** What the SDK allows a verifier where nothing else is said. */
const LOOK_FUEL = 1_000_000_000n;

interface Props {
  draft: Draft;
  fault: CodeFault | null;
  budget_fault: string | undefined;
  onLevel: (level: TermsDraft['verification']) => void;
  onVerifier: (change: Partial<VerifierDraft>) => void;
}

/** How results are checked, what that promises and costs; at L0 also a verifier of one's own. */
export function CheckingFields({ draft, fault, budget_fault, onLevel, onVerifier }: Props) {
  const { currency } = useCurrency();
  const { data } = useHeap('/v1/verification/levels', {});
  const level = draft.terms.verification;
  const found = data?.levels.find((one) => one.level === level);
  const look =
    data && moneyParts(charge(LOOK_FUEL + TASK_BASE_FUEL, BigInt(data.own_verifier.price_micro), FUEL_PER_PRICE_UNIT) + 1n, currency).whole;
  return (
    <Stack gap="sm">
      <Select
        label={TEXT.label}
        data={LEVELS.map((value) => ({ value, label: RUN.levels[value] }))}
        value={level}
        allowDeselect={false}
        onChange={(value) => value && onLevel(value as TermsDraft['verification'])}
      />
      {found && (
        <Text size="sm" c="dimmed" aria-live="polite">
          {found.sentence} {found.expected_error === null ? TEXT.no_error : TEXT.error(percent(found.expected_error))}{' '}
          {TEXT.factor(found.price_factor === 1 ? TEXT.once : TEXT.times(number(found.price_factor, 2)))}
        </Text>
      )}
      {level === 'L0' && (
        <Switch
          label={TEXT.wanted}
          description={TEXT.wanted_hint}
          checked={draft.verifier.wanted}
          onChange={({ currentTarget }) => onVerifier({ wanted: currentTarget.checked })}
        />
      )}
      {isVerified(draft) && (
        <>
          <Stack gap={4}>
            <Text fw={600}>{TEXT.code}</Text>
            <Text c="dimmed" size="sm">
              {TEXT.code_hint}
            </Text>
            <Suspense fallback={<Skeleton height="16rem" />}>
              <Editor label={TEXT.code} value={draft.verifier.source} fault={fault} onChange={(source) => onVerifier({ source })} />
            </Suspense>
            {fault && (
              <Text c="var(--danger)" role="alert">
                {fault.sentence}
              </Text>
            )}
          </Stack>
          <TextInput
            label={TEXT.budget}
            description={TEXT.budget_hint(look ?? null)}
            inputMode="decimal"
            value={draft.verifier.budget}
            error={budget_fault}
            maw={420}
            onChange={({ currentTarget }) => onVerifier({ budget: currentTarget.value })}
          />
        </>
      )}
    </Stack>
  );
}

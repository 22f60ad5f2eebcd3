import { Group, NumberInput, SegmentedControl, Stack, Text, Textarea } from '@mantine/core';
import { RUN } from '../../text/run.en.js';
import type { InputsDraft, ReadInputs } from './inputs.js';

const TEXT = RUN.inputs;
const RANGE: InputsDraft = { kind: 'range', from: 1, to: 20, step: 1 };

interface Props {
  inputs: InputsDraft;
  read: ReadInputs;
  onChange: (inputs: InputsDraft) => void;
}

/** The same inputs written the other way, where that can be. */
const otherwise = (inputs: InputsDraft, read: ReadInputs): InputsDraft =>
  inputs.kind === 'lines' ? RANGE : { kind: 'lines', text: (read.values ?? []).map((value) => JSON.stringify(value)).join('\n') };

export function InputsFields({ inputs, read, onChange }: Props) {
  const number = (key: 'from' | 'to' | 'step') => (value: number | string) => {
    if (inputs.kind === 'range') onChange({ ...inputs, [key]: value === '' ? Number.NaN : Number(value) });
  };
  return (
    <Stack gap="xs">
      <Group justify="space-between" gap="xs">
        <Text fw={600}>{TEXT.label}</Text>
        <SegmentedControl
          size="sm"
          aria-label={TEXT.kind}
          value={inputs.kind}
          data={[
            { value: 'range', label: TEXT.range },
            { value: 'lines', label: TEXT.lines },
          ]}
          onChange={(kind) => kind !== inputs.kind && onChange(otherwise(inputs, read))}
        />
      </Group>
      {inputs.kind === 'lines' ? (
        <Textarea
          label={TEXT.lines}
          description={TEXT.lines_hint}
          value={inputs.text}
          error={read.fault}
          autosize
          minRows={4}
          maxRows={12}
          spellCheck={false}
          styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
          onChange={({ currentTarget }) => onChange({ kind: 'lines', text: currentTarget.value })}
        />
      ) : (
        <>
          <Group gap="sm" grow wrap="nowrap" align="flex-start">
            {(['from', 'to', 'step'] as const).map((key) => (
              <NumberInput
                key={key}
                label={TEXT[key]}
                value={Number.isFinite(inputs[key]) ? inputs[key] : ''}
                onChange={number(key)}
                hideControls
                error={read.fault !== null}
              />
            ))}
          </Group>
          {read.fault !== null && (
            <Text c="var(--danger)" size="sm" role="alert">
              {read.fault}
            </Text>
          )}
        </>
      )}
      {read.values && (
        <Text c="dimmed" size="sm">
          {TEXT.count(read.values.length)}
        </Text>
      )}
    </Stack>
  );
}

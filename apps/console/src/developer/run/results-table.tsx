import { Badge, Button, Code, Drawer, Group, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { RUN } from '../../text/run.en.js';
import { number } from '../../ui/format.js';
import { type Column, DataTable } from '../../ui-kit/data-table.js';
import { Money } from '../../ui-kit/money.js';
import { Reason } from '../../ui-kit/reason.js';
import { useCurrency } from '../use-currency.js';
import { pictureOfResult } from './pictures.js';
import { reportedText, valueText } from './result-text.js';
import css from './results-table.module.css';
import type { Result } from './use-results.js';

const TEXT = RUN.results;

/** Results as they arrived, the newest first; one press shows the whole of one, with what it wrote. */
export function ResultsTable({ results, verified }: { results: readonly Result[]; verified: boolean }) {
  const { currency } = useCurrency();
  const [shown, setShown] = useState<Result | null>(null);
  const columns: Column<Result>[] = [
    {
      key: 'index',
      label: TEXT.columns.index,
      width: 6.5,
      cell: (result) => (
        <Button variant="subtle" size="compact-sm" onClick={() => setShown(result)} aria-label={TEXT.look(result.index)}>
          {result.index}
        </Button>
      ),
    },
    ...(verified
      ? [
          {
            key: 'verified',
            label: TEXT.columns.verified,
            width: 10,
            cell: ({ verified: said }: Result) => said && <Verdict said={said} />,
          },
        ]
      : []),
    { key: 'value', label: TEXT.columns.value, width: 14, cell: (result) => <Value result={result} /> },
    { key: 'cost', label: TEXT.columns.cost, numeric: true, cell: ({ cost }) => <Money micro={cost} currency={currency} /> },
    { key: 'fuel', label: TEXT.columns.fuel, numeric: true, cell: ({ fuel_used }) => number(fuel_used) },
    { key: 'node', label: TEXT.columns.node, cell: ({ node }) => <span title={node}>{node.slice(-8)}</span> },
  ];
  return (
    <>
      <DataTable label={TEXT.table} columns={columns} rows={[...results].reverse()} rowKey={({ seq }) => String(seq)} />
      <Drawer
        opened={shown !== null}
        onClose={() => setShown(null)}
        position="right"
        size="lg"
        title={shown && TEXT.one(shown.index)}
        closeButtonProps={{ 'aria-label': TEXT.close }}
      >
        {shown && <Whole result={shown} />}
      </Drawer>
    </>
  );
}

const VERDICT_COLOURS = {
  waiting: 'gray',
  accepted: 'heap',
  rejected: 'gray',
  upheld: 'red',
  overruled: 'blue',
  failed: 'gray',
  skipped: 'gray',
} as const;

const Verdict = ({ said }: { said: NonNullable<Result['verified']> }) => (
  <Badge color={VERDICT_COLOURS[said.state]} variant="light" tt="none" miw="max-content" title={said.sentence}>
    {TEXT.verified[said.state]}
  </Badge>
);

function Value({ result }: { result: Result }) {
  if (result.error !== null)
    return (
      <Group gap={6} wrap="nowrap">
        <Badge color="red" variant="light">
          {RUN.progress.legend.failed}
        </Badge>
        <span className={css.cut} title={result.error.message}>
          {result.error.message}
        </span>
      </Group>
    );
  return pictureOfResult(result) ? (
    <Text span c="dimmed" inherit>
      {TEXT.a_picture}
    </Text>
  ) : (
    <code className={css.cut}>{valueText(result).slice(0, 240)}</code>
  );
}

function Whole({ result }: { result: Result }) {
  const { currency } = useCurrency();
  return (
    <Stack gap="md">
      {result.error !== null ? (
        <Text c="var(--danger)">{result.error.message}</Text>
      ) : (
        <Code block>{valueText(result).slice(0, 20_000)}</Code>
      )}
      {result.verified && (
        <Stack gap={4} align="flex-start">
          <Verdict said={result.verified} />
          <Reason reason={result.verified} />
        </Stack>
      )}
      {result.right && (
        <Stack gap={4}>
          <Text fw={600}>{TEXT.reported}</Text>
          <Code block>{reportedText(result).slice(0, 20_000)}</Code>
        </Stack>
      )}
      {result.logs !== '' && (
        <Stack gap={4}>
          <Text fw={600}>{TEXT.logs}</Text>
          <Code block>{result.logs}</Code>
        </Stack>
      )}
      <Text size="sm" c="dimmed">
        <Money micro={result.cost} currency={currency} /> · {TEXT.fuel(number(result.fuel_used))} · {TEXT.device(result.node)} ·{' '}
        {result.standing}
      </Text>
    </Stack>
  );
}

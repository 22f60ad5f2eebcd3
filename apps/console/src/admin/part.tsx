import { Group, Stack, Table, Text, Title } from '@mantine/core';
import { type ReactNode, useId } from 'react';
import css from './admin.module.css';

/** A part of a page with a heading and what can be done there. */
export function Part({ head, deeds, children }: { head: string; deeds?: ReactNode; children: ReactNode }) {
  const id = useId();
  return (
    <section className={css.card} aria-labelledby={id}>
      <Stack gap="sm">
        <Group justify="space-between" gap="sm">
          <Title order={2} size="h4" id={id}>
            {head}
          </Title>
          {deeds && <Group gap="xs">{deeds}</Group>}
        </Group>
        {children}
      </Stack>
    </section>
  );
}

/** What is known of a thing, word by word. */
export const Facts = ({ facts }: { facts: readonly (readonly [name: string, value: ReactNode])[] }) => (
  <dl className={css.facts}>
    {facts.map(([name, value]) => (
      <div key={name}>
        <dt>{name}</dt>
        <dd>{value}</dd>
      </div>
    ))}
  </dl>
);

interface RowsProps {
  label: string;
  columns: readonly string[];
  /** Each with the key of its row. */
  rows: readonly (readonly [key: string, cells: readonly ReactNode[]])[];
  /** What is said when there are none. */
  empty: string;
}

/** A short list, whole. */
export function Rows({ label, columns, rows, empty }: RowsProps) {
  if (rows.length === 0) return <Text c="dimmed">{empty}</Text>;
  return (
    <section className={css.wide} aria-label={label} {...REACHABLE}>
      <Table verticalSpacing="xs" horizontalSpacing="sm">
        <Table.Thead>
          <Table.Tr>
            {columns.map((column) => (
              <Table.Th key={column} scope="col">
                {column}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map(([key, cells]) => (
            <Table.Tr key={key}>
              {cells.map((cell, i) => (
                <Table.Td key={columns[i]}>{cell}</Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </section>
  );
}

/** What scrolls must be reachable by keyboard. */
const REACHABLE = { tabIndex: 0 };

import { Button, Group, Stack, Table } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { SHELL } from '../text/shell.en.js';

export interface ChartTable {
  columns: readonly string[];
  rows: readonly (readonly string[])[];
}

interface Props {
  /** What is drawn, in a sentence: what a reader of the picture would take from it. */
  label: string;
  /** The same as figures, made when it is asked for. */
  table: () => ChartTable;
  height: number;
  children: ReactNode;
}

/** A drawing with its figures one press away. */
export function ChartFrame({ label, table, height, children }: Props) {
  const [figures, setFigures] = useState(false);
  return (
    <Stack gap={4}>
      <Group justify="flex-end">
        <Button variant="subtle" size="compact-sm" aria-pressed={figures} onClick={() => setFigures(!figures)}>
          {figures ? SHELL.as_chart : SHELL.as_table}
        </Button>
      </Group>
      {figures ? <Figures label={label} table={table()} height={height} /> : children}
    </Stack>
  );
}

const Figures = ({ label, table, height }: { label: string; table: ChartTable; height: number }) => (
  <Table.ScrollContainer minWidth={0} mah={height * 2} aria-label={label}>
    <Table striped stickyHeader>
      <Table.Caption>{label}</Table.Caption>
      <Table.Thead>
        <Table.Tr>
          {table.columns.map((column) => (
            <Table.Th key={column}>{column}</Table.Th>
          ))}
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {table.rows.map((row) => (
          <Table.Tr key={row.join('|')}>
            {row.map((cell, i) => (
              <Table.Td key={table.columns[i]}>{cell}</Table.Td>
            ))}
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  </Table.ScrollContainer>
);

import { SimpleGrid, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import css from './facts.module.css';

/** Figures with their names. A row without a value is left out. */
export function Facts({ rows }: { rows: readonly (readonly [label: string, value: ReactNode])[] }) {
  return (
    <SimpleGrid component="dl" cols={{ base: 2, md: 3, xl: 4 }} spacing="md" verticalSpacing="sm" m={0}>
      {rows
        .filter(([, value]) => value !== null && value !== undefined)
        .map(([label, value]) => (
          <div key={label}>
            <Text component="dt" size="sm" c="dimmed">
              {label}
            </Text>
            <dd className={css.value}>{value}</dd>
          </div>
        ))}
    </SimpleGrid>
  );
}

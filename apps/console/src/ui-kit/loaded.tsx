import { Skeleton, Stack } from '@mantine/core';
import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { SHELL } from '../text/shell.en.js';
import { Problem } from './problem.js';

const Waiting = () => (
  <Stack gap="sm" role="status" aria-label={SHELL.loading}>
    <Skeleton height={28} width="40%" />
    <Skeleton height={16} />
    <Skeleton height={16} width="80%" />
  </Stack>
);

/** An answer of the heap: what stands in for it while it is on its way, what is drawn of it, and what is said when it fails. What was known stays. */
export function Loaded<T>({ query: { data, error, refetch }, children }: { query: UseQueryResult<T>; children: (data: T) => ReactNode }) {
  return (
    <>
      {error && <Problem error={error} retry={() => void refetch()} />}
      {data !== undefined ? children(data) : !error && <Waiting />}
    </>
  );
}

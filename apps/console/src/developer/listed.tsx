import { Skeleton, Stack } from '@mantine/core';
import type { ReactNode } from 'react';
import { SHELL } from '../text/shell.en.js';
import { Problem } from '../ui-kit/problem.js';
import type { Pages } from './use-pages.js';

/** A list: what stands in for it while it is on its way, when it is empty, and when it failed. */
export function Listed<T>({ pages: { rows, query }, empty, children }: { pages: Pages<T>; empty: ReactNode; children: ReactNode }) {
  return (
    <>
      {query.error && <Problem error={query.error} retry={() => void query.refetch()} />}
      {rows.length > 0 ? (
        children
      ) : query.isSuccess ? (
        empty
      ) : query.isPending ? (
        <Stack gap="sm" role="status" aria-label={SHELL.loading}>
          <Skeleton height={44} />
          <Skeleton height={44} />
          <Skeleton height={44} />
        </Stack>
      ) : null}
    </>
  );
}

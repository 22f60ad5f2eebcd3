import { Button, Group, Stack, Text } from '@mantine/core';
import type { UseInfiniteQueryResult } from '@tanstack/react-query';
import { ADMIN } from '../text/admin.en.js';
import { type Column, DataTable, type Order } from '../ui-kit/data-table.js';
import { Empty } from '../ui-kit/empty.js';
import { Problem } from '../ui-kit/problem.js';

interface Answer {
  total: { count: number; at_least: boolean };
}

interface Props<T, A extends Answer> {
  label: string;
  /** Of one and of many. */
  noun: readonly [string, string];
  query: UseInfiniteQueryResult<{ pages: A[] }>;
  rowsOf: (page: A) => readonly T[];
  rowKey: (row: T) => string;
  columns: readonly Column<T>[];
  order?: Order;
  onSort?: (order: Order) => void;
  /** Takes all filters away; absent where there are none. */
  onReset?: (() => void) | undefined;
}

/** A list of the heap that is read as far as somebody scrolls, with how many there are altogether. */
export function List<T, A extends Answer>({ label, noun, query, rowsOf, rowKey, columns, order, onSort, onReset }: Props<T, A>) {
  const { data, error, refetch, hasNextPage, isFetchingNextPage, fetchNextPage } = query;
  const rows = data?.pages.flatMap((page) => [...rowsOf(page)]) ?? [];
  const total = data?.pages[0]?.total;
  const more = hasNextPage && !isFetchingNextPage ? () => void fetchNextPage() : undefined;
  return (
    <Stack gap="sm">
      <Group justify="space-between" mih={36}>
        <Text role="status">{total && ADMIN.list.total(total.count, total.at_least, noun)}</Text>
        {onReset && (
          <Button variant="subtle" size="sm" onClick={onReset}>
            {ADMIN.list.reset}
          </Button>
        )}
      </Group>
      {error && <Problem error={error} retry={() => void refetch()} />}
      {total?.count === 0 ? (
        <Empty {...ADMIN.list.nothing} />
      ) : (
        <DataTable
          label={label}
          columns={columns}
          rows={rows}
          rowKey={rowKey}
          more={more}
          {...(total && { total: total.count })}
          {...(order && { order })}
          {...(onSort && { onSort })}
        />
      )}
    </Stack>
  );
}

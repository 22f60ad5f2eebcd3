import { Anchor } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';

/** A link to a page that the heap named, with its filters. */
export function HeapLink({ page, children }: { page: string; children: ReactNode }) {
  const { pathname, searchParams } = new URL(page, location.origin);
  return (
    <Anchor component={Link} to={pathname as '/admin'} search={Object.fromEntries(searchParams) as never}>
      {children}
    </Anchor>
  );
}

export const PersonLink = ({ id, name }: { id: string; name: string }) => <HeapLink page={`/admin/people/${id}`}>{name}</HeapLink>;

import { useNavigate, useRouterState } from '@tanstack/react-router';
import { type Filters, searchOf, withFilters } from './search.js';

/** What the address filters by, and a way to change it. */
export function useFilters(): [Filters, (change: Readonly<Record<string, string | null>>) => void] {
  const { location } = useRouterState();
  const navigate = useNavigate();
  const filters = searchOf(location.search as Record<string, unknown>);
  return [filters, (change) => void navigate({ to: '.', search: withFilters(filters, change) as never, replace: true })];
}

import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, type UseQueryResult, useQuery } from '@tanstack/react-query';
import type { Plan } from '#sdk';
import { sdk } from '../sdk.js';
import type { TermsDraft } from './draft.js';
import { termsOf, type VerifierSource } from './terms.js';

const TYPING_MS = 400;

interface Asked {
  module: string;
  tasks: number;
  terms: TermsDraft;
  verifier: { module: VerifierSource; budget: string };
}

/** Price, cap and expectation of the job that stands on the page, asked of the market once nobody types; null while it cannot be asked. */
export function usePlan(asked: Asked | null): UseQueryResult<Plan> & { typing: boolean } {
  const now = JSON.stringify(asked);
  const [settled] = useDebouncedValue(now, TYPING_MS);
  const query = useQuery({
    queryKey: ['plan', settled],
    queryFn: ({ signal }) => {
      const { module, tasks, terms, verifier } = JSON.parse(settled) as Asked;
      return sdk().plan(termsOf(terms, verifier), { tasks, work: { module }, signal });
    },
    enabled: settled !== 'null',
    placeholderData: keepPreviousData,
    staleTime: 15_000,
  });
  return { ...query, typing: now !== settled };
}

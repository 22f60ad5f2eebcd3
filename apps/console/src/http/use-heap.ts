import { type UseMutationResult, type UseQueryResult, useMutation, useQuery } from '@tanstack/react-query';
import type { MaybeOptionalInit } from 'openapi-fetch';
import { useTopics } from '../live/use-topics.js';
import { useStepUp } from '../step-up/step-up.js';
import type { paths } from './generated/heap-api.js';
import { heap } from './heap.js';

type Verb = 'get' | 'post' | 'put' | 'delete';
export type PathWith<V extends Verb> = { [P in keyof paths]: paths[P][V] extends object ? P : never }[keyof paths];
/** What a request needs besides its path: parameters and body. */
export type Init<P extends keyof paths, V extends Verb & keyof paths[P]> = MaybeOptionalInit<paths[P], V>;

type Success<O> = O extends { responses: infer R }
  ? { [S in keyof R]: S extends number ? (R[S] extends { content: { 'application/json': infer B } } ? B : undefined) : never }[keyof R]
  : never;
/** The body of a successful answer. */
export type AnswerOf<P extends keyof paths, V extends Verb & keyof paths[P]> = Success<paths[P][V]>;

interface Options {
  /** Live topics whose news makes the answer stale. */
  topics?: readonly string[];
  /** False: do not ask yet. */
  enabled?: boolean;
}

type Anyhow = (path: string, init: unknown) => Promise<{ data?: unknown }>;
const verbs: Record<Verb, Anyhow> = {
  get: heap.GET as unknown as Anyhow,
  post: heap.POST as unknown as Anyhow,
  put: heap.PUT as unknown as Anyhow,
  delete: heap.DELETE as unknown as Anyhow,
};

/** Asks once, for loaders and for what is no component. @throws HeapError */
export const ask = async <P extends PathWith<'get'>>(path: P, init: Init<P, 'get'>): Promise<AnswerOf<P, 'get'>> =>
  (await verbs.get(path, init)).data as AnswerOf<P, 'get'>;

export const keyOf = (path: string, init: unknown): readonly unknown[] => [path, init];

/** What the heap answers to a GET, kept up to date by the live topics. Its error is a HeapError. */
export function useHeap<P extends PathWith<'get'>>(
  path: P,
  init: Init<P, 'get'>,
  { topics = [], enabled = true }: Options = {},
): UseQueryResult<AnswerOf<P, 'get'>> {
  useTopics(enabled ? topics : [], keyOf(path, init));
  return useQuery({ queryKey: keyOf(path, init), queryFn: () => ask(path, init), enabled, placeholderData: (before) => before });
}

/** A deed: `mutate(init)`; a fresh proof that the heap asks for is asked in a dialog; afterwards what was asked below `stale` is asked anew. */
export function useHeapDeed<V extends Exclude<Verb, 'get'>, P extends PathWith<V>>(
  verb: V,
  path: P,
  { stale = [] }: { stale?: readonly (keyof paths)[] } = {},
): UseMutationResult<AnswerOf<P, V>, Error, Init<P, V>> {
  const stepUp = useStepUp();
  return useMutation({
    mutationFn: async (init: Init<P, V>) => (await stepUp(() => verbs[verb](path, init))).data as AnswerOf<P, V>,
    onSuccess: (_data, _init, _before, { client }) => Promise.all(stale.map((key) => client.invalidateQueries({ queryKey: [key] }))),
  });
}

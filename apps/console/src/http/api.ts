import type { ResponseOf, ROUTES } from '#protocol';
import { HeapError } from '#units';
import { TEXT } from '../text/en.js';

/** One request to the heap that served the page, with its cookie. @throws HeapError with the heap's own sentence, or `heap_unreachable`. */
export async function call<T>(method: 'GET' | 'POST' | 'PUT', path: string, body?: unknown): Promise<T> {
  const response = await fetch(path, {
    method,
    ...(body !== undefined && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  }).catch(() => {
    throw new HeapError('heap_unreachable', TEXT.problem.unreachable, 'platform');
  });
  const answer: unknown = await response.json().catch(() => null);
  if (response.ok) return answer as T;
  const { code, detail } = (answer ?? {}) as { code?: unknown; detail?: unknown };
  throw new HeapError(
    typeof code === 'string' ? code : 'unavailable',
    typeof detail === 'string' ? detail : TEXT.problem.unreachable,
    response.status < 500 ? 'user' : 'platform',
  );
}

export interface Person {
  name: string;
  email: string;
}

/** Who is signed in here; null when nobody is. */
export const session = async (): Promise<Person | null> =>
  (await call<{ user: Person } | null>('GET', '/api/auth/get-session'))?.user ?? null;

export const signUp = (name: string, email: string, password: string): Promise<unknown> =>
  call('POST', '/api/auth/sign-up/email', { name, email, password });

export const signIn = (email: string, password: string): Promise<unknown> => call('POST', '/api/auth/sign-in/email', { email, password });

/** @param others whether everywhere else is signed out */
export const changePassword = (currentPassword: string, newPassword: string, others: boolean): Promise<unknown> =>
  call('POST', '/api/auth/change-password', { currentPassword, newPassword, revokeOtherSessions: others });

/** For what the account is: devices that earn, work that runs, or both. */
export const setRoles = (roles: readonly ('owner' | 'developer')[]): Promise<unknown> => call('PUT', '/v1/me', { roles });

export const signOut = (): Promise<unknown> => call('POST', '/api/auth/sign-out', {});

export type Invitation = ResponseOf<typeof ROUTES.createEnrolmentCode>;
export const invitation = (): Promise<Invitation> => call('POST', '/v1/enrolment-codes', {});

export type OwnedNode = ResponseOf<typeof ROUTES.listNodes>['nodes'][number];
export const ownedNodes = async (): Promise<OwnedNode[]> => (await call<ResponseOf<typeof ROUTES.listNodes>>('GET', '/v1/nodes')).nodes;

export type Rules = ResponseOf<typeof ROUTES.getRules>;
export const ownerRules = (): Promise<Rules> => call('GET', '/v1/rules');
/** Replaces the rules whole, as the heap takes them; what the heap works out itself is no part of them. */
export function saveOwnerRules({ electricity: _, ...rules }: Rules): Promise<Rules> {
  return call('PUT', '/v1/rules', rules);
}

export type HeapGlance = ResponseOf<typeof ROUTES.heap>;
export const heapGlance = (): Promise<HeapGlance> => call('GET', '/v1/heap');

/** What to tell of an error; anything that is none of the heap's is a defect of the page. */
export const sentenceOf = (error: unknown): string => (error instanceof HeapError ? error.message : TEXT.problem.unexpected);

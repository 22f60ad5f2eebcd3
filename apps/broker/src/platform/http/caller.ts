import { HeapError } from '#units';

export type PersonRole = 'owner' | 'developer' | 'admin';

export interface PersonCaller {
  readonly kind: 'person';
  readonly person_id: string;
  readonly roles: readonly PersonRole[];
  readonly via: 'session' | 'api-key';
  /** Of the session or the API key, as `via` says. */
  readonly credential_id: string;
  /** When the person last proved who they are, by password or passkey; of a session only. */
  readonly signed_in_at?: Date;
}
export interface NodeCaller {
  readonly kind: 'node';
  readonly node_id: string;
}
/** Who makes a request, once the guard has checked the credentials. */
export type Caller = PersonCaller | NodeCaller;

/** The caller of a person's endpoint as such; a node or nobody is a defect of the route's `access`. */
export function personOf(caller: Caller): PersonCaller {
  if (caller.kind === 'person') return caller;
  throw new HeapError('forbidden', 'This belongs to people; the credentials are those of a node.', 'owner');
}

/** The same of a node's endpoint. */
export function nodeOf(caller: Caller): NodeCaller {
  if (caller.kind === 'node') return caller;
  throw new HeapError('forbidden', 'This belongs to devices; the credentials are those of a person.', 'user');
}

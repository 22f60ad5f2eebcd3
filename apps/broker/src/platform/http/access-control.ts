import { Inject, Injectable, Optional } from '@nestjs/common';
import type { Access, Route } from '#protocol';
import { HeapError } from '#units';
import { CONFIG, type Config } from '../config/config.js';
import type { Caller } from './caller.js';
import {
  bearerOf,
  NODE_AUTHENTICATOR,
  NODE_TOKEN_PREFIX,
  type NodeAuthenticator,
  PERSON_AUTHENTICATOR,
  type PersonAuthenticator,
} from './credentials.js';
import { idempotencyKey } from './idempotency.js';
import type { HeapRequest } from './request.js';
import { assertSameOrigin } from './same-origin.js';

/**
 * Decides on a request by its headers alone, before its body is read: nobody without valid credentials can make the
 * broker take in 64 MiB.
 */
@Injectable()
export class AccessControl {
  constructor(
    @Inject(CONFIG) private readonly config: Pick<Config, 'public_url'>,
    @Optional() @Inject(PERSON_AUTHENTICATOR) private readonly people?: PersonAuthenticator,
    @Optional() @Inject(NODE_AUTHENTICATOR) private readonly nodes?: NodeAuthenticator,
  ) {}

  /** Whose valid credentials the request carries, if it carries any. @throws HeapError `forbidden` to another site's page. */
  async identify({ method, headers }: HeapRequest): Promise<Caller | undefined> {
    const { authorization, cookie } = headers;
    if (authorization !== undefined) {
      const bearer = bearerOf(authorization);
      if (bearer === undefined) return undefined;
      return bearer.startsWith(NODE_TOKEN_PREFIX) ? this.nodes?.authenticate(bearer) : this.people?.authenticate({ bearer });
    }
    if (cookie === undefined) return undefined;
    const person = await this.people?.authenticate({ cookie });
    // Only a cookie is sent without the client's doing, so only it can be abused by another site.
    if (person) assertSameOrigin({ method, headers }, this.config.public_url);
    return person;
  }

  /** @throws HeapError `unauthenticated`, `forbidden`, or about a missing idempotency key. */
  authorize(route: Route, { caller, headers }: HeapRequest): void {
    if (route.access === 'public') return;
    if (!caller) throw new HeapError('unauthenticated', headers.authorization === undefined ? NO_CREDENTIALS : UNKNOWN_KEY, 'user');
    if (!admits(route.access, caller)) throw new HeapError('forbidden', REFUSALS[route.access], 'user');
    if (route.idempotent) idempotencyKey(headers['idempotency-key']);
  }
}

const NO_CREDENTIALS = 'Send an API key as "Authorization: Bearer oh_…", or sign in.';
const UNKNOWN_KEY =
  'This heap does not know the API key, or it was deleted or has expired: make one at /developer/keys, and `heap login` keeps it.';

const REFUSALS: Readonly<Record<Exclude<Access, 'public'>, string>> = {
  person: 'This is for people; the credentials are those of a node.',
  owner: 'This is for owners; your account does not have that role.',
  developer: 'This is for developers; your account does not have that role.',
  admin: 'This is for the admins of the heap; your account does not have that role.',
  node: 'This is for nodes; the credentials are those of a person.',
  'person-or-node': 'These credentials may not do this.',
};

export function admits(access: Exclude<Access, 'public'>, caller: Caller): boolean {
  if (access === 'person-or-node') return true;
  if (access === 'node') return caller.kind === 'node';
  if (caller.kind === 'node') return false;
  return access === 'person' || caller.roles.includes(access);
}

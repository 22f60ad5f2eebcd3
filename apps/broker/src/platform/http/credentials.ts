import type { NodeCaller, PersonCaller } from './caller.js';

/** What a person shows: an API key or session token as a bearer, or the cookie of a browser's session. */
export interface PersonCredentials {
  readonly bearer?: string;
  readonly cookie?: string;
}

/** Resolves a person's credentials; bound by accounts/. `undefined` when they are not valid (any more). */
export interface PersonAuthenticator {
  authenticate(credentials: PersonCredentials): Promise<PersonCaller | undefined>;
}
export const PERSON_AUTHENTICATOR = Symbol('PERSON_AUTHENTICATOR');

/** Resolves a node's session token (`ohn_…`); bound by nodes/. `undefined` when it is not valid (any more). */
export interface NodeAuthenticator {
  authenticate(token: string): Promise<NodeCaller | undefined>;
}
export const NODE_AUTHENTICATOR = Symbol('NODE_AUTHENTICATOR');

export const NODE_TOKEN_PREFIX = 'ohn_';

/** The token of an Authorization header of the Bearer scheme (RFC 6750), if it is one. */
export function bearerOf(authorization: string | undefined): string | undefined {
  return authorization === undefined ? undefined : /^Bearer +([A-Za-z0-9._~+/%-]{1,512}=*) *$/i.exec(authorization)?.[1];
}

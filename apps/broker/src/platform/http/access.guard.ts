import { type CanActivate, type ExecutionContext, Inject, Injectable, Optional } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { Access } from '#protocol';
import { HeapError } from '#units';
import type { Caller } from './caller.js';
import {
  bearerOf,
  NODE_AUTHENTICATOR,
  NODE_TOKEN_PREFIX,
  type NodeAuthenticator,
  PERSON_AUTHENTICATOR,
  type PersonAuthenticator,
} from './credentials.js';
import { endpointOf } from './endpoint.js';
import { RateLimiter } from './rate-limiter.js';
import type { HeapRequest } from './request.js';
import { assertSameOrigin } from './same-origin.js';

/** Lets a request through when its credentials are valid and its route's `access` admits them. */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(
    private readonly limits: RateLimiter,
    @Optional() @Inject(PERSON_AUTHENTICATOR) private readonly people?: PersonAuthenticator,
    @Optional() @Inject(NODE_AUTHENTICATOR) private readonly nodes?: NodeAuthenticator,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    // A gateway authenticates its socket itself, by challenge and signature.
    if (context.getType() !== 'http') return true;
    const route = endpointOf(context.getHandler());
    // Closed by default: a handler that no entry of ROUTES describes is reachable by nobody.
    if (!route) throw new HeapError('not_found', 'There is nothing here.', 'user');
    const request = context.switchToHttp().getRequest<HeapRequest>();
    const reply = context.switchToHttp().getResponse<FastifyReply>();
    if (route.access === 'public') {
      this.limits.count(`address ${request.ip}`, reply);
      return true;
    }
    const caller = await this.identify(request);
    if (!caller) {
      this.limits.count(`address ${request.ip}`, reply);
      throw new HeapError('unauthenticated', 'Send an API key as "Authorization: Bearer oh_…", or sign in.', 'user');
    }
    this.limits.count(caller.kind === 'person' ? `person ${caller.person_id}` : `node ${caller.node_id}`, reply);
    if (!admits(route.access, caller)) throw new HeapError('forbidden', REFUSALS[route.access], 'user');
    request.caller = caller;
    return true;
  }

  private async identify(request: HeapRequest): Promise<Caller | undefined> {
    const { authorization, cookie } = request.headers;
    if (authorization !== undefined) {
      const bearer = bearerOf(authorization);
      if (bearer === undefined) return undefined;
      return bearer.startsWith(NODE_TOKEN_PREFIX) ? this.nodes?.authenticate(bearer) : this.people?.authenticate({ bearer });
    }
    if (cookie === undefined) return undefined;
    const person = await this.people?.authenticate({ cookie });
    // Only a cookie is sent without the client's doing, so only it can be abused by another site.
    if (person) assertSameOrigin(request);
    return person;
  }
}

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

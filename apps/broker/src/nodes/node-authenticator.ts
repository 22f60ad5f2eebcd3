import { Injectable } from '@nestjs/common';
import { HeapKey } from '../platform/heap-key.js';
import type { NodeCaller } from '../platform/http/caller.js';
import type { NodeAuthenticator } from '../platform/http/credentials.js';
import { SessionsStore } from './sessions.store.js';

/** A node's token is good while the session it was given to is the node's present one. */
@Injectable()
export class SessionTokenAuthenticator implements NodeAuthenticator {
  constructor(
    private readonly key: HeapKey,
    private readonly store: SessionsStore,
  ) {}

  async authenticate(token: string): Promise<NodeCaller | undefined> {
    const claim = this.key.readNodeToken(token);
    if (!claim || !(await this.store.isCurrent(claim.node_id, claim.session_epoch))) return undefined;
    return { kind: 'node', node_id: claim.node_id };
  }
}

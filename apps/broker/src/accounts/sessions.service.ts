import { Injectable } from '@nestjs/common';
import { EventBus } from '../platform/bus/event-bus.js';
import type { PersonCaller } from '../platform/http/caller.js';
import { sessionNotFound } from './accounts.errors.js';
import { AccessChanged } from './accounts.events.js';
import { AccountsStore, type SessionRow } from './accounts.store.js';

export type { SessionRow } from './accounts.store.js';

/** Where people are signed in, and how they end that. */
@Injectable()
export class SessionsService {
  constructor(
    private readonly store: AccountsStore,
    private readonly bus: EventBus,
  ) {}

  list(person_id: string): Promise<SessionRow[]> {
    return this.store.sessionsOf(person_id);
  }

  /** @throws HeapError `not_found` for one that is over or somebody else's. */
  async end(person_id: string, session_id: string): Promise<void> {
    if ((await this.store.endSessions(person_id, { only: session_id })) === 0) throw sessionNotFound();
    this.bus.publish(AccessChanged, { person_id });
  }

  /** An API key is no session: with one, others are all. @returns how many ended. */
  async endMany({ person_id, via, credential_id }: PersonCaller, which: 'others' | 'all'): Promise<number> {
    const ended = await this.store.endSessions(person_id, { but: which === 'others' && via === 'session' ? credential_id : null });
    if (ended > 0) this.bus.publish(AccessChanged, { person_id });
    return ended;
  }
}

import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { LIVE_CLOSE } from '#protocol';
import { AccessChanged } from '../accounts/accounts.events.js';
import { PeopleQuery } from '../accounts/accounts.query.js';
import { EventBus } from '../platform/bus/event-bus.js';
import { Repetition } from '../platform/repetition.js';
import type { Listener, SignedIn } from './listener.js';
import { LiveService } from './live.service.js';

/** An event tells of what ended; one can be lost, and sockets close within 5 s all the same. */
const LOOK_MS = 3_000;

/** Closes the sockets of sign-ins that are over and of people whose roles changed. One statement looks for all sockets of the process. */
@Injectable()
export class LiveRights implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly log = new Logger(LiveRights.name);
  private readonly looks = new Repetition(
    LOOK_MS,
    () => this.check(this.live.crowd.signedIn()),
    (error) => this.log.warn({ err: error }, 'rights of live sockets could not be looked up; trying again'),
  );

  constructor(
    private readonly live: LiveService,
    private readonly people: PeopleQuery,
    bus: EventBus,
  ) {
    bus.subscribe(AccessChanged, ({ person_id }) => this.check(live.crowd.of(person_id)));
  }

  onApplicationBootstrap(): void {
    this.looks.start();
  }

  onModuleDestroy(): void {
    this.looks.stop();
  }

  private async check(listeners: readonly Listener[]): Promise<void> {
    if (listeners.length === 0) return;
    const rights = await this.people.rightsOf([...new Set(listeners.map(({ person }) => (person as SignedIn).credential_id))]);
    for (const listener of listeners) {
      const { credential_id, roles } = listener.person as SignedIn;
      const now = rights.get(credential_id);
      if (!now) listener.close(LIVE_CLOSE.over, 'This sign-in is over: sign in again.');
      else if (now.length !== roles.length || now.some((role) => !roles.includes(role)))
        listener.close(LIVE_CLOSE.over, 'Your roles changed: get another ticket.');
    }
  }
}

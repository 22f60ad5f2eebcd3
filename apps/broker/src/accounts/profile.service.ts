import { Injectable } from '@nestjs/common';
import type { BodyOf, ROUTES } from '#protocol';
import { EventBus } from '../platform/bus/event-bus.js';
import { AccessChanged } from './accounts.events.js';
import { AccountsStore } from './accounts.store.js';

/** What people say of themselves. */
@Injectable()
export class ProfileService {
  constructor(
    private readonly store: AccountsStore,
    private readonly bus: EventBus,
  ) {}

  /** Which of the two roles that anybody may have; that of an admin is neither given nor taken here. */
  async update(person_id: string, { name, roles }: BodyOf<typeof ROUTES.updateMe>): Promise<void> {
    await this.store.updatePerson(person_id, { name, roles: roles && [...new Set(roles)] });
    if (roles) this.bus.publish(AccessChanged, { person_id });
  }
}

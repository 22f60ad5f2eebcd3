import { Injectable, type OnModuleInit } from '@nestjs/common';
import { EventBus } from '../platform/bus/event-bus.js';
import type { Transaction } from '../platform/database/transactions.js';
import { adminNoMore, alreadyThat, notOneself, personUnknown } from './accounts.errors.js';
import { AccessChanged } from './accounts.events.js';
import type { PersonRow } from './accounts.store.js';
import { KnownKeys } from './known-keys.js';
import { PeopleStore } from './people.store.js';

/**
 * What admins do to accounts, inside the transaction that also does what follows from it; `announce` comes after the commit. Nobody does it to
 * themselves, which is why the last admin stays one.
 */
@Injectable()
export class PeopleCommands implements OnModuleInit {
  constructor(
    private readonly store: PeopleStore,
    private readonly known: KnownKeys,
    private readonly bus: EventBus,
  ) {}

  onModuleInit(): void {
    this.bus.subscribe(AccessChanged, ({ person_id }) => this.known.forgetPerson(person_id));
  }

  /** Shuts somebody out: their sessions end, every credential is refused with the reason. @throws HeapError `person.not_found`, `person.conflict`, `oneself.forbidden`. */
  async suspend(tx: Transaction, admin_id: string, person_id: string, reason: string): Promise<void> {
    await this.begin(tx, admin_id, person_id);
    if (!(await this.store.suspend(tx, person_id, admin_id, reason))) throw alreadyThat('suspended');
    await this.store.endSessions(tx, person_id);
  }

  async reinstate(tx: Transaction, admin_id: string, person_id: string): Promise<void> {
    await this.begin(tx, admin_id, person_id);
    if (!(await this.store.reinstate(tx, person_id))) throw alreadyThat('not suspended');
  }

  /** @returns the roles before. */
  async setRoles(tx: Transaction, admin_id: string, person_id: string, roles: PersonRow['roles']): Promise<PersonRow['roles']> {
    await this.begin(tx, admin_id, person_id);
    const before = await this.store.setRoles(tx, person_id, roles);
    if (before === null) throw alreadyThat(`in the roles ${roles.join(', ')}`);
    return before;
  }

  /** @returns how many there were. */
  async endSessions(tx: Transaction, person_id: string): Promise<number> {
    if (!(await this.store.exists(tx, person_id))) throw personUnknown();
    return this.store.endSessions(tx, person_id);
  }

  /** Tells everybody who keeps something open for this person. */
  async announce(person_id: string): Promise<void> {
    await this.known.forgetPerson(person_id);
    this.bus.publish(AccessChanged, { person_id });
  }

  private async begin(tx: Transaction, admin_id: string, person_id: string): Promise<void> {
    if (admin_id === person_id) throw notOneself();
    if (!(await this.store.begin(tx, admin_id))) throw adminNoMore();
    if (!(await this.store.exists(tx, person_id))) throw personUnknown();
  }
}

import { Injectable } from '@nestjs/common';
import { AccountsStore, type PersonRow } from './accounts.store.js';

export type Person = Readonly<PersonRow>;

/** What later stations may know of people. */
@Injectable()
export class PeopleQuery {
  constructor(private readonly store: AccountsStore) {}

  byId(id: string): Promise<Person | null> {
    return this.store.personById(id);
  }

  /** Addresses are compared without regard to case. */
  byEmail(email: string): Promise<Person | null> {
    return this.store.personByEmail(email);
  }
}

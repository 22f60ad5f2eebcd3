import { Injectable } from '@nestjs/common';
import type { Transaction } from '../platform/database/transactions.js';
import { AccountsStore, type PersonRow } from './accounts.store.js';

export type Person = Readonly<PersonRow>;

/** What later stations may know of people. */
@Injectable()
export class PeopleQuery {
  constructor(private readonly store: AccountsStore) {}

  /** Seconds since the password or the address changed; null for never. */
  credentialsAge(id: string, tx?: Transaction): Promise<number | null> {
    return this.store.credentialsAge(id, tx);
  }

  /** Of these sessions and API keys, by id: the roles of whose they are; of one that is over there is nothing. */
  rightsOf(credential_ids: readonly string[]): Promise<Map<string, Person['roles']>> {
    return this.store.rightsOf(credential_ids);
  }

  byId(id: string): Promise<Person | null> {
    return this.store.personById(id);
  }

  /** Addresses are compared without regard to case. */
  byEmail(email: string): Promise<Person | null> {
    return this.store.personByEmail(email);
  }
}

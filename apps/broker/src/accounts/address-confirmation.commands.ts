import { Injectable } from '@nestjs/common';
import { AccountsStore } from './accounts.store.js';

/** Writes down that an address is its person's. */
@Injectable()
export class AddressConfirmation {
  constructor(private readonly store: AccountsStore) {}

  /** @returns false where the person has another address by now. */
  confirm(person_id: string, email: string): Promise<boolean> {
    return this.store.confirmAddress(person_id, email);
  }
}

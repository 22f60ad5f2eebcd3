import { Injectable } from '@nestjs/common';
import type { Micro } from '#units';
import { DepositsStore } from './deposits.store.js';

@Injectable()
export class RefundableQuery {
  constructor(private readonly deposits: DepositsStore) {}

  /** What of a person's deposits was neither refunded nor disputed: with what is unspent, the bound of what can go back (I27). */
  ofPerson(person_id: string): Promise<Micro> {
    return this.deposits.left(person_id);
  }
}

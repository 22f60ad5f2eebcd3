import { Injectable } from '@nestjs/common';
import { LinksStore } from './links.store.js';

/** Who belongs together for money (I9): people who pay with the same card or are paid to the same bank account. */
@Injectable()
export class LinksQuery {
  constructor(private readonly store: LinksStore) {}

  /** The person and everybody linked to them. */
  clusterOf(person_id: string): Promise<string[]> {
    return this.store.cluster(person_id);
  }
}

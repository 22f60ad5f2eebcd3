import { Injectable } from '@nestjs/common';
import { type LeaseGrant, LeasesStore, type OpenLease } from './leases.store.js';

export type { LeaseGrant } from './leases.store.js';

@Injectable()
export class LeasesQuery {
  constructor(private readonly store: LeasesStore) {}

  /** The leases of a node that are not over, or one of them. */
  grantsOf(node_id: string, lease_id?: string): Promise<LeaseGrant[]> {
    return this.store.grantsOf(node_id, lease_id);
  }

  /** Which leases are not over, of all these nodes. */
  openOf(node_ids: readonly string[]): Promise<OpenLease[]> {
    return this.store.openOf({ node_ids });
  }
}

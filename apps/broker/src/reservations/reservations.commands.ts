import { Injectable } from '@nestjs/common';
import { Transactions } from '../platform/database/transactions.js';
import { BillingService } from './billing.service.js';
import { BillingStore } from './billing.store.js';
import { KeptLeasesStore } from './kept-leases.store.js';
import { auditRefused } from './reservations.errors.js';

/** What an audit of a storage lease found since the one before: bytes that were there, times the hours they were. */
export interface AuditedBytes {
  lease_id: string;
  byte_hours: bigint;
}

/** What later stations tell about what is kept. */
@Injectable()
export class ReservationsCommands {
  constructor(
    private readonly transactions: Transactions,
    private readonly leases: KeptLeasesStore,
    private readonly store: BillingStore,
    private readonly billing: BillingService,
  ) {}

  /**
   * Counts audited bytes and charges them; storage is charged for nothing else. All of the reports count or none.
   * @throws HeapError `audit_refused` for a lease that is over or keeps no bytes, and for more than it can have kept.
   */
  async audited(reports: readonly AuditedBytes[]): Promise<void> {
    const ids = reports.map((report) => report.lease_id);
    await this.transactions.run(async (tx) => {
      await this.leases.lockOpen(tx, ids);
      const refused = await this.store.addAudited(tx, reports);
      if (refused.length > 0 || new Set(ids).size !== ids.length) throw auditRefused(refused.length > 0 ? refused : ids);
      await this.billing.charge(tx, ids);
    });
  }
}

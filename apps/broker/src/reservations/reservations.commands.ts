import { Injectable } from '@nestjs/common';
import { type BodyOf, HTTP_LIMITS, ROUTES } from '#protocol';
import { type Transaction, Transactions } from '../platform/database/transactions.js';
import { BillingService } from './billing.service.js';
import { BillingStore } from './billing.store.js';
import { type Extension, ExtensionService } from './extension.service.js';
import { KeptLeasesService } from './kept-leases.service.js';
import { KeptLeasesStore } from './kept-leases.store.js';
import type { Ending } from './kept-terms.js';
import { auditRefused } from './reservations.errors.js';
import { ReservationsService } from './reservations.service.js';

/** What an audit of a storage lease found since the one before: bytes that were there, times the hours they were. */
export interface AuditedBytes {
  lease_id: string;
  byte_hours: bigint;
}

/** What a reservation needs to say; all else is as the protocol defaults it. */
export type ReserveTerms = Pick<
  BodyOf<typeof ROUTES.reserve>,
  'name' | 'market' | 'quantity' | 'max_per_node' | 'max_price_micro' | 'budget_micro' | 'hours'
> & {
  /** How long its leases wait for a device that is away. */
  disconnect_wait_ms: number;
  /** It lasts so much longer than its hours, and what that costs is held with it. */
  further_hours: number;
};

/** What later stations tell about what is kept. */
@Injectable()
export class ReservationsCommands {
  constructor(
    private readonly transactions: Transactions,
    private readonly leases: KeptLeasesStore,
    private readonly store: BillingStore,
    private readonly billing: BillingService,
    private readonly reservations: ReservationsService,
    private readonly kept: KeptLeasesService,
    private readonly extensions: ExtensionService,
  ) {}

  /** Ends leases before their term: what was kept is paid, and the market finds others in their place. */
  release(endings: readonly Ending[]): Promise<void> {
    return this.kept.end(endings);
  }

  /** Reserves units of many owners' nodes for a person, and holds the budget. The same key returns the same one. @throws as `ReservationsService.place` */
  async reserve(
    person_id: string,
    key: string,
    { disconnect_wait_ms, further_hours, budget_micro, hours, ...terms }: ReserveTerms,
  ): Promise<string> {
    const wire = {
      ...terms,
      hours: hours === null ? null : Math.min(HTTP_LIMITS.reserved_hours, hours + further_hours),
      max_price_micro: String(terms.max_price_micro),
      budget_micro: budget_micro === null ? null : String(budget_micro),
    };
    const whole = ROUTES.reserve.body.parse({ ...wire, spread: 'owner' });
    return (await this.reservations.place(person_id, key, { ...whole, disconnect_wait_ms })).id;
  }

  /** Lets one last longer. @returns whether anything changed. @throws as `ExtensionService.extend` */
  extend(person_id: string, reservation_id: string, extension: Extension): Promise<boolean> {
    return this.extensions.extend(person_id, reservation_id, extension);
  }

  /** Gives a reservation up: what was kept stays paid. One that is over stays as it is. */
  async cancel(person_id: string, reservation_id: string): Promise<void> {
    await this.reservations.cancel(person_id, reservation_id);
  }

  /**
   * Counts audited bytes and charges them; storage is charged for nothing else. All of the reports count or none.
   * @throws HeapError `audit_refused` for a lease that is over or keeps no bytes, and for more than it can have kept.
   */
  async audited(reports: readonly AuditedBytes[]): Promise<void> {
    const ids = reports.map((report) => report.lease_id);
    await this.transactions.run(async (tx) => {
      const refused = await this.auditedIn(tx, reports);
      if (refused.length > 0 || new Set(ids).size !== ids.length) throw auditRefused(refused.length > 0 ? refused : ids);
    });
  }

  /** The same in a transaction of the caller's, for each lease once. @returns the leases of which nothing was counted: over, or more than they can have kept. */
  async auditedIn(tx: Transaction, reports: readonly AuditedBytes[]): Promise<string[]> {
    const ids = reports.map((report) => report.lease_id);
    await this.leases.lockOpen(tx, ids);
    const refused = new Set(await this.store.addAudited(tx, reports));
    await this.billing.charge(
      tx,
      ids.filter((id) => !refused.has(id)),
    );
    return [...refused];
  }
}

import { Injectable } from '@nestjs/common';
import { auditedCost, isStorage, keptCost, type Micro } from '#units';
import { MoneyService } from '../money/money.service.js';
import type { Transaction } from '../platform/database/transactions.js';
import { BillingStore, type BillRow } from './billing.store.js';

/**
 * What a lease owes in all, so that however many captures it has, nothing drifts: a standing slot for the time in which its device was heard
 * of, storage for what audits found. Never more than the terms that were bought.
 */
export function owed(
  lease: Pick<BillRow, 'market' | 'quantity' | 'kept_us' | 'audited_byte_hours' | 'price_micro' | 'limit_micro'>,
): Micro {
  const { market, quantity, kept_us, price_micro, limit_micro } = lease;
  const due = isStorage(market) ? auditedCost(lease.audited_byte_hours, price_micro) : keptCost(market, quantity, kept_us, price_micro);
  return due < limit_micro ? due : limit_micro;
}

/** Charges leases of standing slots and storage. */
@Injectable()
export class BillingService {
  constructor(
    private readonly store: BillingStore,
    private readonly money: MoneyService,
  ) {}

  /**
   * Captures what these leases owe since they were charged last; the caller has locked them. What was kept is paid whatever a day's cap is by
   * now: a cap ends leases before it runs out (`uncovered`).
   */
  async charge(tx: Transaction, lease_ids: readonly string[]): Promise<void> {
    if (lease_ids.length === 0) return;
    const rows = await this.store.read(tx, lease_ids);
    const bills = rows.map((row) => ({ row, gross: owed(row) - row.charged_micro }));
    await this.store.count(
      tx,
      bills.map(({ row, gross }) => ({ lease_id: row.id, kept_us: row.kept_us, gross })),
    );
    await this.money.capture(
      tx,
      bills.map(({ row, gross }) => ({
        hold_id: row.hold_id,
        job_id: row.reservation_id,
        lease_id: row.id,
        developer_id: row.person_id,
        owner_id: row.owner_id,
        gross,
        charged_before: row.charged_micro,
        tasks: 0,
        fuel: 0n,
        income: isStorage(row.market) ? 'storage' : 'compute',
      })),
    );
  }

  due(seconds: number, limit: number): Promise<string[]> {
    return this.store.due(seconds, limit);
  }

  /** Leases that their developer's day does not pay for to its end: they must end now, while all they kept is paid. */
  uncovered(): Promise<string[]> {
    return this.store.uncovered();
  }
}

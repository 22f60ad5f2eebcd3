import { checkPaid, type JournalDraft } from '#ledger';
import { charge, FUEL_PER_PRICE_UNIT, fee, type Micro, TASK_BASE_FUEL } from '#units';

/** A check that a node ran for the heap and that came to what is right. */
export interface PaidCheck {
  check_id: string;
  owner_id: string;
  fuel_used: bigint;
  /** Of the lease that it ran on. */
  price_micro: Micro;
}

/** What the owner gets for it: what a developer's task would have brought, the fee taken off. Work below a micro-unit moves nothing. */
export function payFor(checks: readonly PaidCheck[], fee_bps: bigint): JournalDraft[] {
  return checks.flatMap(({ check_id, owner_id, fuel_used, price_micro }) => {
    const gross = charge(fuel_used + TASK_BASE_FUEL, price_micro, FUEL_PER_PRICE_UNIT);
    const amount = gross - fee(gross, fee_bps);
    return amount > 0n ? [checkPaid({ check_id, owner: owner_id, amount })] : [];
  });
}

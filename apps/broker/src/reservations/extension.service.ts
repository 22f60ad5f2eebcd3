import { Injectable } from '@nestjs/common';
import { AMOUNT_LIMIT, type Micro } from '#units';
import { MoneyService } from '../money/money.service.js';
import { OrdersQuery } from '../orders/orders.query.js';
import { EventBus } from '../platform/bus/event-bus.js';
import { Transactions } from '../platform/database/transactions.js';
import { ExtensionStore } from './extension.store.js';
import { amountTooLarge, capExceeded, notExtensible } from './reservations.errors.js';
import { ReservationChanged } from './reservations.events.js';
import { fullCost } from './reservations.service.js';

const HOUR_MS = 3_600_000;

/** What a reservation is to last to, and what it may cost in all; null leaves that to the other. */
export interface Extension {
  until: Date | null;
  budget_micro: Micro | null;
}

/** Lets reservations last longer. */
@Injectable()
export class ExtensionService {
  constructor(
    private readonly store: ExtensionStore,
    private readonly orders: OrdersQuery,
    private readonly money: MoneyService,
    private readonly transactions: Transactions,
    private readonly bus: EventBus,
  ) {}

  /**
   * A later end, more budget, or both, and holds what that takes: without a budget, what the added time costs at the maximum price. What is there
   * already is not added again, so that a request may be repeated.
   * @returns whether anything changed. @throws HeapError `not_extensible.conflict`, `insufficient_funds`, `job_cap_exceeded`
   */
  async extend(person_id: string, id: string, { until, budget_micro }: Extension): Promise<boolean> {
    const row = await this.store.find(id, person_id);
    if (!row || (until !== null && row.ends_at === null)) throw notExtensible();
    const added_ms = until === null || row.ends_at === null ? 0 : Math.max(0, until.getTime() - row.ends_at.getTime());
    const hours = Math.ceil(added_ms / HOUR_MS);
    const whole = budget_micro ?? row.budget_micro + (hours > 0 ? fullCost(row.market, row.quantity, hours, row.max_price_micro) : 0n);
    const amount = whole > row.budget_micro ? whole - row.budget_micro : 0n;
    if (hours === 0 && amount === 0n) return false;
    if (whole >= AMOUNT_LIMIT) throw amountTooLarge();
    const cap = await this.orders.jobCapOf(person_id);
    if (cap !== null && whole - row.charged_micro > cap) throw capExceeded(cap);
    await this.transactions.run(async (tx) => {
      if (!(await this.store.extend(tx, row, { ends_at: added_ms > 0 ? until : null, hours, amount }))) throw notExtensible();
      if (amount > 0n) await this.money.raiseHold(tx, { job_id: id, developer: person_id, amount });
    });
    this.bus.publish(ReservationChanged, { market: row.market });
    return true;
  }
}

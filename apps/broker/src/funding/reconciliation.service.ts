import { Inject, Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { bankSweep, reversal, unexplained } from '#ledger';
import type { Micro } from '#units';
import { BalancesQuery } from '../money/balances.query.js';
import { MoneyService } from '../money/money.service.js';
import { EventBus } from '../platform/bus/event-bus.js';
import { CONFIG, type Config } from '../platform/config/config.js';
import { type Transaction, Transactions } from '../platform/database/transactions.js';
import { Effects } from '../platform/inbox/effects.js';
import { Inbox } from '../platform/inbox/inbox.service.js';
import { MONEY_PROVIDER, type MoneyProvider, type ProviderSweep } from '../platform/provider/money-provider.js';
import { DebtsService } from './debts.service.js';
import { DepositsStore } from './deposits.store.js';
import { DisputesService } from './disputes.service.js';
import { PayerBlocked } from './funding.events.js';
import { ReconciliationStore } from './reconciliation.store.js';

const BATCH = 200;
/** How long a movement may be unexplained before it stands in suspense: its webhook may be on the way. */
const GRACE_S = 15 * 60;

export interface Reconciliation {
  /** Movements that went to suspense, and that left it. */
  suspended: number;
  explained: number;
  /** The provider's balance less ours; null while calls or events are under way. */
  difference_micro: Micro | null;
}

/** Holds our accounts against the provider's list of movements and its balance (I15, I16). */
@Injectable()
export class ReconciliationService implements OnModuleInit {
  private readonly log = new Logger(ReconciliationService.name);

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(MONEY_PROVIDER) private readonly provider: MoneyProvider,
    private readonly transactions: Transactions,
    private readonly store: ReconciliationStore,
    private readonly deposits: DepositsStore,
    private readonly debts: DebtsService,
    private readonly disputes: DisputesService,
    private readonly balances: BalancesQuery,
    private readonly money: MoneyService,
    private readonly effects: Effects,
    private readonly inbox: Inbox,
    private readonly bus: EventBus,
  ) {}

  onModuleInit(): void {
    this.inbox.handle<ProviderSweep>('sweep', {
      read: (id) => this.provider.readSweep(id),
      isOurs: () => true,
      apply: (tx, sweep) => this.swept(tx, sweep),
    });
  }

  /** Looks again at payments that may have moved unheard, and tells again who is blocked: for the sweep. */
  async tend(): Promise<void> {
    for (const { payment_ref } of await this.deposits.toLookAt(BATCH))
      await this.inbox.refresh('payment', payment_ref).catch((error: Error) => this.log.warn({ err: error, payment_ref }, 'not looked at'));
    await this.disputes.stopLate();
    await this.debts.collect();
    for (const person_id of await this.store.blocked()) this.bus.publish(PayerBlocked, { person_id });
  }

  async reconcile(grace_s: number = GRACE_S): Promise<Reconciliation> {
    const explained = await this.transactions.run(async (tx) => {
      const mended = await this.store.explain(tx);
      const drafts = mended.map(({ id, net }) => unexplained({ transaction_id: id, amount: net }));
      await this.money.record(
        tx,
        drafts.map((draft) => reversal({ ...draft, id: draft.key })),
      );
      return mended.length;
    });
    const suspended = await this.transactions.run(async (tx) => {
      const open = await this.store.suspend(tx, grace_s, BATCH);
      await this.money.record(
        tx,
        open.map(({ id, net }) => unexplained({ transaction_id: id, amount: net })),
      );
      return open;
    });
    for (const { id, type, net } of suspended)
      this.log.error({ transaction: id, type, net_micro: String(net) }, `a movement at the provider is unexplained: ${type} ${id}`);
    for (const { id, net, effect_net } of await this.store.differing())
      this.log.fatal(
        { transaction: id, net_micro: String(net), ours_micro: String(effect_net) },
        `the provider says ${net} for ${id}, we ${effect_net}`,
      );
    return { suspended: suspended.length, explained, difference_micro: await this.difference() };
  }

  private async difference(): Promise<Micro | null> {
    if (!(await this.store.isQuiet())) return null;
    const theirs = await this.provider.balance();
    const ours = (await this.balances.ofAccount(1000, null)) + (await this.balances.ofAccount(1010, null));
    // Somebody may have begun something meanwhile.
    if (!(await this.store.isQuiet())) return null;
    await this.store.keepReading(this.config.currency, theirs, ours);
    if (theirs !== ours)
      this.log.fatal({ theirs_micro: String(theirs), ours_micro: String(ours) }, `the provider's balance differs by ${theirs - ours}`);
    return theirs - ours;
  }

  /** The operator paid cleared money out to the own bank, at the provider. */
  private async swept(tx: Transaction, sweep: ProviderSweep): Promise<void> {
    const draft = bankSweep({ transfer_id: sweep.ref, amount: sweep.amount });
    if (sweep.movement && (await this.effects.firstTime(tx, sweep.ref, 'swept', sweep.movement))) await this.money.record(tx, [draft]);
    if (sweep.failure_movement && (await this.effects.firstTime(tx, sweep.ref, 'failed', sweep.failure_movement)))
      await this.money.record(tx, [reversal({ ...draft, id: draft.key })]);
  }
}

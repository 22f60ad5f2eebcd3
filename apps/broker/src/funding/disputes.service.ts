import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { disputeFee, disputeLost, disputeOpened, disputeWon, refund } from '#ledger';
import { BalancesQuery } from '../money/balances.query.js';
import { MoneyService } from '../money/money.service.js';
import { EventBus } from '../platform/bus/event-bus.js';
import { type Transaction, Transactions } from '../platform/database/transactions.js';
import { newId } from '../platform/ids.js';
import { Effects } from '../platform/inbox/effects.js';
import { Inbox, NotYet } from '../platform/inbox/inbox.service.js';
import { MONEY_PROVIDER, type MoneyProvider, type ProviderDispute } from '../platform/provider/money-provider.js';
import { DEBT, DebtsService } from './debts.service.js';
import { DepositsStore } from './deposits.store.js';
import { DisputesStore } from './disputes.store.js';
import { PayerBlocked } from './funding.events.js';
import { LinksQuery } from './links.query.js';

const causeOf = (dispute_ref: string): string => `payment dispute ${dispute_ref} is open`;

/**
 * A payer's bank takes a deposit back. What is unspent is frozen and nothing new runs; what was earned by owners linked to the payer
 * is not released; honest owners are paid, and the payer owes what is missing (money.md, failure table).
 */
@Injectable()
export class DisputesService implements OnModuleInit {
  constructor(
    @Inject(MONEY_PROVIDER) private readonly provider: MoneyProvider,
    private readonly transactions: Transactions,
    private readonly store: DisputesStore,
    private readonly deposits: DepositsStore,
    private readonly links: LinksQuery,
    private readonly balances: BalancesQuery,
    private readonly money: MoneyService,
    private readonly debts: DebtsService,
    private readonly effects: Effects,
    private readonly inbox: Inbox,
    private readonly bus: EventBus,
  ) {}

  onModuleInit(): void {
    this.inbox.handle<ProviderDispute>('dispute', {
      read: (id) => this.provider.readDispute(id),
      isOurs: () => true,
      apply: (tx, dispute) => this.apply(tx, dispute),
      // A hint; the sweep tells it again until nothing of the payer runs any more.
      after: async ({ ref }) => {
        const person_id = await this.store.payerOf(ref);
        if (person_id !== null) this.bus.publish(PayerBlocked, { person_id });
      },
    });
  }

  private async apply(tx: Transaction, dispute: ProviderDispute): Promise<void> {
    if (dispute.state === 'inquiry' || !dispute.withdrawn) return;
    if (await this.effects.firstTime(tx, dispute.ref, 'opened', dispute.withdrawn)) await this.opened(tx, dispute);
    if (dispute.state === 'won' && dispute.reinstated && (await this.effects.firstTime(tx, dispute.ref, 'won', dispute.reinstated)))
      await this.won(tx, dispute);
    if (dispute.state === 'lost' && (await this.effects.firstTime(tx, dispute.ref, 'lost'))) await this.lost(tx, dispute);
  }

  private async opened(tx: Transaction, { ref, charge_ref, amount, withdrawn }: ProviderDispute): Promise<void> {
    const deposit = await this.deposits.lockByCharge(tx, charge_ref);
    if (!deposit) throw new NotYet(`the charge ${charge_ref} of dispute ${ref} is not known`);
    const developer = deposit.person_id;
    const available = await this.balances.ofAccount(2000, developer, tx);
    const step = { dispute_id: newId(), developer, amount, unspent: available < amount ? available : amount };
    const fee = withdrawn?.fee ?? 0n;
    await this.store.insert(tx, { id: step.dispute_id, dispute_ref: ref, deposit_id: deposit.id, person_id: developer, ...step, fee });
    await this.deposits.addDisputed(tx, deposit.id, amount);
    await this.money.record(tx, [disputeOpened(step), ...(fee > 0n ? [disputeFee({ dispute_id: step.dispute_id, amount: fee })] : [])]);
    await this.store.block(tx, developer, causeOf(ref));
    await this.store.stopReleases(tx, step.dispute_id, developer, await this.links.clusterOf(developer, tx));
  }

  /** Work that was under way when the dispute came, and people whose link showed later: stopped as well, while it is open. */
  async stopLate(): Promise<void> {
    for (const { id, person_id } of await this.store.open())
      await this.transactions.run(async (tx) => {
        await this.store.stopReleases(tx, id, person_id, await this.links.clusterOf(person_id, tx));
      });
  }

  private async won(tx: Transaction, dispute: ProviderDispute): Promise<void> {
    const row = await this.store.lock(tx, dispute.ref);
    if (!row || !(await this.store.close(tx, row.id, 'WON'))) return;
    await this.money.record(tx, [disputeWon({ dispute_id: row.id, developer: row.person_id, amount: row.amount, unspent: row.unspent })]);
    await this.deposits.addDisputed(tx, row.deposit_id, -row.amount);
    await this.store.resumeReleases(tx, row.id);
    await this.store.liftBlock(tx, row.person_id, causeOf(dispute.ref));
  }

  private async lost(tx: Transaction, dispute: ProviderDispute): Promise<void> {
    const row = await this.store.lock(tx, dispute.ref);
    if (!row || !(await this.store.close(tx, row.id, 'LOST'))) return;
    const developer = row.person_id;
    await this.money.record(tx, [disputeLost({ dispute_id: row.id, developer, amount: row.amount, unspent: row.unspent })]);
    if (row.amount > row.unspent) await this.store.block(tx, developer, DEBT);
    await this.store.liftBlock(tx, developer, causeOf(dispute.ref));
    // What the payer's own cluster would have earned goes back and pays the debt, as does what stopped jobs gave back meanwhile.
    const stopped = await this.store.refundStopped(tx, row.id);
    await this.money.record(
      tx,
      stopped.map(({ id, owner_id, partner_id, net, fee, partner }) =>
        refund({ capture_id: id, developer, owner: owner_id, parts: { net, fee, partner }, ...(partner_id && { partner: partner_id }) }),
      ),
    );
    await this.debts.payFrom(tx, developer, await this.balances.ofAccount(2000, developer, tx), `dispute:${row.id}`);
  }
}

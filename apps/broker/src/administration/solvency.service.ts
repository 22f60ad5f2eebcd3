import { Inject, Injectable, Logger } from '@nestjs/common';
import { type Account, type AccountClass, type AccountCode, accountOf, INVARIANTS, type InvariantId, naturalBalance } from '#ledger';
import type { ResponseOf, ROUTES } from '#protocol';
import type { Micro } from '#units';
import { AdminLogQuery } from '../accounts/admin-log.query.js';
import { CONFIG, type Config } from '../platform/config/config.js';
import { MONEY_PROVIDER, type MoneyProvider } from '../platform/provider/money-provider.js';
import { type SolvencyReads, SolvencyStore } from './solvency.store.js';

type SolvencyView = ResponseOf<typeof ROUTES.solvency>;

/** Whether the heap has what it owes, and what a person must look at. */
@Injectable()
export class SolvencyService {
  private readonly logger = new Logger(SolvencyService.name);

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(MONEY_PROVIDER) private readonly provider: MoneyProvider,
    private readonly store: SolvencyStore,
    private readonly log: AdminLogQuery,
  ) {}

  async view(): Promise<SolvencyView> {
    const reads = await this.store.read(this.config.currency);
    const natural = (of: AccountClass) => sumsOf(reads, of);
    const total = (of: AccountClass) => natural(of).reduce((sum, { amount }) => sum + amount, 0n);
    const listed = (of: AccountClass) => natural(of).map(({ account, name, amount }) => ({ account, name, amount_micro: String(amount) }));
    const at_provider = natural('asset').filter(({ account }) => account === 1000 || account === 1010);
    return {
      currency: this.config.currency,
      simulated: this.config.simulated_payments,
      assets: listed('asset'),
      liabilities: listed('liability'),
      equity: listed('equity'),
      income: listed('income'),
      expenses: listed('expense'),
      surplus_micro: String(total('asset') - total('liability')),
      provider_balance_micro: await this.providerBalance(),
      ledger_balance_micro: String(at_provider.reduce((sum, { amount }) => sum + amount, 0n)),
      invariants: (Object.keys(INVARIANTS) as InvariantId[]).flatMap((id) => {
        const check = reads.invariants.find(({ invariant }) => invariant === id);
        if (!check) return [];
        const { invariant, holds, detail, checked_at } = check;
        return [{ invariant, name: INVARIANTS[id].name, holds, detail, checked_at: checked_at.toISOString() }];
      }),
      suspense: reads.suspense.map(({ id, type, net, suspended_at, age_hours }) => ({
        transaction_id: id,
        type,
        net_micro: String(net),
        since: suspended_at.toISOString(),
        age_hours,
      })),
      disputes: reads.disputes.map(({ id, person_id, amount, unspent, opened_at }) => ({
        dispute_id: id,
        person_id,
        amount_micro: String(amount),
        unspent_micro: String(unspent),
        opened_at: opened_at.toISOString(),
      })),
      outbox: { open: reads.outbox.open, oldest_at: reads.outbox.oldest_at?.toISOString() ?? null },
      inbox: { open: reads.inbox.open, oldest_at: reads.inbox.oldest_at?.toISOString() ?? null },
      alarms: reads.alarms.map(({ name, count, detail, last_at }) => ({
        name,
        count: Number(count),
        detail,
        last_at: last_at.toISOString(),
      })),
      admin_log_intact: await this.log.isIntact(),
    };
  }

  private async providerBalance(): Promise<string | null> {
    try {
      return String(await this.provider.balance());
    } catch (error) {
      this.logger.warn({ err: error }, 'the provider does not say its balance');
      return null;
    }
  }
}

function sumsOf({ balances }: SolvencyReads, of: AccountClass): (Pick<Account, 'name'> & { account: number; amount: Micro })[] {
  return balances.flatMap(({ code, balance }) => {
    const account = accountOf(code);
    return account?.class === of ? [{ account: code, name: account.name, amount: naturalBalance(code as AccountCode, balance) }] : [];
  });
}

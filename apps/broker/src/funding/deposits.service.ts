import { Inject, Injectable } from '@nestjs/common';
import type { ResponseOf, ROUTES } from '#protocol';
import type { Micro } from '#units';
import { CONFIG, type Config } from '../platform/config/config.js';
import { Transactions } from '../platform/database/transactions.js';
import { newId } from '../platform/ids.js';
import { Outbox } from '../platform/outbox/outbox.service.js';
import { MONEY_PROVIDER, type MoneyProvider } from '../platform/provider/money-provider.js';
import { type DepositRow, DepositsStore } from './deposits.store.js';
import { depositNotFound, depositOutOfRange, keyUsed, notWhole } from './funding.errors.js';
import { depositReason } from './funding-reasons.js';
import { ASK_PAYMENT } from './payments.service.js';

/** A million major units: beyond it a typing error is likelier than a wish. */
const DEPOSIT_MAX_MICRO: Micro = 1_000_000_000_000n;

export type DepositView = ResponseOf<typeof ROUTES.deposit>;

/** Money in, as developers ask for it. With simulated payments a deposit is there at once and is not real. */
@Injectable()
export class DepositsService {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(MONEY_PROVIDER) private readonly provider: MoneyProvider,
    private readonly transactions: Transactions,
    private readonly store: DepositsStore,
    private readonly outbox: Outbox,
  ) {}

  /**
   * The same key with the same amount returns the same deposit. It answers with where to pay, or with a deposit that is still being
   * asked for while the provider cannot be reached.
   * @throws HeapError `amount_out_of_range`, `amount_not_whole`, `idempotency_mismatch`.
   */
  async deposit(person_id: string, idempotency_key: string, amount: Micro): Promise<DepositView> {
    if (amount <= 0n || amount > DEPOSIT_MAX_MICRO) throw depositOutOfRange(DEPOSIT_MAX_MICRO, this.config.currency);
    const whole = this.provider.wholeMinor(amount);
    if (whole !== amount) throw notWhole(whole, this.config.currency);
    const id = await this.transactions.run(async (tx) => {
      const fresh = { id: newId(), person_id, amount, provider: this.provider.name, purpose: 'request' as const, idempotency_key };
      if (await this.store.insert(tx, { ...fresh, request_hash: String(amount) })) {
        await this.outbox.enqueue(tx, ASK_PAYMENT, fresh.id);
        return fresh.id;
      }
      const known = await this.store.findByKey(tx, person_id, idempotency_key);
      if (known?.request_hash !== String(amount)) throw keyUsed();
      return known.id;
    });
    await this.outbox.sendNow(ASK_PAYMENT, id);
    return this.get(person_id, id);
  }

  /** @throws HeapError `not_found`. */
  async get(person_id: string, deposit_id: string): Promise<DepositView> {
    const row = await this.store.findOwn(deposit_id, person_id);
    if (!row) throw depositNotFound();
    return viewOf(row);
  }

  async list(person_id: string, page: { before?: string | undefined; limit: number }): Promise<DepositView[]> {
    return (await this.store.page(person_id, page)).map(viewOf);
  }
}

const viewOf = (row: DepositRow): DepositView => ({
  deposit_id: row.id,
  state: row.state,
  reason: depositReason(row.state, { code: row.reason_code, sentence: row.reason }),
  amount_micro: String(row.amount),
  refunded_micro: String(row.refunded),
  disputed_micro: String(row.disputed),
  provider: row.provider,
  simulated: row.provider === 'simulated',
  purpose: row.purpose,
  url: row.url,
  created_at: row.created_at.toISOString(),
});

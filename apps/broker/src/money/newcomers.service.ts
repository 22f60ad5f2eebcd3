import { Inject, Injectable } from '@nestjs/common';
import { type Holdback, holdbackOf, reserveReleased } from '#ledger';
import { CONFIG, type Config } from '../platform/config/config.js';
import { type Transaction, Transactions } from '../platform/database/transactions.js';
import { newId } from '../platform/ids.js';
import { BalancesQuery } from './balances.query.js';
import { LedgerStore } from './ledger.store.js';
import { NewcomersStore } from './newcomers.store.js';

const REMEMBERED_MAX = 50_000;
const RESERVES_AT_ONCE = 500;

/** Who is new as payer or owner, and what follows: longer holdbacks, and a reserve. */
@Injectable()
export class NewcomersService {
  /** Nobody becomes new again: who is known need not be looked up. */
  private readonly known = { payer: new Set<string>(), owner: new Set<string>() };

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly transactions: Transactions,
    private readonly store: NewcomersStore,
    private readonly balances: BalancesQuery,
    private readonly ledger: LedgerStore,
  ) {}

  /** How long each of these captures is held, decided by who pays and who earns now. */
  async holdbacks(tx: Transaction, captures: readonly { developer_id: string; owner_id: string }[]): Promise<Holdback[]> {
    const rules = { verification_s: this.config.holdback_seconds, newcomer_s: this.config.holdback_new_seconds };
    const payers = await this.newOf(tx, 'payer', [...new Set(captures.map((c) => c.developer_id))]);
    const owners = await this.newOf(tx, 'owner', [...new Set(captures.map((c) => c.owner_id))]);
    return captures.map((c) => holdbackOf({ payer_new: payers.has(c.developer_id), owner_new: owners.has(c.owner_id) }, rules));
  }

  /** The same of what the heap itself pays. */
  async ownersHoldbacks(tx: Transaction, owner_ids: readonly string[]): Promise<Holdback[]> {
    const rules = { verification_s: this.config.holdback_seconds, newcomer_s: this.config.holdback_new_seconds };
    const owners = await this.newOf(tx, 'owner', [...new Set(owner_ids)]);
    return owner_ids.map((id) => holdbackOf({ payer_new: false, owner_new: owners.has(id) }, rules));
  }

  /** Gives reserves back whose days are over. @returns how many. */
  async releaseReserves(): Promise<number> {
    const days = this.config.reserve_days;
    const due = await this.store.reservesDue(this.config.currency, days, RESERVES_AT_ONCE);
    let released = 0;
    for (const owner of due)
      released += await this.transactions.run(async (tx) => {
        if (!(await this.store.takeReserve(tx, owner, days))) return 0;
        const amount = await this.balances.ofAccount(2120, owner, tx);
        if (amount <= 0n) return 0;
        await this.ledger.post(tx, this.config.currency, [reserveReleased({ reserve_id: newId(), owner, amount })]);
        return 1;
      });
    return released;
  }

  private async newOf(tx: Transaction, role: 'payer' | 'owner', people: readonly string[]): Promise<ReadonlySet<string>> {
    const known = this.known[role];
    const asked = people.filter((id) => !known.has(id));
    if (asked.length === 0) return new Set();
    const fresh = new Set(
      role === 'payer'
        ? await this.store.newPayers(tx, asked, this.config.new_payer_days)
        : await this.store.newOwners(tx, asked, this.config.new_owner_days),
    );
    if (known.size + asked.length > REMEMBERED_MAX) known.clear();
    for (const id of asked) if (!fresh.has(id)) known.add(id);
    return fresh;
  }
}

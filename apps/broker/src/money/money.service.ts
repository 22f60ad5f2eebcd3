import { Inject, Injectable } from '@nestjs/common';
import {
  capture,
  type Holdback,
  hold,
  type JournalDraft,
  naturalBalance,
  promoLeft,
  raiseHold,
  release,
  returnUnused,
  voidHold,
} from '#ledger';
import { fee, HeapError, type Micro } from '#units';
import { CONFIG, type Config } from '../platform/config/config.js';
import type { Transaction } from '../platform/database/transactions.js';
import { newId } from '../platform/ids.js';
import { HeldStore } from './held.store.js';
import { LedgerStore } from './ledger.store.js';
import { insufficientFunds, payerBlocked } from './money.errors.js';
import { NewcomersService } from './newcomers.service.js';
import { OwnerDebts } from './owner-debts.service.js';
import { PromoStore } from './promo.store.js';

/** A batch of accepted results of one lease. */
export interface CaptureRequest {
  hold_id: string;
  job_id: string;
  lease_id: string;
  developer_id: string;
  owner_id: string;
  gross: Micro;
  /** What earlier captures of the lease charged. */
  charged_before: Micro;
  tasks: number;
  fuel: bigint;
  /** What its fee becomes when the holdback is over. Default `compute`. */
  income?: 'compute' | 'storage';
  /** The last of its node's results in it, and how many more the node must report before all of it is final. */
  check_window?: { nth: bigint; results: number };
}

/** One account is one cluster, until accounts, cards and devices are linked. */
const sameCluster = (developer_id: string, owner_id: string): boolean => developer_id === owner_id;

/** The steps of money.md that the broker takes. Each runs inside the caller's transaction, beside the change it pays for. */
@Injectable()
export class MoneyService {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly ledger: LedgerStore,
    private readonly held: HeldStore,
    private readonly newcomers: NewcomersService,
    private readonly debts: OwnerDebts,
    private readonly promo: PromoStore,
  ) {}

  /**
   * Posts steps of another station beside the change that they pay for.
   * @returns the keys that were new. @throws HeapError `insufficient_funds`, `idempotency_mismatch`.
   */
  record(tx: Transaction, steps: readonly JournalDraft[]): Promise<ReadonlySet<string>> {
    return this.ledger.post(tx, this.config.currency, steps);
  }

  /**
   * Holds more for a job that is not over: 2000 → 2010, never 2020, for of a hold its promotional part is spent first.
   * @throws HeapError `insufficient_funds` with both amounts, `payer_blocked`, or `hold_resolved`; nothing more was held then.
   */
  async raiseHold(tx: Transaction, step: { job_id: string; developer: string; amount: Micro }): Promise<void> {
    const cause = await this.held.blockOf(tx, step.developer);
    if (cause) throw payerBlocked(cause);
    const available = naturalBalance(2000, (await this.ledger.balances(this.config.currency, step.developer, tx)).get(2000) ?? 0n);
    if (available < step.amount) throw insufficientFunds(step.amount, available, this.config.currency);
    const hold_id = await this.held.raise(tx, step.job_id, step.amount);
    if (hold_id === null) throw new HeapError('hold_resolved', 'This hold is resolved: nothing can be added to it.', 'platform');
    const raise = { hold_id, developer: step.developer, amount: step.amount, raise_id: newId() };
    await this.ledger.post(tx, this.config.currency, [raiseHold(raise)]);
  }

  /** 2020, then 2000 → 2010. @throws HeapError `insufficient_funds` with both amounts, or `payer_blocked`; nothing was held then. */
  async takeHold(tx: Transaction, step: { job_id: string; developer: string; amount: Micro }): Promise<string> {
    const cause = await this.held.blockOf(tx, step.developer);
    if (cause) throw payerBlocked(cause);
    const hold_id = newId();
    const balances = await this.ledger.balances(this.config.currency, step.developer, tx);
    const available = naturalBalance(2000, balances.get(2000) ?? 0n);
    // Promotional money is spent first (I26).
    const promo = balances.has(2020) ? await this.promo.take(tx, step.developer, step.amount) : 0n;
    if (available + promo < step.amount) throw insufficientFunds(step.amount, available + promo, this.config.currency);
    await this.held.insertHold(tx, { id: hold_id, job_id: step.job_id, person_id: step.developer, amount: step.amount, promo });
    // The floor of 2000 decides when two orders race for the same money.
    await this.ledger.post(tx, this.config.currency, [hold({ hold_id, developer: step.developer, amount: step.amount, promo })]);
    return hold_id;
  }

  /** 2010 → 2100 (net, and the share of who brought the device) and 2400 for each batch; amounts of zero (work below a micro-unit) move nothing. */
  async capture(tx: Transaction, requests: readonly CaptureRequest[]): Promise<void> {
    const paid = requests.filter((r) => r.gross > 0n).map((r) => ({ ...r, id: newId() }));
    if (paid.length === 0) return;
    const fee_bps = BigInt(this.config.fee_basis_points);
    const brought = await this.held.partnersOf(tx, [...new Set(paid.map((r) => r.lease_id))]);
    // What somebody pays to the own devices is no business of anybody who brought them.
    const partnerOf = (r: CaptureRequest) => (sameCluster(r.developer_id, r.owner_id) ? undefined : brought.get(r.lease_id));
    const drafts = paid.map((r) => {
      const partner = partnerOf(r);
      return capture({
        capture_id: r.id,
        hold_id: r.hold_id,
        lease_id: r.lease_id,
        developer: r.developer_id,
        owner: r.owner_id,
        gross: r.gross,
        charged_before: r.charged_before,
        fee_bps,
        ...(partner && { partner }),
      });
    });
    const parts = new Map<string, Micro>();
    for (const r of paid) parts.set(r.hold_id, (parts.get(r.hold_id) ?? 0n) + r.gross);
    const holds = await this.held.addCaptured(tx, parts);
    if (holds.size !== parts.size)
      throw new HeapError('hold_resolved', 'A capture found its hold resolved: nothing was charged.', 'platform');
    const promos = paid.map(({ hold_id, gross }) => promoPart(holds, hold_id, gross));
    const holdbacks = await this.newcomers.holdbacks(tx, paid);
    await this.held.insertCaptures(
      tx,
      paid.map((r, i) => ({
        ...r,
        holdback: holdbacks[i] as Holdback,
        own_use: sameCluster(r.developer_id, r.owner_id),
        income: r.income ?? 'compute',
        fee: drafts[i]?.parts.fee ?? 0n,
        net: drafts[i]?.parts.net ?? 0n,
        promo: promos[i] ?? 0n,
        partner: drafts[i]?.parts.partner ?? 0n,
        partner_id: drafts[i]?.parts.partner ? (partnerOf(r)?.person ?? null) : null,
      })),
    );
    await this.ledger.post(tx, this.config.currency, drafts);
  }

  /**
   * 2010 → income, for what is paid to the heap itself. @returns false when the hold is resolved: nothing was charged.
   * @throws HeapError `idempotency_mismatch`.
   */
  async takeFromHold(tx: Transaction, hold_id: string, amount: Micro, draft: JournalDraft): Promise<boolean> {
    if ((await this.held.addCaptured(tx, new Map([[hold_id, amount]]))).size === 0) return false;
    await this.ledger.post(tx, this.config.currency, [draft]);
    return true;
  }

  /** What a job, its verifier or a reservation did not use goes back, once. */
  async resolveHold(tx: Transaction, job_id: string): Promise<void> {
    const resolved = await this.held.resolve(tx, job_id);
    if (!resolved || resolved.returned === 0n) return;
    const promo = promoLeft(resolved.promo, resolved.captured);
    if (promo > 0n) await this.promo.giveBack(tx, resolved.person_id, promo);
    const step = { hold_id: resolved.id, developer: resolved.person_id, amount: resolved.returned, promo };
    await this.ledger.post(tx, this.config.currency, [resolved.captured === 0n ? voidHold(step) : returnUnused(step)]);
  }

  /**
   * 2100 → 2110 (own use: 2000, to spend and not to withdraw; of a new owner a part → 2120) and 2400 → 4000 for captures whose holdback is
   * over, a journal each. @returns how many were released.
   */
  async releaseDue(tx: Transaction, limit: number): Promise<number> {
    const due = await this.held.takeDue(tx, limit, this.config.reserve_days);
    if (due.length === 0) return 0;
    const steps = due.map((c) =>
      release({
        capture_id: c.id,
        owner: c.owner_id,
        net: c.net,
        fee: c.fee,
        income: c.income,
        ...(c.own_use && { own_use_of: c.owner_id, promo: c.promo }),
        ...(c.partner > 0n && c.partner_id && { partner: { person: c.partner_id, amount: c.partner } }),
        ...(c.in_reserve && { reserve: fee(c.net, BigInt(this.config.reserve_basis_points)) }),
      }),
    );
    for (const c of due) if (c.own_use && c.promo > 0n) await this.promo.giveBack(tx, c.owner_id, c.promo < c.net ? c.promo : c.net);
    await this.ledger.post(tx, this.config.currency, steps);
    await this.debts.netFromEarnings(tx, [...new Set(due.map((c) => c.owner_id))]);
    return due.length;
  }
}

/** How much of a capture is promotional: the promotional part of a hold is charged first. Counts the capture in. */
function promoPart(holds: ReadonlyMap<string, { captured: Micro; promo: Micro }>, hold_id: string, gross: Micro): Micro {
  const hold = holds.get(hold_id);
  if (!hold) return 0n;
  const before = promoLeft(hold.promo, hold.captured);
  hold.captured += gross;
  return before - promoLeft(hold.promo, hold.captured);
}

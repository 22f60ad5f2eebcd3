import { Inject, Injectable } from '@nestjs/common';
import { clawback, grossOf, type JournalDraft, type Parts, planClawback, promoLeft, refund, release, splitDecision } from '#ledger';
import { fee, HeapError, type Micro } from '#units';
import { CONFIG, type Config } from '../platform/config/config.js';
import type { Transaction } from '../platform/database/transactions.js';
import { BalancesQuery } from './balances.query.js';
import { DisputedStore, type ObjectedCapture, type PaidResult, type PendingCapture, type Refunded, type Scope } from './disputed.store.js';
import { LedgerStore } from './ledger.store.js';
import { PromoStore } from './promo.store.js';

export interface Corrected {
  /** What went back of held money, and what of it would have been the owners'. */
  refunded: Micro;
  refunded_net: Micro;
  clawed_back: Micro;
  debt: Micro;
}

/** Captured money that is objected to or proven wrong: held, given back, split, or taken back from who has it. */
@Injectable()
export class DisputedMoney {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly store: DisputedStore,
    private readonly ledger: LedgerStore,
    private readonly balances: BalancesQuery,
    private readonly promo: PromoStore,
  ) {}

  /** Whose job it is, null if there is none; until the transaction ends nobody else objects to it or corrects it. */
  lockJob(tx: Transaction, job_id: string): Promise<string | null> {
    return this.store.lockHold(tx, job_id);
  }

  /** Stops the release of captures in their holdback. @returns which, with the part that is objected to. */
  dispute(tx: Transaction, scope: Scope): Promise<ObjectedCapture[]> {
    return this.store.dispute(tx, scope);
  }

  /** Ends captures whose objections are decided, once their holdback is over; what goes back whole does at once. @returns how many. */
  async settleDecided(tx: Transaction, limit: number): Promise<number> {
    return this.end(tx, await this.store.decided(tx, limit, this.config.reserve_days));
  }

  /**
   * Results that were proven wrong. Before the release everything that is held for work of the same nodes goes back, or only what these
   * results were charged; after it the owner gives back what these results earned, from free money, then the reserve, then as a debt.
   */
  async correct(
    tx: Transaction,
    job_id: string,
    tasks: readonly number[],
    why: { reason: string; ordered_by: string | null },
    scope: 'nodes' | 'results' = 'nodes',
  ): Promise<Corrected> {
    await this.store.lockHold(tx, job_id);
    const results = await this.store.paidResults(tx, job_id, tasks);
    const held = results.filter(({ state }) => state === 'CAPTURED' || state === 'DISPUTED');
    const pending =
      scope === 'nodes'
        ? await this.store.heldOfNodes(tx, [...new Set(held.map(({ node_id }) => node_id))], this.config.reserve_days)
        : await this.store.heldCaptures(tx, [...new Set(held.map(({ capture_id }) => capture_id))], this.config.reserve_days);
    if (scope === 'nodes') await this.end(tx, pending);
    else await this.takeOut(tx, pending, held);
    const late = results.filter(({ state, own_use }) => (state === 'RELEASED' || state === 'SPLIT') && !own_use);
    const taken = await this.clawBack(tx, late);
    const corrections = [
      ...held.map((result) => ({ result, amount: result.charge, kind: 'refund' as const })),
      ...taken.parts.map((part) => ({ ...part, kind: 'clawback' as const })),
    ];
    if (corrections.length > 0) await this.store.insertCorrections(tx, job_id, corrections, why);
    return { ...sumOf(pending), clawed_back: taken.total - taken.debt, debt: taken.debt };
  }

  /** What these results were charged leaves their captures, which stay in their holdback with the rest. */
  private async takeOut(tx: Transaction, pending: PendingCapture[], results: readonly PaidResult[]): Promise<void> {
    for (const c of pending) {
      const charged = results.reduce((sum, { capture_id, charge }) => (capture_id === c.id ? sum + charge : sum), 0n);
      if (charged < c.gross) c.refund = charged;
    }
    await this.end(
      tx,
      pending.filter((c) => c.refund === c.gross),
    );
    const parts = pending.filter((c) => c.refund < c.gross);
    if (parts.length === 0) return;
    const shares = parts.map((c) => ({ c, ...splitDecision({ net: c.net, fee: c.fee, partner: c.partner }, c.refund) }));
    const steps = shares.map(({ c, refunded }) => stepOf(c, refunded));
    if ((await this.store.shrink(tx, steps)) !== parts.length) throw captureEnded();
    const drafts = shares.map(({ c, refunded }) => {
      const [first] = results.filter(({ capture_id }) => capture_id === c.id);
      return refundOf(c, refunded, `refund:${c.id}:${first?.index}.${first?.epoch}`);
    });
    for (const { c } of shares) await this.givePromoBack(tx, c.developer_id, promoBack(c.promo, 0n, c.refund));
    await this.ledger.post(tx, this.config.currency, drafts);
  }

  /** Everything that is held for work of these nodes goes back to who paid for it. */
  async voidHeldOf(tx: Transaction, nodes: readonly string[]): Promise<{ refunded: Micro; refunded_net: Micro }> {
    const pending = await this.store.heldOfNodes(tx, nodes, this.config.reserve_days);
    await this.end(tx, pending);
    return sumOf(pending);
  }

  private async end(tx: Transaction, captures: readonly PendingCapture[]): Promise<number> {
    if (captures.length === 0) return 0;
    const decisions = captures.map((c) => ({ c, ...splitDecision({ net: c.net, fee: c.fee, partner: c.partner }, c.refund) }));
    const ends = decisions.map(({ c, refunded }) => stepOf(c, refunded));
    if ((await this.store.end(tx, ends)) !== captures.length) throw captureEnded();
    const reserve_bps = BigInt(this.config.reserve_basis_points);
    const drafts = decisions.flatMap(({ c, refunded, released }): JournalDraft[] => [
      ...(grossOf(refunded) > 0n ? [refundOf(c, refunded)] : []),
      ...(grossOf(released) > 0n
        ? [
            release({
              capture_id: c.id,
              owner: c.owner_id,
              net: released.net,
              fee: released.fee,
              ...(c.own_use && { own_use_of: c.owner_id, promo: promoLeft(c.promo, c.refund) }),
              ...(c.partner_id && { partner: { person: c.partner_id, amount: released.partner } }),
              ...(c.in_reserve && { reserve: fee(released.net, reserve_bps) }),
            }),
          ]
        : []),
    ]);
    for (const { c, released } of decisions) {
      const kept = c.own_use ? promoLeft(c.promo, c.refund) : 0n;
      await this.givePromoBack(tx, c.developer_id, promoBack(c.promo, 0n, c.refund) + (kept < released.net ? kept : released.net));
    }
    await this.ledger.post(tx, this.config.currency, drafts);
    return captures.length;
  }

  /** What was promotional stays so (I26): it is a grant's again. */
  private async givePromoBack(tx: Transaction, developer: string, amount: Micro): Promise<void> {
    if (amount > 0n) await this.promo.giveBack(tx, developer, amount);
  }

  /** A partner gives a share back from what is payable; what was paid out already is a debt like an owner's. */
  private async partnersPart(tx: Transaction, person: string, share: Micro) {
    const { from_available, as_debt } = planClawback(share, await this.balances.ofAccount(2150, person, tx), 0n);
    return { person, from_payable: from_available, as_debt };
  }

  /** One capture after the other: each takes from what the one before left. */
  private async clawBack(tx: Transaction, results: readonly PaidResult[]) {
    const parts: { result: PaidResult; amount: Micro }[] = [];
    let [total, debt] = [0n, 0n];
    for (const of_capture of byCapture(results)) {
      const [first] = of_capture;
      let left = first.gross - first.back;
      let amount = 0n;
      for (const result of of_capture) {
        const part = result.charge < left ? result.charge : left;
        left -= part;
        amount += part;
        parts.push({ result, amount: part });
      }
      if (amount === 0n) continue;
      const { refunded } = splitDecision({ net: first.net, fee: first.fee, partner: first.partner }, amount);
      const { owner_id: owner, developer_id: developer, capture_id } = first;
      const [available, reserve] = [await this.balances.ofAccount(2110, owner, tx), await this.balances.ofAccount(2120, owner, tx)];
      const plan =
        refunded.net > 0n ? planClawback(refunded.net, available, reserve) : { from_available: 0n, from_reserve: 0n, as_debt: 0n };
      const key = `clawback:${capture_id}:${first.index}.${first.epoch}`;
      const promo = promoBack(first.promo, first.back, amount);
      await this.givePromoBack(tx, developer, promo);
      const partner =
        first.partner_id && refunded.partner > 0n ? await this.partnersPart(tx, first.partner_id, refunded.partner) : undefined;
      const step = { capture_id, owner, developer, ...plan, fee: refunded.fee, promo, key, ...(partner && { partner }) };
      await this.ledger.post(tx, this.config.currency, [clawback(step)]);
      total += amount;
      debt += plan.as_debt;
    }
    return { parts, total, debt };
  }
}

const sumOf = (captures: readonly PendingCapture[]): { refunded: Micro; refunded_net: Micro } => ({
  refunded: captures.reduce((sum, c) => sum + c.refund, 0n),
  refunded_net: captures.reduce((sum, c) => sum + splitDecision({ net: c.net, fee: c.fee, partner: c.partner }, c.refund).refunded.net, 0n),
});

const captureEnded = (): HeapError =>
  new HeapError('capture_ended', 'A capture was ended by somebody else at the same moment: nothing was posted.', 'platform');

const stepOf = (c: PendingCapture, refunded: Parts): Refunded => ({
  id: c.id,
  refunded: c.refund,
  refunded_net: refunded.net,
  refunded_partner: refunded.partner,
});

const refundOf = (c: PendingCapture, parts: Parts, key?: string): JournalDraft =>
  refund({
    capture_id: c.id,
    developer: c.developer_id,
    owner: c.owner_id,
    parts,
    promo: promoBack(c.promo, 0n, c.refund),
    ...(c.partner_id && { partner: c.partner_id }),
    ...(key && { key }),
  });

/** The promotional part of a charge goes back first, so that no money to withdraw comes of it: this much in `amount`, after `before`. */
const promoBack = (promo: Micro, before: Micro, amount: Micro): Micro => promoLeft(promo, before) - promoLeft(promo, before + amount);

function byCapture(results: readonly PaidResult[]): [PaidResult, ...PaidResult[]][] {
  const groups = new Map<string, [PaidResult, ...PaidResult[]]>();
  for (const result of results) {
    const group = groups.get(result.capture_id);
    if (group) group.push(result);
    else groups.set(result.capture_id, [result]);
  }
  return [...groups.values()];
}

import { createHash } from 'node:crypto';
import {
  Balances,
  capture,
  captureFrom,
  clawback,
  deposit,
  depositClears,
  depositFee,
  depositRefund,
  developerDebtPaid,
  disputeLost,
  disputeOpened,
  disputeWon,
  freeze,
  grossOf,
  type HoldAmounts,
  hold,
  isResolved,
  type JournalDraft,
  openHold,
  ownerDebtPaid,
  type Parts,
  type PayoutStep,
  payoutConfirmed,
  payoutFailed,
  payoutRejected,
  payoutRequested,
  payoutReturned,
  payoutSent,
  planClawback,
  promoExpires,
  promoGrant,
  promoLeft,
  refund,
  release,
  remaining,
  reserveReleased,
  resolveHold,
  returnUnused,
  reversal,
  splitDecision,
  thaw,
  unexplained,
  voidHold,
} from '#ledger';

/** What fast-check chooses: which step, on which person or thing, of what amount. */
export interface Choice {
  step: number;
  who: number;
  amount: bigint;
}

interface HoldModel extends HoldAmounts {
  id: string;
  developer: string;
  promo: bigint;
}
interface CaptureModel {
  id: string;
  developer: string;
  owner: string;
  parts: Parts;
}

const PEOPLE = 5;
const FEE_BPS = 1_000n;

/**
 * A heap's money in memory: the pure ledger's balances, and the open holds, captures, payouts, disputes and freezes that say which step
 * may come next. Ids are derived from the seed, so that a failing run can be repeated.
 */
export class MoneyModel {
  readonly balances = new Balances();
  /** Entries per place: what each account's sequence must be. */
  readonly entries = new Map<string, bigint>();
  readonly posted: JournalDraft[] = [];
  refused = 0;
  private count = 0;
  private holds: HoldModel[] = [];
  private captures: CaptureModel[] = [];
  private released: CaptureModel[] = [];
  private payouts: { step: PayoutStep; state: 'requested' | 'sent' | 'confirmed' }[] = [];
  private disputes: { dispute_id: string; developer: string; amount: bigint; unspent: bigint }[] = [];
  private freezes: Parameters<typeof freeze>[0][] = [];
  private suspended: JournalDraft[] = [];

  constructor(private readonly seed: string) {}

  id(): string {
    const hex = createHash('sha256')
      .update(`${this.seed}/${this.count++}`)
      .digest('hex');
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
  }

  person(role: 'developer' | 'owner', who: number): string {
    const hex = createHash('sha256')
      .update(`${this.seed}/${role}/${who % PEOPLE}`)
      .digest('hex');
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
  }

  /** The drafts of a step that the state allows, posted to the model; none when nothing is there to do. */
  take(choice: Choice): JournalDraft[] {
    const step = STEPS[choice.step % STEPS.length] as (typeof STEPS)[number];
    const drafts = this[step](choice).filter((draft): draft is JournalDraft => draft !== undefined);
    for (const draft of drafts) this.post(draft);
    return drafts;
  }

  post(draft: JournalDraft): void {
    this.balances.post(draft);
    for (const { account, person } of draft.entries) {
      const place = `${account}/${person ?? ''}`;
      this.entries.set(place, (this.entries.get(place) ?? 0n) + 1n);
    }
    this.posted.push(draft);
  }

  private natural(account: Parameters<Balances['natural']>[0], person: string | null = null): bigint {
    return this.balances.natural(account, person);
  }

  deposit({ who, amount }: Choice) {
    const step = { deposit_id: this.id(), developer: this.person('developer', who), amount };
    const fee = amount / 40n;
    return [deposit(step), ...(fee > 0n ? [depositFee({ ...step, amount: fee })] : []), depositClears({ ...step, amount: amount - fee })];
  }

  grant({ who, amount }: Choice) {
    const step = { grant_id: this.id(), developer: this.person('developer', who), amount };
    const left = this.natural(2020, step.developer);
    return [promoGrant(step), ...(left > 0n && amount % 3n === 0n ? [promoExpires({ ...step, amount: least(left, amount) })] : [])];
  }

  hold({ who, amount }: Choice) {
    const developer = this.person('developer', who);
    const promo = least(amount, this.natural(2020, developer));
    const own = least(amount - promo, this.natural(2000, developer));
    if (promo + own === 0n) return [];
    const made = { id: this.id(), developer, promo, ...openHold(promo + own) };
    this.holds.push(made);
    return [hold({ hold_id: made.id, developer, amount: made.amount, promo })];
  }

  capture({ who, amount }: Choice) {
    const held = pick(this.holds, who);
    if (!held) return [];
    const gross = least(amount, remaining(held));
    const owner = this.person('owner', Number(amount % 97n));
    const draft = capture({ capture_id: this.id(), hold_id: held.id, developer: held.developer, owner, gross, fee_bps: FEE_BPS });
    Object.assign(held, captureFrom(held, gross));
    if (isResolved(held)) this.holds.splice(this.holds.indexOf(held), 1);
    this.captures.push({ id: draft.refs.capture_id ?? '', developer: held.developer, owner, parts: draft.parts });
    return [draft];
  }

  endHold({ who }: Choice) {
    const held = pick(this.holds, who);
    if (!held) return [];
    this.holds.splice(this.holds.indexOf(held), 1);
    const rest = remaining(held);
    const step = { hold_id: held.id, developer: held.developer, amount: rest, promo: least(promoLeft(held.promo, held.captured), rest) };
    return [resolveHold(held).voided > 0n ? voidHold(step) : returnUnused(step)];
  }

  release({ who, amount }: Choice) {
    const taken = pick(this.captures, who);
    if (!taken) return [];
    this.captures.splice(this.captures.indexOf(taken), 1);
    this.released.push(taken);
    const reserve = amount % 4n === 0n ? taken.parts.net / 10n : 0n;
    return [release({ capture_id: taken.id, owner: taken.owner, net: taken.parts.net, fee: taken.parts.fee, reserve })];
  }

  refund({ who, amount }: Choice) {
    const taken = pick(this.captures, who);
    if (!taken) return [];
    this.captures.splice(this.captures.indexOf(taken), 1);
    const { refunded, released } = splitDecision(taken.parts, amount % (grossOf(taken.parts) + 1n));
    return [
      grossOf(refunded) > 0n
        ? refund({ capture_id: taken.id, developer: taken.developer, owner: taken.owner, parts: refunded })
        : undefined,
      grossOf(released) > 0n ? release({ capture_id: taken.id, owner: taken.owner, net: released.net, fee: released.fee }) : undefined,
    ];
  }

  clawback({ who }: Choice) {
    const taken = pick(this.released, who);
    if (!taken || taken.parts.net === 0n) return [];
    this.released.splice(this.released.indexOf(taken), 1);
    // In two parts, one after the other, as when results of a capture are proven wrong at different times.
    const first = splitDecision(taken.parts, grossOf(taken.parts) / 3n).refunded;
    const rest = splitDecision(taken.parts, grossOf(taken.parts) / 3n).released;
    const drafts: JournalDraft[] = [];
    let available = this.natural(2110, taken.owner);
    let reserve = this.natural(2120, taken.owner);
    for (const [i, part] of [first, rest].entries()) {
      if (part.net === 0n) continue;
      const plan = planClawback(part.net, available, reserve);
      available -= plan.from_available;
      reserve -= plan.from_reserve;
      const people = { capture_id: taken.id, owner: taken.owner, developer: taken.developer };
      drafts.push(clawback({ ...people, ...plan, fee: part.fee, key: `clawback:${taken.id}:${i}` }));
    }
    return drafts;
  }

  requestPayout({ who, amount }: Choice) {
    const owner = this.person('owner', who);
    const payable = least(amount, this.natural(2110, owner));
    if (payable === 0n) return [];
    const step = { payout_id: this.id(), person: owner, amount: payable };
    this.payouts.push({ step, state: 'requested' });
    return [payoutRequested(step)];
  }

  movePayout({ who, amount }: Choice) {
    const payout = pick(this.payouts, who);
    if (!payout) return [];
    const well = amount % 3n !== 0n;
    const gone = (draft: JournalDraft) => {
      this.payouts.splice(this.payouts.indexOf(payout), 1);
      return [draft];
    };
    if (payout.state === 'requested') {
      if (!well) return gone(payoutRejected(payout.step));
      payout.state = 'sent';
      return [payoutSent(payout.step)];
    }
    if (payout.state === 'sent') {
      if (!well) return gone(payoutFailed(payout.step));
      payout.state = 'confirmed';
      return [payoutConfirmed(payout.step)];
    }
    return gone(payoutReturned(payout.step));
  }

  dispute({ who, amount }: Choice) {
    const open = pick(this.disputes, who);
    if (open && amount % 2n === 0n) {
      this.disputes.splice(this.disputes.indexOf(open), 1);
      return [amount % 4n === 0n ? disputeWon(open) : disputeLost(open)];
    }
    // Owners pay for work of others, too: then they may owe as developers.
    const developer = this.person(amount % 5n === 1n ? 'owner' : 'developer', who);
    const step = { dispute_id: this.id(), developer, amount, unspent: least(amount, this.natural(2000, developer)) };
    this.disputes.push(step);
    return [disputeOpened(step)];
  }

  payDebt({ who, amount }: Choice) {
    const [developer, owner] = [this.person('developer', who), this.person('owner', who)];
    const paid = least(amount, least(this.natural(1110, developer), this.natural(2000, developer)));
    const earned = least(amount, least(this.natural(1100, owner), this.natural(2110, owner)));
    const reserve = least(amount, this.natural(2120, owner));
    // Somebody who owes as a developer and earns as an owner.
    const netted = least(amount, least(this.natural(1110, owner), this.natural(2110, owner) - earned));
    return [
      netted > 0n ? developerDebtPaid({ payment_id: this.id(), developer: owner, amount: netted, from: 'earnings' }) : undefined,
      paid > 0n ? developerDebtPaid({ payment_id: this.id(), developer, amount: paid }) : undefined,
      earned > 0n ? ownerDebtPaid({ payment_id: this.id(), owner, amount: earned }) : undefined,
      reserve > 0n ? reserveReleased({ reserve_id: this.id(), owner, amount: reserve }) : undefined,
    ];
  }

  freeze({ who, amount }: Choice) {
    const frozen = pick(this.freezes, who);
    if (frozen && amount % 2n === 0n) {
      this.freezes.splice(this.freezes.indexOf(frozen), 1);
      return [thaw(frozen)];
    }
    const role = amount % 3n === 0n ? 'owner' : 'developer';
    const person = this.person(role, who);
    const free = least(amount, this.natural(role === 'owner' ? 2110 : 2000, person));
    if (free === 0n) return [];
    const step = { freeze_id: this.id(), person, role, amount: free } as const;
    this.freezes.push(step);
    return [freeze(step)];
  }

  giveBack({ who, amount }: Choice) {
    const developer = this.person('developer', who);
    const free = least(amount, this.natural(2000, developer));
    return free === 0n ? [] : [depositRefund({ refund_id: this.id(), deposit_id: this.id(), developer, amount: free })];
  }

  suspense({ amount }: Choice) {
    const old = this.suspended.pop();
    if (old) return [reversal({ ...old, id: old.key })];
    const draft = unexplained({ transaction_id: this.id(), amount: amount % 2n === 0n ? amount : -amount });
    this.suspended.push(draft);
    return [draft];
  }
}

/** Often what people do often. */
const STEPS = [
  'deposit',
  'hold',
  'hold',
  'hold',
  'capture',
  'capture',
  'capture',
  'capture',
  'capture',
  'capture',
  'release',
  'release',
  'release',
  'refund',
  'endHold',
  'clawback',
  'requestPayout',
  'movePayout',
  'movePayout',
  'dispute',
  'payDebt',
  'freeze',
  'giveBack',
  'suspense',
  'grant',
] as const satisfies readonly (keyof MoneyModel)[];

const least = (a: bigint, b: bigint): bigint => (a < b ? a : b);
const pick = <T>(things: readonly T[], which: number): T | undefined => things[which % Math.max(1, things.length)];

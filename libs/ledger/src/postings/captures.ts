import { HeapError, type Micro } from '#units';
import { ACCOUNTS } from '../accounts.js';
import { at, type JournalDraft, journal, notNegative, positive } from '../draft.js';
import { grossOf, type Parts, splitCharge } from '../split.js';

const { developerAvailable, developerPromo, developerHeld, ownerPending, ownerAvailable, ownerReserve, partnerPayable } = ACCOUNTS;
const { feesDeferred, computeFee, storageFee } = ACCOUNTS;

export interface CaptureStep {
  readonly capture_id: string;
  readonly hold_id: string;
  readonly lease_id?: string;
  readonly developer: string;
  readonly owner: string;
  readonly gross: Micro;
  readonly fee_bps: bigint;
  /** What earlier captures of the same lease charged; with it many small captures pay the same fee as one large one. */
  readonly charged_before?: Micro;
  /** The partner whose enrolment link brought this node, and its share of the fee. */
  readonly partner?: { readonly person: string; readonly share_bps: bigint };
}

/** Accepted work is charged to the hold: net and the partner's share to their pending money, fee deferred until the release. */
export function capture(step: CaptureStep): JournalDraft & { readonly parts: Parts } {
  const parts = addedParts(step);
  const held = at(developerHeld, step.developer);
  const draft = journal(
    'capture',
    `capture:${step.capture_id}`,
    [
      [held, at(ownerPending, step.owner), parts.net],
      [held, at(feesDeferred), parts.fee],
      ...(step.partner ? [[held, at(ownerPending, step.partner.person), parts.partner] as const] : []),
    ],
    { capture_id: step.capture_id, hold_id: step.hold_id, ...(step.lease_id === undefined ? {} : { lease_id: step.lease_id }) },
  );
  return { ...draft, parts };
}

/** The split of everything charged so far less the split of what was charged before: rounding never adds up against anybody. */
function addedParts({ gross, fee_bps, partner, charged_before = 0n }: CaptureStep): Parts {
  positive(gross, 'The charge');
  const share_bps = partner?.share_bps ?? 0n;
  const after = splitCharge(charged_before + gross, fee_bps, share_bps);
  if (charged_before === 0n) return after;
  const before = splitCharge(charged_before, fee_bps, share_bps);
  return { net: after.net - before.net, fee: after.fee - before.fee, partner: after.partner - before.partner };
}

export interface ReleaseStep {
  readonly capture_id: string;
  readonly owner: string;
  readonly net: Micro;
  readonly fee: Micro;
  /** The part of the net that a new owner leaves in reserve. */
  readonly reserve?: Micro;
  readonly income?: 'compute' | 'storage';
  /** The buyer is of the owner's own cluster: the net becomes that buyer's to spend, which no payout reaches (I9). */
  readonly own_use_of?: string;
  /** The part of the gross that was promotional: of an own use it stays promotional (I26). */
  readonly promo?: Micro;
  /** The share of who brought the device: it may be paid out from now on. */
  readonly partner?: { readonly person: string; readonly amount: Micro };
  /** Tells the parts of a split decision from the plain release. */
  readonly key?: string;
}

/** The holdback is over: the owner may be paid, the fee is earned. */
export function release(step: ReleaseStep): JournalDraft {
  const reserve = notNegative((step.own_use_of === undefined && step.reserve) || 0n, 'The reserve');
  if (reserve > step.net)
    throw new HeapError('reserve_above_net', `A reserve of ${reserve} is more than the net of ${step.net}.`, 'platform');
  const pending = at(ownerPending, step.owner);
  const promo = step.promo ?? 0n;
  const own_promo = promo < step.net ? promo : step.net;
  return journal(
    'release',
    step.key ?? `release:${step.capture_id}`,
    [
      ...(step.own_use_of === undefined
        ? [
            [pending, at(ownerAvailable, step.owner), step.net - reserve] as const,
            [pending, at(ownerReserve, step.owner), reserve] as const,
          ]
        : [
            [pending, at(developerAvailable, step.own_use_of), step.net - own_promo] as const,
            [pending, at(developerPromo, step.own_use_of), own_promo] as const,
          ]),
      ...(step.partner
        ? [[at(ownerPending, step.partner.person), at(partnerPayable, step.partner.person), step.partner.amount] as const]
        : []),
      [at(feesDeferred), at(step.income === 'storage' ? storageFee : computeFee), step.fee],
    ],
    { capture_id: step.capture_id },
  );
}

export interface RefundStep {
  readonly capture_id: string;
  readonly developer: string;
  readonly owner: string;
  readonly parts: Parts;
  readonly partner?: string;
  /** The part of the gross that was promotional money. */
  readonly promo?: Micro;
  readonly key?: string;
}

/** Before its release a charge goes back whole or in part: net, fee and partner's share alike. */
export function refund(step: RefundStep): JournalDraft {
  const { net, fee, partner } = step.parts;
  const gross = grossOf(step.parts);
  const promo = notNegative(step.promo ?? 0n, 'The promotional part');
  if (promo > gross)
    throw new HeapError('promo_above_amount', `The promotional part ${promo} is more than the refund of ${gross}.`, 'platform');
  if (partner > 0n && step.partner === undefined)
    throw new HeapError(
      'journal_malformed',
      `The refund of ${step.capture_id} takes a partner's share back: name the partner.`,
      'platform',
    );
  const available = at(developerAvailable, step.developer);
  return journal(
    'refund',
    step.key ?? `refund:${step.capture_id}`,
    [
      [at(ownerPending, step.owner), available, net],
      [at(feesDeferred), available, fee],
      ...(step.partner === undefined ? [] : [[at(ownerPending, step.partner), available, partner] as const]),
      [available, at(developerPromo, step.developer), promo],
    ],
    { capture_id: step.capture_id },
  );
}

import { VOLUME_CODES, type VolumeClass } from '#units';
import { LIMITS } from './limits.js';
import type { Strain } from './place.js';

/**
 * What of all segments is lost in a year where four times a year a fifth, or three tenths, of all devices is lost at once: the table of storage.md, which
 * `npm run sim:storage` holds this policy against.
 */
export const SEGMENT_LOSS: Readonly<Record<VolumeClass, { readonly fifth: number; readonly three_tenths: number }>> = {
  standard: { fifth: 3.2e-11, three_tenths: 3.3e-7 },
  cold: { fifth: 1.0e-17, three_tenths: 1.0e-10 },
  small: { fifth: 1.7e-4, three_tenths: 1.8e-3 },
};

export interface VolumeHealth {
  readonly class: VolumeClass;
  readonly segments: number;
  /** Of the segment that has the fewest: its pieces on devices that are not missing. */
  readonly least_there: number;
  /** Of the segment that has the fewest: those on devices that are always on. */
  readonly least_always_on: number;
  /** What its placements went beyond. */
  readonly strains: readonly Strain[];
}

export interface Durability {
  readonly durable: boolean;
  /** Chance that any segment is lost within a year, if all assumptions hold; null where none is promised. */
  readonly annual_loss: number | null;
  readonly sentence: string;
  /** What must be true for it, one sentence each. */
  readonly assumptions: readonly string[];
  /** Which of these do not hold for this volume now. */
  readonly doubts: readonly string[];
}

/** How safe a volume is, in words, with what that rests on. */
export function durability({ class: volume_class, segments, least_there, least_always_on, strains }: VolumeHealth): Durability {
  const { k, repair_at, n } = VOLUME_CODES[volume_class];
  const doubts = [
    ...(segments > 0 && least_there <= repair_at
      ? [`A segment has ${least_there} of ${n} pieces: it is repaired at ${repair_at}, and lost below ${k}.`]
      : []),
    ...(segments > 0 && volume_class !== 'small' && least_always_on < LIMITS[volume_class].always_on.least
      ? [`A segment has ${least_always_on} pieces on devices that are always on: it may be out of reach while phones are away.`]
      : []),
    ...strainDoubts(strains, n),
  ];
  if (volume_class === 'small')
    return {
      durable: false,
      annual_loss: null,
      sentence: `Not durable: the heap itself keeps ${k} pieces of each segment, and what is only there is lost with it. Devices alone would lose about one segment in ${about(1 / SEGMENT_LOSS.small.fifth)} a year.`,
      assumptions: ASSUMPTIONS,
      doubts,
    };
  const annual_loss = -Math.expm1(segments * Math.log1p(-SEGMENT_LOSS[volume_class].fifth));
  const worse = -Math.expm1(segments * Math.log1p(-SEGMENT_LOSS[volume_class].three_tenths));
  const sentence =
    segments === 0
      ? 'Nothing is stored yet.'
      : `Of ${about(1 / annual_loss)} such volumes one loses something in a year; of ${about(1 / worse)}, if three tenths of all devices are lost at once four times a year.`;
  return { durable: doubts.length === 0, annual_loss, sentence, assumptions: ASSUMPTIONS, doubts };
}

const ASSUMPTIONS: readonly string[] = [
  'Devices stay for 60 days on average and leave without a word.',
  'Four times a year a fifth of all devices is lost at once: those of some providers, countries, systems or agent versions.',
  'Such events are months apart, and strike along what is known of devices: what nobody knows they share cannot be spread.',
  'A device that was not heard of for 72 hours is given up (for small volumes 48, or 24 if it was always there), and a segment is repaired within a day of falling to its threshold.',
  'Nobody runs many devices as many people without being found out.',
];

function strainDoubts(strains: readonly Strain[], n: number): string[] {
  const worst = new Map<string, Strain>();
  for (const strain of strains) {
    const key = `${strain.limit} ${strain.label}`;
    if ((worst.get(key)?.pieces ?? 0) < strain.pieces) worst.set(key, strain);
  }
  return [...worst.values()].map(({ limit, label, pieces, most }) =>
    limit === 'unvetted'
      ? `Up to ${pieces} of ${n} pieces of a segment are on devices that are not known yet, instead of at most ${most}.`
      : `Up to ${pieces} of ${n} pieces of a segment depend on one ${DOMAIN_WORDS[limit]} (${label}), instead of at most ${most}.`,
  );
}

const DOMAIN_WORDS = { provider: 'provider', country: 'country', os: 'system', agent_version: 'agent version' } as const;

const SCALES: readonly [number, string][] = [
  [1e15, 'million billion'],
  [1e12, 'thousand billion'],
  [1e9, 'billion'],
  [1e6, 'million'],
  [1e3, 'thousand'],
];

/** One significant digit, in words: 31,250,000,000 is "30 billion". */
function about(count: number): string {
  const rounded = Math.max(1, Number(count.toPrecision(1)));
  const [scale, word] = SCALES.find(([from]) => rounded >= from) ?? [1, ''];
  return `${rounded / scale}${word && ' '}${word}`;
}

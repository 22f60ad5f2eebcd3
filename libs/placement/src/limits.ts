import { VOLUME_CODES, type VolumeClass } from '#units';

/** storage.md: the most of a segment that may depend on one provider, country, OS or agent version. */
const DOMAIN_SHARE = 0.2;
/** Storj gives a twentieth of what it stores to nodes that it does not know yet; so does this. */
const UNVETTED_SHARE = 0.05;
const ACKNOWLEDGE_MARGIN = 4;
const SMALL_ACKNOWLEDGE_MARGIN = 1;

export interface Limits {
  /** Pieces of a segment with one label of a domain. */
  readonly domain: number;
  /** Pieces on devices that are not vetted. */
  readonly unvetted: number;
  /** Pieces on devices that are always on: so many at least, so many at most where there are others. */
  readonly always_on: { readonly least: number; readonly most: number };
  /** A write is acknowledged when so many pieces are stored on devices of different owners and networks, … */
  readonly acknowledge: number;
  /** … and so many of these on devices that are always on. */
  readonly acknowledge_always_on: number;
}

function limitsOf(volume_class: VolumeClass): Limits {
  const { k, repair_at, n } = VOLUME_CODES[volume_class];
  const small = volume_class === 'small';
  return {
    domain: Math.ceil(n * DOMAIN_SHARE),
    unvetted: Math.ceil(n * UNVETTED_SHARE),
    always_on: { least: k + 2, most: k + 4 },
    acknowledge: Math.min(n, repair_at + (small ? SMALL_ACKNOWLEDGE_MARGIN : ACKNOWLEDGE_MARGIN)),
    // The heap keeps enough pieces of a small volume itself: these are the ones that are always there.
    acknowledge_always_on: small ? 0 : k + 2,
  };
}

export const LIMITS: Readonly<Record<VolumeClass, Limits>> = {
  standard: limitsOf('standard'),
  cold: limitsOf('cold'),
  small: limitsOf('small'),
};

import type { VolumeClass } from '#units';
import { type Candidate, type Device, DOMAINS, type Domain, isAlwaysOn } from './device.js';
import { LIMITS } from './limits.js';
import type { PlacementReason } from './reasons.js';

export interface Placing {
  readonly class: VolumeClass;
  /** The indexes of the pieces that need a device. */
  readonly pieces: readonly number[];
  /** Uniform in [0, 1). With the same numbers and the same candidates the same devices are chosen. */
  readonly random: () => number;
  /** Rather leaves pieces without a device than goes beyond a share of a domain or of the devices that are not vetted. */
  readonly strict?: boolean;
}

/** A limit that this heap cannot keep, and by how much the segment goes beyond it. */
export interface Strain {
  readonly limit: Domain | 'unvetted';
  /** The label of the domain; null for devices that are not vetted. */
  readonly label: string | null;
  readonly pieces: number;
  readonly most: number;
}

export interface Placement<C> {
  readonly assignments: readonly { readonly piece: number; readonly device: C }[];
  /** Pieces that got no device, and why; null when all did. */
  readonly missing: number;
  readonly reason: PlacementReason | null;
  readonly strains: readonly Strain[];
}

/**
 * Chooses a device for each piece of a segment. Never two pieces in one owner cluster or network prefix. At most a fifth of the segment with one known
 * provider, country, OS or agent version, at most a twentieth (rounded up) on devices that are not vetted, k + 3 on devices that are always on where
 * there are others; within these, who shares the least with the pieces that are placed, and among equals by room and audits, by lot (Efraimidis and
 * Spirakis 2006). Shares that the candidates cannot fill give way, first that of the not vetted, and what gave way is said.
 *
 * @param candidates devices with room that are in good standing; order matters only to the lot
 * @param already the devices of the segment's pieces that are kept, whatever their state
 */
export function place<C extends Candidate>(
  { class: volume_class, pieces, random, strict = false }: Placing,
  candidates: readonly C[],
  already: readonly Device[],
): Placement<C> {
  const limits = LIMITS[volume_class];
  const choice = new Choice(candidates, already, random, limits.domain, limits.unvetted);
  const wanted = pieces.length;
  const always_on_wanted = Math.min(wanted, limits.always_on.least + 1 - choice.always_on);
  for (const rigour of strict ? STRICT : EASING) {
    // Strained or not, first those that are always on, then the others; more of the first rather than none.
    while (choice.chosen.length < wanted && choice.new_always_on < always_on_wanted && choice.take(rigour, ALWAYS_ON));
    while (choice.chosen.length < wanted && choice.take(rigour, NOT_ALWAYS_ON));
    while (choice.chosen.length < wanted && choice.take(rigour, ANY));
  }
  const missing = wanted - choice.chosen.length;
  return {
    assignments: choice.chosen.map((device, i) => ({ piece: pieces[i] as number, device })),
    missing,
    reason: missing > 0 ? choice.whyMissing(already.length + wanted) : null,
    strains: choice.strains(),
  };
}

const KEEP_ALL = 2;
const KEEP_DOMAINS = 1;
const KEEP_NONE = 0;
type Rigour = typeof KEEP_ALL | typeof KEEP_DOMAINS | typeof KEEP_NONE;
const STRICT: readonly Rigour[] = [KEEP_ALL];
const EASING: readonly Rigour[] = [KEEP_ALL, KEEP_DOMAINS, KEEP_NONE];

const ANY = 0;
const ALWAYS_ON = 1;
const NOT_ALWAYS_ON = 2;
type Kind = typeof ANY | typeof ALWAYS_ON | typeof NOT_ALWAYS_ON;

const NO_LABEL = 0;
/** A device with a score of 0.9 has about half the lots of one with 1. */
const AUDIT_POWER = 6;

/** Labels become numbers once, so that each of the n choices only adds up counts. */
class Choice<C extends Candidate> {
  readonly chosen: C[] = [];
  always_on = 0;
  new_always_on = 0;

  private unvetted = 0;
  private readonly clusters = new Set<string>();
  private readonly prefixes = new Set<string>();
  private readonly numbers: Map<string, number>[] = DOMAINS.map(() => new Map());
  private readonly counts: number[][] = DOMAINS.map(() => [0]);
  /** Of each candidate: the numbers of its labels, and its lot; who has the lowest goes first. */
  private readonly labels: Int32Array;
  private readonly lots: Float64Array;
  private readonly out: Uint8Array;

  constructor(
    private readonly candidates: readonly C[],
    already: readonly Device[],
    random: () => number,
    private readonly domain_limit: number,
    private readonly unvetted_limit: number,
  ) {
    const count = candidates.length;
    this.labels = new Int32Array(count * DOMAINS.length);
    this.lots = new Float64Array(count);
    this.out = new Uint8Array(count);
    for (const device of already) this.count(device);
    candidates.forEach((candidate, i) => {
      DOMAINS.forEach((domain, d) => {
        this.labels[i * DOMAINS.length + d] = this.numberOf(d, candidate[domain]);
      });
      this.lots[i] = -Math.log(1 - random()) / (candidate.room * candidate.audit_score ** AUDIT_POWER);
      if (candidate.room < 1 || this.shares(candidate)) this.out[i] = 1;
    });
  }

  /** Takes the best candidate of this kind that the rigour allows; false when there is none. */
  take(rigour: Rigour, kind: Kind): boolean {
    const best = this.best(rigour, kind);
    if (best < 0) return false;
    const device = this.candidates[best] as C;
    this.chosen.push(device);
    if (isAlwaysOn(device)) this.new_always_on++;
    this.count(device);
    this.candidates.forEach((candidate, i) => {
      if (this.out[i] === 0 && (candidate.cluster === device.cluster || (candidate.prefix !== null && candidate.prefix === device.prefix)))
        this.out[i] = 1;
    });
    return true;
  }

  whyMissing(want: number): PlacementReason {
    const have = this.clusters.size;
    const left = this.candidates.filter((_, i) => this.out[i] === 0).length;
    if (left > 0) return { code: 'too_little_variety', have, want, left };
    const full = this.candidates.filter((candidate) => candidate.room < 1 && !this.shares(candidate)).length;
    return full > 0 ? { code: 'too_little_room', have, want, full } : { code: 'too_few_independent_devices', have, want };
  }

  strains(): Strain[] {
    const strains: Strain[] = [];
    DOMAINS.forEach((domain, d) => {
      for (const [label, number] of this.numbers[d] as Map<string, number>) {
        const pieces = this.counts[d]?.[number] ?? 0;
        if (pieces > this.domain_limit) strains.push({ limit: domain, label, pieces, most: this.domain_limit });
      }
    });
    if (this.unvetted > this.unvetted_limit)
      strains.push({ limit: 'unvetted', label: null, pieces: this.unvetted, most: this.unvetted_limit });
    return strains;
  }

  private best(rigour: Rigour, kind: Kind): number {
    const keeps_unvetted = rigour === KEEP_ALL && this.unvetted >= this.unvetted_limit;
    let best = -1;
    let best_excess = Number.POSITIVE_INFINITY;
    let best_shared = Number.POSITIVE_INFINITY;
    let best_lot = Number.POSITIVE_INFINITY;
    for (let i = 0; i < this.candidates.length; i++) {
      if (this.out[i] === 1) continue;
      const candidate = this.candidates[i] as C;
      if (kind !== ANY && isAlwaysOn(candidate) !== (kind === ALWAYS_ON)) continue;
      if (keeps_unvetted && !candidate.vetted) continue;
      let shared = 0;
      let excess = 0;
      for (let d = 0; d < DOMAINS.length; d++) {
        const label = this.labels[i * DOMAINS.length + d] as number;
        const pieces = this.counts[d]?.[label] as number;
        shared += pieces;
        if (label !== NO_LABEL && pieces >= this.domain_limit) excess += pieces + 1 - this.domain_limit;
      }
      if (excess > 0 && rigour !== KEEP_NONE) continue;
      const lot = this.lots[i] as number;
      const better =
        excess !== best_excess ? excess < best_excess : shared !== best_shared ? shared < best_shared : lot < best_lot || best < 0;
      if (!better) continue;
      best = i;
      best_excess = excess;
      best_shared = shared;
      best_lot = lot;
    }
    return best;
  }

  private shares({ cluster, prefix }: Device): boolean {
    return this.clusters.has(cluster) || (prefix !== null && this.prefixes.has(prefix));
  }

  private count(device: Device): void {
    this.clusters.add(device.cluster);
    if (device.prefix !== null) this.prefixes.add(device.prefix);
    if (isAlwaysOn(device)) this.always_on++;
    if (!device.vetted) this.unvetted++;
    DOMAINS.forEach((domain, d) => {
      const number = this.numberOf(d, device[domain]);
      const counts = this.counts[d] as number[];
      counts[number] = (counts[number] as number) + 1;
    });
  }

  private numberOf(d: number, label: string | null): number {
    if (label === null) return NO_LABEL;
    const numbers = this.numbers[d] as Map<string, number>;
    let number = numbers.get(label);
    if (number === undefined) {
      number = numbers.size + 1;
      numbers.set(label, number);
      this.counts[d]?.push(0);
    }
    return number;
  }
}

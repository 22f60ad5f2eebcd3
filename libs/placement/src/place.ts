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

const ALWAYS_ON_BIT = 1;
const VETTED_BIT = 2;

/**
 * Names become numbers once; what each candidate shares with the pieces that are placed is kept up to date with each choice. A broker places thousands of
 * segments among hundreds of devices: choosing is adding up small numbers.
 */
class Choice<C extends Candidate> {
  readonly chosen: C[] = [];
  always_on = 0;
  new_always_on = 0;

  private unvetted = 0;
  private readonly clusters = new Set<string>();
  private readonly prefixes = new Set<string>();
  private readonly labels: readonly Labels[] = DOMAINS.map(() => new Labels());
  /** Of each candidate and domain, the number of its label. */
  private readonly numbers: Int32Array;
  /** Of each candidate: its lot, the lowest goes first; pieces that share its labels; by how much it would go beyond their limits. */
  private readonly lots: Float64Array;
  private readonly shared: Int32Array;
  private readonly excess: Int32Array;
  private readonly bits: Uint8Array;
  private readonly out: Uint8Array;

  constructor(
    private readonly candidates: readonly C[],
    already: readonly Device[],
    random: () => number,
    private readonly domain_limit: number,
    private readonly unvetted_limit: number,
  ) {
    const count = candidates.length;
    this.numbers = new Int32Array(count * DOMAINS.length);
    this.lots = new Float64Array(count);
    this.shared = new Int32Array(count);
    this.excess = new Int32Array(count);
    this.bits = new Uint8Array(count);
    this.out = new Uint8Array(count);
    for (const device of already) {
      this.count(device);
      for (let d = 0; d < DOMAINS.length; d++) this.ofDomain(d).add(this.ofDomain(d).numberOf(labelOf(device, d)));
    }
    for (let i = 0; i < count; i++) {
      const candidate = candidates[i] as C;
      this.lots[i] = -Math.log(1 - random()) / (candidate.room * candidate.audit_score ** AUDIT_POWER);
      this.bits[i] = (isAlwaysOn(candidate) ? ALWAYS_ON_BIT : 0) | (candidate.vetted ? VETTED_BIT : 0);
      if (candidate.room < 1 || this.shares(candidate)) {
        this.out[i] = 1;
        continue;
      }
      for (let d = 0; d < DOMAINS.length; d++) {
        const number = this.ofDomain(d).numberOf(labelOf(candidate, d));
        const pieces = this.ofDomain(d).pieces(number);
        this.numbers[i * DOMAINS.length + d] = number;
        add(this.shared, i, pieces);
        if (number !== NO_LABEL && pieces >= domain_limit) add(this.excess, i, pieces + 1 - domain_limit);
      }
    }
  }

  /** Takes the best candidate of this kind that the rigour allows; false when there is none. */
  take(rigour: Rigour, kind: Kind): boolean {
    let best = this.best(rigour, kind);
    // Who shares an owner or a network with one that was chosen since is only looked for when it would be next.
    while (best >= 0 && this.shares(this.candidates[best] as C)) {
      this.out[best] = 1;
      best = this.best(rigour, kind);
    }
    if (best < 0) return false;
    const { numbers, candidates, shared, excess, out, domain_limit } = this;
    const device = candidates[best] as C;
    out[best] = 1;
    this.chosen.push(device);
    if (isAlwaysOn(device)) this.new_always_on++;
    this.count(device);
    for (let d = 0; d < DOMAINS.length; d++) {
      const number = numbers[best * DOMAINS.length + d] as number;
      const beyond = this.ofDomain(d).add(number) >= domain_limit && number !== NO_LABEL ? 1 : 0;
      for (let i = 0; i < candidates.length; i++) {
        if (numbers[i * DOMAINS.length + d] !== number) continue;
        add(shared, i, 1);
        add(excess, i, beyond);
      }
    }
    return true;
  }

  whyMissing(want: number): PlacementReason {
    const have = this.clusters.size;
    const left = this.candidates.filter((candidate, i) => this.out[i] === 0 && !this.shares(candidate)).length;
    if (left > 0) return { code: 'too_little_variety', have, want, left };
    const full = this.candidates.filter((candidate) => candidate.room < 1 && !this.shares(candidate)).length;
    return full > 0 ? { code: 'too_little_room', have, want, full } : { code: 'too_few_independent_devices', have, want };
  }

  strains(): Strain[] {
    const most = this.domain_limit;
    const strains: Strain[] = DOMAINS.flatMap((limit, d) =>
      this.ofDomain(d)
        .beyond(most)
        .map(([label, pieces]) => ({ limit, label, pieces, most })),
    );
    if (this.unvetted > this.unvetted_limit)
      strains.push({ limit: 'unvetted', label: null, pieces: this.unvetted, most: this.unvetted_limit });
    return strains;
  }

  private best(rigour: Rigour, kind: Kind): number {
    const { lots, shared, excess, bits, out } = this;
    const mask = (kind === ANY ? 0 : ALWAYS_ON_BIT) | (rigour === KEEP_ALL && this.unvetted >= this.unvetted_limit ? VETTED_BIT : 0);
    const asked = (kind === ALWAYS_ON ? ALWAYS_ON_BIT : 0) | (mask & VETTED_BIT);
    const excess_allowed = rigour === KEEP_NONE ? Number.POSITIVE_INFINITY : 0;
    let best = -1;
    for (let i = 0; i < out.length; i++) {
      if (out[i] === 1 || ((bits[i] as number) & mask) !== asked || (excess[i] as number) > excess_allowed) continue;
      if (best >= 0) {
        const by = less(excess, i, best) || less(shared, i, best) || less(lots, i, best);
        if (!(by < 0)) continue;
      }
      best = i;
    }
    return best;
  }

  private ofDomain(d: number): Labels {
    return this.labels[d] as Labels;
  }

  private shares({ cluster, prefix }: Device): boolean {
    return this.clusters.has(cluster) || (prefix !== null && this.prefixes.has(prefix));
  }

  private count(device: Device): void {
    this.clusters.add(device.cluster);
    if (device.prefix !== null) this.prefixes.add(device.prefix);
    if (isAlwaysOn(device)) this.always_on++;
    if (!device.vetted) this.unvetted++;
  }
}

function add(to: Int32Array, i: number, by: number): void {
  to[i] = (to[i] as number) + by;
}

const less = (of: Int32Array | Float64Array, a: number, b: number): number => (of[a] as number) - (of[b] as number);

/** The labels of one domain, numbered as they come, and how many pieces each has. */
class Labels {
  private readonly numbers = new Map<string, number>();
  private readonly counts: number[] = [0];

  numberOf(label: string | null): number {
    if (label === null) return NO_LABEL;
    let number = this.numbers.get(label);
    if (number === undefined) {
      number = this.counts.length;
      this.numbers.set(label, number);
      this.counts.push(0);
    }
    return number;
  }

  pieces(number: number): number {
    return this.counts[number] as number;
  }

  add(number: number): number {
    const pieces = (this.counts[number] as number) + 1;
    this.counts[number] = pieces;
    return pieces;
  }

  beyond(limit: number): [string, number][] {
    const beyond: [string, number][] = [];
    for (const [label, number] of this.numbers) if (this.pieces(number) > limit) beyond.push([label, this.pieces(number)]);
    return beyond;
  }
}

/** By name, not by a computed key: this is read for each candidate of each placement. */
function labelOf(device: Device, d: number): string | null {
  switch (DOMAINS[d] as Domain) {
    case 'provider':
      return device.provider;
    case 'country':
      return device.country;
    case 'os':
      return device.os;
    case 'agent_version':
      return device.agent_version;
  }
}

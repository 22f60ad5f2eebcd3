import { type Offer, OfferIndex, type OwnerRules } from '#auction';

/**
 * The offers of one market in memory. It knows which nodes it has heard news of and must read again; who reads them hands the rows in. Until
 * the first whole reading, and after it was told to forget, it holds nothing.
 */
export class SupplyBook {
  index = new OfferIndex();
  /** Free slots in all. */
  free = 0;
  /** When it was last read whole, on the clock of `performance.now()`. */
  private whole_at_ms: number | undefined;
  /** Between `begin` and `end` news counts that a book which holds nothing could leave out. */
  private reading = false;
  private forgotten = false;
  private nodes = new Set<string>();
  private owners = new Set<string>();
  private readonly rules = new Map<string, OwnerRules>();

  /** Milliseconds since it was last read whole; infinite where it never was. */
  ageAt(now_ms: number): number {
    return this.whole_at_ms === undefined ? Number.POSITIVE_INFINITY : now_ms - this.whole_at_ms;
  }

  /** News of nodes or of all that their owners have. A book that holds nothing and is not being read needs none. */
  mark({ nodes = [], owners = [] }: { nodes?: readonly string[]; owners?: readonly string[] }): void {
    if (this.whole_at_ms === undefined && !this.reading) return;
    for (const node of nodes) this.nodes.add(node);
    for (const owner of owners) this.owners.add(owner);
  }

  forget(): void {
    this.whole_at_ms = undefined;
    this.forgotten = true;
  }

  /** Somebody reads from now on. @returns what has been marked, which thereby is not any more: mark it again if it cannot be read. */
  begin(): { nodes: string[]; owners: string[] } {
    const marks = { nodes: [...this.nodes], owners: [...this.owners] };
    this.nodes.clear();
    this.owners.clear();
    this.reading = true;
    this.forgotten = false;
    return marks;
  }

  end(): void {
    this.reading = false;
  }

  /** Takes in all offers there are. */
  replace(offers: readonly Offer[], now_ms: number): void {
    // A book that is known to be wrong begins anew; one that is only old keeps its order of rows.
    if (this.whole_at_ms === undefined) {
      this.index = new OfferIndex();
      this.rules.clear();
      this.free = 0;
    }
    const present = new Set(offers.map((offer) => offer.id));
    for (const id of this.index.ids.filter((one) => !present.has(one))) this.take(id);
    for (const offer of offers) this.put(offer);
    // Told to forget while it was being read: what was read may be from before.
    if (!this.forgotten) this.whole_at_ms = now_ms;
  }

  /** Takes in what there is of these nodes and owners. @returns whether a clearing could come out otherwise than before. */
  update(of: { nodes: readonly string[]; owners: readonly string[] }, offers: readonly Offer[]): boolean {
    const present = new Set(offers.map((offer) => offer.id));
    const owners = new Set(of.owners);
    const theirs = owners.size === 0 ? [] : this.index.offers.filter((offer) => owners.has(offer.owner)).map((offer) => offer.id);
    let changed = false;
    for (const id of [...of.nodes, ...theirs]) if (!present.has(id) && this.take(id)) changed = true;
    for (const offer of offers) if (this.put(offer)) changed = true;
    return changed;
  }

  private take(id: string): boolean {
    const row = this.index.rowOf(id);
    if (row === undefined) return false;
    this.free -= this.index.offers[row]?.slots ?? 0;
    return this.index.remove(id);
  }

  private put(offer: Offer): boolean {
    const row = this.index.rowOf(offer.id);
    const before = row === undefined ? undefined : this.index.offers[row];
    const next = { ...offer, ...(offer.rules && { rules: this.kept(offer.owner, offer.rules) }) };
    const changed = !before || !sellsAlike(before, next);
    if (!changed && before.leased_until_ms === next.leased_until_ms) return false;
    this.index.put(next);
    this.free += next.slots - (before?.slots ?? 0);
    return changed;
  }

  /** Rules that say the same as an owner's last are those: the auction tells rules apart by identity. */
  private kept(owner: string, rules: OwnerRules): OwnerRules {
    const last = this.rules.get(owner);
    if (last && sameRules(last, rules)) return last;
    this.rules.set(owner, rules);
    return rules;
  }
}

/** Alike in all that a clearing looks at; when its leases end is only told. */
const sellsAlike = (a: Offer, b: Offer): boolean =>
  a.owner === b.owner &&
  a.cluster === b.cluster &&
  a.slots === b.slots &&
  a.reserve_price === b.reserve_price &&
  a.arrival === b.arrival &&
  a.rules === b.rules &&
  a.attributes.region === b.attributes.region &&
  a.attributes.kind === b.attributes.kind &&
  a.attributes.speed === b.attributes.speed &&
  a.attributes.trust === b.attributes.trust &&
  sameList(a.attributes.labels, b.attributes.labels);

const sameRules = (a: OwnerRules, b: OwnerRules): boolean =>
  sameList(a.allow_buyers, b.allow_buyers) && sameList(a.deny_buyers, b.deny_buyers) && sameList(a.workload_classes, b.workload_classes);

const sameList = (a: readonly string[] | undefined, b: readonly string[] | undefined): boolean =>
  a === b || (a !== undefined && b !== undefined && a.length === b.length && a.every((one, i) => one === b[i]));

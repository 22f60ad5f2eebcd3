import { LIVE_LIMITS, type LiveTopic, type Missed } from '#protocol';

/** Events of so long a time become one hint, also where nobody was told for long. */
const GATHER_MS = 25;

/** Somebody who is told. */
export interface Hearer {
  /** @param hints as JSON, joined by commas */
  hint(hints: string): void;
}

/** What is counted of one topic while somebody listens, and for a while after that. */
interface Entry {
  /** Known here by this; the same topic of two people is two. */
  key: string;
  /** As listeners call it. */
  topic: string;
  every_ms: number;
  seq: number;
  told_at_ms: number;
  waits: boolean;
  hearers: Set<Hearer>;
}

export interface TopicsOptions {
  now_ms: () => number;
  later: (ms: number, work: () => void) => void;
  /** What cursors of this process begin with: those of another say nothing here. */
  epoch: string;
}

/**
 * Who listens to what, and what changed. Hints have no content, so that the number of changes is all that must be kept of a topic: whoever
 * comes back with the last number knows whether something was missed. A change of a topic that nobody listens to costs a look into a map.
 */
export class Topics {
  private readonly entries = new Map<string, Entry>();
  /** Of these nobody hears any more, since when; the longest first. */
  private readonly left = new Map<string, number>();
  /** What is told at these times. */
  private readonly due = new Map<number, Entry[]>();

  constructor(private readonly options: TopicsOptions) {}

  /** @param after the cursor with which the hearer left */
  add(hearer: Hearer, key: string, topic: string, { every_ms }: LiveTopic, after: string | undefined): { cursor: string; missed: Missed } {
    this.forget();
    const known = this.entries.get(key);
    const entry = known ?? { key, topic, every_ms, seq: 0, told_at_ms: Number.NEGATIVE_INFINITY, waits: false, hearers: new Set() };
    this.entries.set(key, entry);
    this.left.delete(key);
    entry.hearers.add(hearer);
    return { cursor: this.cursor(entry), missed: this.missed(known, after) };
  }

  remove(hearer: Hearer, key: string): void {
    const entry = this.entries.get(key);
    if (!entry?.hearers.delete(hearer) || entry.hearers.size > 0) return;
    this.left.set(key, this.options.now_ms());
    this.forget();
  }

  changed(key: string): void {
    const entry = this.entries.get(key);
    if (entry) this.count(entry);
  }

  /** Nobody knows what happened: everything may have. */
  allChanged(): void {
    for (const entry of this.entries.values()) this.count(entry);
  }

  private count(entry: Entry): void {
    entry.seq += 1;
    if (entry.waits || entry.hearers.size === 0) return;
    entry.waits = true;
    const now_ms = this.options.now_ms();
    const at_ms = Math.max(now_ms + GATHER_MS, entry.told_at_ms + entry.every_ms);
    const slot = Math.ceil(at_ms / GATHER_MS);
    const others = this.due.get(slot);
    if (others) return void others.push(entry);
    this.due.set(slot, [entry]);
    this.options.later(slot * GATHER_MS - now_ms, () => this.tell(slot));
  }

  private tell(slot: number): void {
    const hints = new Map<Hearer, string[]>();
    const now_ms = this.options.now_ms();
    for (const entry of this.due.get(slot) ?? []) {
      entry.waits = false;
      entry.told_at_ms = now_ms;
      const hint = JSON.stringify({ topic: entry.topic, cursor: this.cursor(entry) });
      for (const hearer of entry.hearers) {
        const its = hints.get(hearer);
        if (its) its.push(hint);
        else hints.set(hearer, [hint]);
      }
    }
    this.due.delete(slot);
    for (const [hearer, its] of hints) hearer.hint(its.join(','));
  }

  private missed(known: Entry | undefined, after: string | undefined): Missed {
    if (after === undefined) return 'nothing';
    if (!known || !after.startsWith(`${this.options.epoch}.`)) return 'unknown';
    return after === this.cursor(known) ? 'nothing' : 'something';
  }

  private cursor({ seq }: Entry): string {
    return `${this.options.epoch}.${seq}`;
  }

  /** Topics without hearers, after a while or when there are too many. */
  private forget(): void {
    const before_ms = this.options.now_ms() - LIVE_LIMITS.remembered_ms;
    for (const [key, at_ms] of this.left) {
      if (at_ms > before_ms && this.left.size <= LIVE_LIMITS.remembered_topics) return;
      this.left.delete(key);
      this.entries.delete(key);
    }
  }
}

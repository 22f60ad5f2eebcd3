import { type Body, isNewer, type Versioned, type WireBody } from '#protocol';
import type { OwnerRules } from './rules.js';

/** Rules that the owner set, on the device or at the heap. */
export interface KeptRules extends Versioned {
  rules: OwnerRules;
  /** Since when they are in force here, ms since 1970. */
  since_ms: number;
}

/** The hold button's last word. */
export interface KeptHold extends Versioned {
  held: boolean;
  /** ms since 1970; null lasts until it is released. */
  until_ms: number | null;
  /** A clock that was set back does not make a hold longer than was asked for. */
  for_ms: number | null;
}

/** What of the owner's word outlives the agent; null of what they have never said. */
export interface KeptWord {
  rules: KeptRules | null;
  hold: KeptHold | null;
}

/** Where the host keeps it. It is called after what was said has taken effect: to write it costs the owner no time. */
export interface WordBook {
  kept: KeptWord;
  keep(word: KeptWord): void;
}

export interface OwnerWordOptions {
  book: WordBook;
  /** While nothing is ruled. */
  rules_by_default: OwnerRules;
  /** Takes no rules from the heap, nor its word against a hold of its own. */
  own_rules_only: boolean;
  /** Rules of the heap's, within what this device allows. */
  bounded(rules: OwnerRules): OwnerRules;
  wall_ms(): number;
}

/**
 * The owner's word has two homes, the device and the heap, and one version: each word raises the highest version that its place knows, the
 * newest counts, and of two that are as new the device's own (ADR 34).
 */
export class OwnerWord {
  private readonly began_ms: number;
  private word: KeptWord;

  constructor(private readonly options: OwnerWordOptions) {
    this.began_ms = options.wall_ms();
    this.word = options.book.kept;
  }

  get rules(): OwnerRules {
    const { rules } = this.word;
    if (rules === null) return this.options.rules_by_default;
    return rules.origin === 'heap' ? this.options.bounded(rules.rules) : rules.rules;
  }

  /** Of a hold that lasts: until when (ms since 1970, null for ever) and for how long yet. */
  get held(): { until_ms: number | null; left_ms: number | null } | null {
    const { hold } = this.word;
    if (!hold?.held) return null;
    if (hold.until_ms === null) return { until_ms: null, left_ms: null };
    const left_ms = Math.min(hold.until_ms - this.options.wall_ms(), hold.for_ms ?? Number.POSITIVE_INFINITY);
    return left_ms > 0 ? { until_ms: hold.until_ms, left_ms } : null;
  }

  /** Who said what is in force, and since when; null where nobody has ruled. */
  get ruled(): KeptRules | null {
    return this.word.rules;
  }

  ruleHere(rules: OwnerRules): void {
    const version = (this.word.rules?.version ?? 0) + 1;
    this.say({ ...this.word, rules: { version, origin: 'device', rules, since_ms: this.options.wall_ms() } });
  }

  holdHere(for_ms: number | null): void {
    this.say({ ...this.word, hold: { ...this.newHold(for_ms), version: (this.word.hold?.version ?? 0) + 1, origin: 'device' } });
  }

  releaseHere(): void {
    if (!this.word.hold?.held) return;
    const version = this.word.hold.version + 1;
    this.say({ ...this.word, hold: { version, origin: 'device', held: false, until_ms: null, for_ms: null } });
  }

  /** The heap's word. @returns what of it is news here. */
  hear(wish: Body<'wish'>): { rules: boolean; hold: boolean } {
    const { own_rules_only, wall_ms } = this.options;
    const rules = wish.rules && { ...wish.rules, origin: 'heap' as const, since_ms: wall_ms() };
    const hold = wish.hold && {
      ...this.newHold(wish.hold.remaining_ms),
      held: wish.hold.held,
      version: wish.hold.version,
      origin: 'heap' as const,
    };
    const is_held_here = this.held !== null && this.word.hold?.origin === 'device';
    const news = {
      rules: rules !== null && !own_rules_only && isNewer(rules, this.word.rules),
      hold: hold !== null && isNewer(hold, this.word.hold) && !(own_rules_only && is_held_here && !hold.held),
    };
    if (news.rules || news.hold) this.say({ rules: news.rules ? rules : this.word.rules, hold: news.hold ? hold : this.word.hold });
    return news;
  }

  /** For the heap. */
  report(): WireBody<'owner'> {
    const { rules, hold } = this.word;
    const now_ms = this.options.wall_ms();
    const left_ms = this.held?.left_ms ?? null;
    return {
      rules: {
        version: rules?.version ?? 0,
        origin: rules?.origin ?? 'device',
        rules: this.rules,
        since_ms: Math.max(0, Math.round(now_ms - (rules?.since_ms ?? this.began_ms))),
      },
      own_rules_only: this.options.own_rules_only,
      hold: hold && {
        version: hold.version,
        origin: hold.origin,
        held: this.held !== null,
        remaining_ms: left_ms === null ? null : Math.ceil(left_ms),
      },
    };
  }

  private newHold(for_ms: number | null): Pick<KeptHold, 'held' | 'until_ms' | 'for_ms'> {
    return { held: true, for_ms, until_ms: for_ms === null ? null : this.options.wall_ms() + for_ms };
  }

  private say(word: KeptWord): void {
    this.word = word;
    this.options.book.keep(word);
  }
}

/** As the owner and the heap read it. */
export const holdSentence = (until_ms: number | null): string =>
  until_ms === null
    ? 'Its owner holds it until they release it.'
    : `Its owner holds it until ${new Date(until_ms).toISOString().slice(0, 16).replace('T', ' ')} UTC.`;

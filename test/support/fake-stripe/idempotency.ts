import { createHash } from 'node:crypto';
import type { FakeClock } from './clock.js';

const KEPT_S = 24 * 3600;

export interface StoredAnswer {
  readonly status: number;
  readonly body: unknown;
}

interface Entry {
  readonly request: string;
  readonly at_s: number;
  answer: StoredAnswer | null;
}

/** Keys are forgotten after a day: who repeats a call later does it again. */
export class IdempotencyStore {
  private readonly entries = new Map<string, Entry>();
  replays = 0;

  constructor(private readonly clock: FakeClock) {}

  /** `new` also reserves the key; it is then answered or released. */
  begin(key: string, request: string): 'new' | 'busy' | 'conflict' | StoredAnswer {
    const known = this.entries.get(key);
    const hash = createHash('sha256').update(request).digest('hex');
    if (!known || this.clock.now_s() - known.at_s >= KEPT_S) {
      this.entries.set(key, { request: hash, at_s: this.clock.now_s(), answer: null });
      return 'new';
    }
    if (known.request !== hash) return 'conflict';
    if (!known.answer) return 'busy';
    this.replays += 1;
    return known.answer;
  }

  answer(key: string, answer: StoredAnswer): void {
    const entry = this.entries.get(key);
    if (entry) entry.answer = answer;
  }

  release(key: string): void {
    this.entries.delete(key);
  }
}

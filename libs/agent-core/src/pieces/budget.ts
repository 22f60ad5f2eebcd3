import type { PieceNotes, PieceStore } from './store.js';
import { NO_NOTES } from './store.js';

const DAY_MS = 86_400_000;

/** What pieces may move over the network in a day (of UTC), and the other things that are kept in the store's notes. */
export class Budget {
  private notes: PieceNotes = NO_NOTES;

  constructor(
    private readonly store: Pick<PieceStore, 'notes' | 'keepNotes'>,
    /** Null where the owner has set no limit. */
    private readonly bytes_per_day: number | null,
    private readonly wall_ms: () => number,
  ) {}

  async open(): Promise<void> {
    this.notes = await this.store.notes();
  }

  get moved_today_bytes(): number {
    return this.notes.day === this.today ? this.notes.moved_bytes : 0;
  }

  allows(bytes: number): boolean {
    return this.bytes_per_day === null || this.moved_today_bytes + bytes <= this.bytes_per_day;
  }

  moved(bytes: number): void {
    this.notes = { ...this.notes, moved_bytes: this.moved_today_bytes + bytes, day: this.today };
  }

  /** Since when (ms since 1970) more is kept than is allotted; of what is no longer so, null. */
  overSince(is_over: boolean): number | null {
    const since = is_over ? (this.notes.over_since_ms ?? this.wall_ms()) : null;
    // A clock that was set back does not lengthen the time.
    this.notes = { ...this.notes, over_since_ms: since === null ? null : Math.min(since, this.wall_ms()) };
    return this.notes.over_since_ms;
  }

  keep(): Promise<void> {
    return this.store.keepNotes(this.notes);
  }

  private get today(): number {
    return Math.floor(this.wall_ms() / DAY_MS);
  }
}

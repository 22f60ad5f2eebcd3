import type { WorkloadClass } from '#units';

/** Captures are booked in groups; asking more often would find nothing new. */
const EVERY_MS = 2_000;
/** A capture becomes its owner's some seconds after the result was confirmed: until then it is asked for again. */
const FOLLOW_MS = 15_000;
/** What went back, or was earned through another tab's life. */
const ANYWAY_MS = 60_000;

/** What of the heap's interface is asked. */
export interface BooksSource {
  device(token: string): Promise<{ work: readonly { lease_id: string; workload_class: WorkloadClass }[] }>;
  earnings(token: string, since: Date): Promise<{ currency: string; earned_micro: string; earned_since_micro: string }>;
}

interface Progress {
  unconfirmed: number;
  tasks_done: number;
}

interface Earned {
  currency: string;
  earned_micro: bigint;
  today_micro: bigint;
}

/** What the heap's books and orders say of this device: asked for when something may have changed, and never while offline. */
export class Books {
  earned: Earned | null = null;
  /** By lease. */
  readonly workload: Map<string, WorkloadClass> = new Map();
  private seen: Progress = { unconfirmed: 0, tasks_done: 0 };
  private asked_ms = Number.NEGATIVE_INFINITY;
  private due = true;
  private follow_until_ms = Number.NEGATIVE_INFINITY;
  private asking = false;

  constructor(
    private readonly http: BooksSource,
    private readonly token: () => string | null,
    private readonly now_ms: () => number,
    private readonly changed: () => void,
  ) {}

  /** Cheap: to be called often. @param lease_ids what the device works on. */
  look(lease_ids: readonly string[], work: Progress): void {
    // Between two looks a result may come and be confirmed.
    if (work.unconfirmed < this.seen.unconfirmed || work.tasks_done > this.seen.tasks_done) this.follow();
    this.seen = { unconfirmed: work.unconfirmed, tasks_done: work.tasks_done };
    const token = this.token();
    if (token === null || this.asking) return;
    const now_ms = this.now_ms();
    const since_ms = now_ms - this.asked_ms;
    const due = this.due || now_ms < this.follow_until_ms || since_ms >= ANYWAY_MS;
    const unknown = lease_ids.some((id) => !this.workload.has(id));
    if (since_ms < EVERY_MS || !(unknown || due)) return;
    this.asking = true;
    this.asked_ms = now_ms;
    void this.ask(token, unknown).finally(() => {
      this.asking = false;
    });
  }

  private follow(): void {
    this.due = true;
    this.follow_until_ms = this.now_ms() + FOLLOW_MS;
  }

  private async ask(token: string, unknown: boolean): Promise<void> {
    try {
      if (unknown) {
        const { work } = await this.http.device(token);
        this.workload.clear();
        for (const { lease_id, workload_class } of work) this.workload.set(lease_id, workload_class);
      }
      if (this.due || !unknown) {
        this.due = false;
        const midnight = new Date();
        midnight.setHours(0, 0, 0, 0);
        const { currency, earned_micro, earned_since_micro } = await this.http.earnings(token, midnight);
        this.earned = { currency, earned_micro: BigInt(earned_micro), today_micro: BigInt(earned_since_micro) };
      }
      this.changed();
    } catch {
      this.due = true; // the connection's own trouble says why
    }
  }
}

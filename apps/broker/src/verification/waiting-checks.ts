import { fitness, LEVEL_RULES } from '#verification';
import type { Taker, WaitingCheck } from './check-claims.store.js';

/** So much of the time goes into reading, at most: what takes 5 ms is read again after 50. */
const READING_SHARE = 0.1;
/** … and no check waits longer for being read. */
const PAUSE_MS_MAX = 250;
/** What was read is believed for so long: nodes come to be trusted meanwhile, and other processes take checks. */
const FRESH_MS = 1_000;

interface Sources {
  /** What waits, and how the nodes of these leases stand. */
  read: (lease_ids: readonly string[]) => Promise<{ waiting: WaitingCheck[]; takers: Taker[] }>;
  /** It was read, and some wait. */
  seen: () => void;
  failed: (error: unknown) => void;
}

/** What of one job waits for nodes, as far as this process knows. */
export class WaitingChecks {
  private waiting: WaitingCheck[] = [];
  private readonly takers = new Map<string, Taker>();
  private takers_at_ms = Number.NEGATIVE_INFINITY;
  /** Leases of which nothing is known yet. */
  private readonly strangers = new Set<string>();
  /** Leases that found nothing among what waits. */
  private readonly without = new Set<string>();
  private told = true;
  private reading = false;
  private read_at_ms = Number.NEGATIVE_INFINITY;
  private cost_ms = 0;
  private asked_at_ms = performance.now();
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly sources: Sources) {}

  /** Whether any lease has asked since. */
  askedSince(at_ms: number): boolean {
    return this.asked_at_ms >= at_ms;
  }

  /** There is more. It is read when a lease asks. */
  tell(): void {
    this.told = true;
  }

  stop(): void {
    clearTimeout(this.timer);
  }

  /** Ids of checks that seem to fit a lease, at most so many; they are nobody else's until they are read again. */
  take(lease_id: string, commits: boolean, limit: number, now_ms: number): string[] {
    const taker = this.takers.get(lease_id);
    this.asked_at_ms = now_ms;
    if (!taker) {
      this.strangers.add(lease_id);
      this.told = true;
    }
    this.look(now_ms);
    if (!taker || this.without.has(lease_id)) return [];
    const taken = this.waiting.filter((check) => (commits || !check.hidden) && isFit(check, taker)).slice(0, limit);
    if (taken.length < limit) this.without.add(lease_id);
    if (taken.length > 0) this.waiting = this.waiting.filter((check) => !taken.includes(check));
    return taken.map(({ id }) => id);
  }

  private look(now_ms: number): void {
    if (this.reading || this.timer || (this.waiting.length === 0 && !this.told)) return;
    const wait_ms = this.read_at_ms + (this.told ? Math.min(PAUSE_MS_MAX, this.cost_ms / READING_SHARE) : FRESH_MS) - now_ms;
    if (wait_ms <= 0) {
      this.reading = true;
      // After all leases that ask in this turn of the event loop.
      setImmediate(() => void this.read());
    } else if (this.told)
      this.timer = setTimeout(() => {
        this.timer = undefined;
        void this.read();
      }, wait_ms).unref();
  }

  private async read(): Promise<void> {
    const from_ms = performance.now();
    const everybody = from_ms - this.takers_at_ms >= FRESH_MS;
    const asked = everybody ? new Set([...this.takers.keys(), ...this.strangers]) : new Set(this.strangers);
    this.reading = true;
    this.told = false;
    this.strangers.clear();
    try {
      const { waiting, takers } = await this.sources.read([...asked]);
      if (everybody) this.takers.clear();
      if (everybody) this.takers_at_ms = from_ms;
      for (const taker of takers) this.takers.set(taker.lease_id, taker);
      this.waiting = waiting;
      this.without.clear();
    } catch (error) {
      this.sources.failed(error);
    }
    this.reading = false;
    this.read_at_ms = performance.now();
    this.cost_ms = this.read_at_ms - from_ms;
    if (this.waiting.length > 0) this.sources.seen();
    if (this.told) this.look(this.read_at_ms);
  }
}

function isFit({ level, clusters }: WaitingCheck, taker: Taker): boolean {
  const candidate = { cluster: taker.cluster, banned: taker.banned, standing: taker, trusted: false, cluster_executions: 0 };
  // Its share of the job is dispatch's to keep.
  const execution = { role: 'other', clusters, cap: Number.POSITIVE_INFINITY } as const;
  return fitness(LEVEL_RULES[level], candidate, execution).kind === 'fit';
}

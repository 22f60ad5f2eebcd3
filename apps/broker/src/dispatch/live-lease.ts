import { LEVEL_RULES } from '#verification';
import type { LeaseGrant } from '../leases/leases.query.js';

/** Tasks that a node should have at hand to keep a slot busy between two deliveries. */
const PREFETCH_MS = 1_000;
const WINDOW_MIN = 2;
const WINDOW_MAX = 512;
/** How much a fresh observation counts against the older ones. */
const SMOOTHING = 0.4;

/** Whether results of a lease are committed to before they are revealed: where two must agree, and its node knows how. */
export const mustCommit = ({ takes_commits }: { takes_commits: boolean }, { level }: Pick<LeaseGrant, 'level'>): boolean =>
  takes_commits && LEVEL_RULES[level].replicas > 1;

/** A lease as the gateway sees it: what is out on it, and how fast it comes back. */
export class LiveLease {
  /** Index → epoch of the tasks that are out. */
  readonly outstanding = new Map<number, number>();
  /** Index → epoch of the tasks whose results its node has committed to and not revealed. */
  readonly committed = new Map<number, number>();
  draining: boolean;
  /** Its cluster has its share of the job: it is given nothing more. */
  over_share = false;
  /** A claim failed in a way that may yet have happened: what is out must be read before more is claimed. */
  unsure = false;
  claim_failed_ms = Number.NEGATIVE_INFINITY;
  feeding = false;
  feed_again = false;
  idle_since_ms: number | null = null;
  /** Reports that are not decided yet, and who waits until all are. */
  private undecided = 0;
  private waiters: (() => void)[] = [];
  private rate_per_ms = 0;
  private reported_at_ms: number;
  private expires_at_ms: number;

  constructor(
    readonly grant: LeaseGrant,
    now_ms: number,
    /** Its node commits to what it finishes before it reveals it. */
    readonly commits = false,
  ) {
    this.draining = grant.state === 'DRAINING';
    this.reported_at_ms = now_ms;
    this.expires_at_ms = now_ms + grant.remaining_ms;
  }

  /** Tasks to have out at a time: enough for the time that a delivery takes, learnt from what comes back. */
  get window(): number {
    return Math.min(WINDOW_MAX, Math.max(WINDOW_MIN, Math.ceil(this.rate_per_ms * PREFETCH_MS)));
  }

  /** It has nothing to do, and gets nothing: its cluster has its share of the job. */
  get is_over_share(): boolean {
    return this.over_share && this.rests;
  }

  /** How many more tasks it should get now; 0 while more than half of the window is still out. */
  get wanted(): number {
    if (this.draining) return 0;
    const missing = this.window - this.outstanding.size;
    return missing >= Math.ceil(this.window / 2) ? missing : 0;
  }

  /** It takes no more tasks, and nothing is out or undecided. */
  get is_done(): boolean {
    return this.draining && this.rests;
  }

  /** Nothing is out, held back or undecided. */
  private get rests(): boolean {
    return this.outstanding.size === 0 && this.committed.size === 0 && this.undecided === 0;
  }

  /** Whether its node has this task, or its result. */
  has(index: number, epoch: number): boolean {
    return this.outstanding.get(index) === epoch || this.committed.get(index) === epoch;
  }

  sent(index: number, epoch: number): void {
    this.outstanding.set(index, epoch);
    this.idle_since_ms = null;
  }

  /** Its node has committed to these: they are finished, and their results held back. */
  sealed(tasks: readonly (readonly [index: number, epoch: number])[], now_ms: number): void {
    const ours = tasks.filter(([index, epoch]) => this.outstanding.get(index) === epoch);
    this.settled(ours, now_ms);
    for (const [index, epoch] of ours) this.committed.set(index, epoch);
  }

  /** Takes tasks off and learns from the time that they took. */
  settled(tasks: readonly (readonly [index: number, epoch: number])[], now_ms: number): void {
    let [count, revealed] = [0, 0];
    for (const [index, epoch] of tasks)
      if (this.outstanding.get(index) === epoch && this.outstanding.delete(index)) count++;
      else if (this.committed.get(index) === epoch && this.committed.delete(index)) revealed++;
    // What was committed to has told its pace by that.
    if (count === 0 && revealed > 0) return;
    const observed = count / Math.max(1, now_ms - this.reported_at_ms);
    this.rate_per_ms = this.rate_per_ms === 0 ? observed : this.rate_per_ms * (1 - SMOOTHING) + observed * SMOOTHING;
    this.reported_at_ms = now_ms;
  }

  /**
   * How long it has had nothing to do. A draining lease asks for no tasks, so that nothing out is idle enough: normally the sweep of
   * leases ends it, unless the database believes in tasks that were never sent.
   */
  idle_ms(now_ms: number): number {
    if (this.committed.size > 0) return 0;
    if (this.draining && this.outstanding.size === 0) this.idle_since_ms ??= now_ms;
    return this.idle_since_ms === null ? 0 : now_ms - this.idle_since_ms;
  }

  reportOpened(): void {
    this.undecided += 1;
  }

  reportDecided(): void {
    this.undecided -= 1;
    if (this.undecided === 0) for (const resolve of this.waiters.splice(0)) resolve();
  }

  /** Resolves when everything that was reported is decided. */
  async allDecided(): Promise<void> {
    if (this.undecided > 0) await new Promise<void>((resolve) => this.waiters.push(resolve));
  }

  renewed(now_ms: number, remaining_ms: number): void {
    this.expires_at_ms = now_ms + remaining_ms;
  }

  remaining_ms(now_ms: number): number {
    return Math.max(0, Math.round(this.expires_at_ms - now_ms));
  }
}

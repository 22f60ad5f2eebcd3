/** A token bucket: how many frames may go out now without breaching the heap's rate. */
export class Pacer {
  private tokens: number;
  private filled_at_ms: number;

  constructor(
    private readonly now_ms: () => number,
    private readonly rate_per_s: number,
    private readonly burst: number,
  ) {
    this.tokens = burst;
    this.filled_at_ms = now_ms();
  }

  /** Each frame costs one, also those that cannot wait. */
  take(): void {
    this.fill();
    this.tokens -= 1;
  }

  /** Zero when a frame that can wait may go now, keeping a tenth of the burst for those that cannot. */
  get wait_ms(): number {
    this.fill();
    const missing = 1 + this.burst / 10 - this.tokens;
    return missing <= 0 ? 0 : Math.ceil((missing * 1_000) / this.rate_per_s);
  }

  private fill(): void {
    const now = this.now_ms();
    this.tokens = Math.min(this.burst, this.tokens + ((now - this.filled_at_ms) * this.rate_per_s) / 1_000);
    this.filled_at_ms = now;
  }
}

/** Allows `rate_per_s` with bursts; the clock is the caller's, in ms. */
export class TokenBucket {
  private tokens: number;
  private at_ms: number;

  constructor(
    private readonly rate_per_s: number,
    private readonly burst: number,
    now_ms: number,
  ) {
    this.tokens = burst;
    this.at_ms = now_ms;
  }

  take(now_ms: number): boolean {
    this.tokens = Math.min(this.burst, this.tokens + ((now_ms - this.at_ms) / 1_000) * this.rate_per_s);
    this.at_ms = now_ms;
    if (this.tokens < 1) return false;
    this.tokens -= 1;
    return true;
  }
}

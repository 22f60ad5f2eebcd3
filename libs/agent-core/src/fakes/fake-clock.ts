import type { Cancel, Clock } from '../ports.js';

/** Lets everything that waits for nothing but its turn have it. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 2; i++) await new Promise<void>((resolve) => setImmediate(resolve));
}

/** Time that passes when the test says so. */
export class FakeClock implements Clock {
  private time_ms = 0;
  private readonly timers = new Set<{ at_ms: number; run: () => void }>();

  now_ms = () => this.time_ms;
  wall_ms = () => Date.UTC(2026, 0, 1) + this.time_ms;

  after = (delay_ms: number, run: () => void): Cancel => {
    const timer = { at_ms: this.time_ms + Math.max(0, delay_ms), run };
    this.timers.add(timer);
    return () => this.timers.delete(timer);
  };

  get pending(): number {
    return this.timers.size;
  }

  async advance(by_ms: number): Promise<void> {
    const until_ms = this.time_ms + by_ms;
    await settle();
    for (;;) {
      let next: { at_ms: number; run: () => void } | undefined;
      for (const timer of this.timers) if (timer.at_ms <= until_ms && (!next || timer.at_ms < next.at_ms)) next = timer;
      if (!next) break;
      this.timers.delete(next);
      this.time_ms = Math.max(this.time_ms, next.at_ms);
      next.run();
      await settle();
    }
    this.time_ms = until_ms;
  }
}

/** How many of the last ones are remembered. */
const REMEMBERED = 256;

export interface GiveBackTimes {
  count: number;
  last_ms: number;
  p50_ms: number;
  p99_ms: number;
}

/** How long it took, each time, from the owner's or the rules' word until nothing of the heap ran on this device any more. */
export class GiveBacks {
  private readonly times_ms: number[] = [];
  private count = 0;

  add(time_ms: number): void {
    this.count += 1;
    this.times_ms.push(time_ms);
    if (this.times_ms.length > REMEMBERED) this.times_ms.shift();
  }

  get times(): GiveBackTimes | null {
    const last_ms = this.times_ms.at(-1);
    if (last_ms === undefined) return null;
    const sorted = [...this.times_ms].sort((a, b) => a - b);
    const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] as number;
    return { count: this.count, last_ms, p50_ms: at(0.5), p99_ms: at(0.99) };
  }
}

/** Lets everybody do something so often in a while, counted in this process. */
export class FewAWhile {
  private readonly done = new Map<string, number[]>();

  constructor(
    private readonly most: number,
    private readonly while_ms: number,
    private readonly now_ms: () => number = () => performance.now(),
  ) {}

  /** @returns whether it may be done once more now, and counts it if so. */
  take(who: string): boolean {
    const now = this.now_ms();
    const times = (this.done.get(who) ?? []).filter((at) => now - at < this.while_ms);
    if (times.length >= this.most) return false;
    // A bound against crowds: forgetting somebody's tries lets them try again.
    if (this.done.size >= 10_000) this.done.delete(this.done.keys().next().value ?? '');
    this.done.set(who, [...times, now]);
    return true;
  }
}

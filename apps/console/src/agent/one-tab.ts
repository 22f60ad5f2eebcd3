/** One agent runs in all tabs of a browser; the tab that has it keeps a lock, which the browser opens when the tab is gone, however it went. */
export class OneTab {
  private release: (() => void) | null = null;
  private readonly giving_up = new AbortController();

  constructor(
    private readonly locks: LockManager,
    private readonly name: string,
  ) {}

  /** @param begin runs once this tab is the one. @param elsewhere runs when it has to wait for that. */
  async take(begin: () => void, elsewhere: () => void): Promise<void> {
    const hold = () =>
      new Promise<void>((resolve) => {
        this.release = resolve;
        begin();
      });
    const had = await this.locks.request(this.name, { ifAvailable: true }, async (lock) => {
      if (lock !== null) await hold();
      return lock !== null;
    });
    if (had || this.giving_up.signal.aborted) return;
    elsewhere();
    // Aborted, it never was this tab's turn.
    await this.locks.request(this.name, { signal: this.giving_up.signal }, hold).catch(() => undefined);
  }

  give(): void {
    this.giving_up.abort();
    this.release?.();
  }
}

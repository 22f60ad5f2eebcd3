/** Keeps the screen on while it is wanted; the browser lets go whenever the page is hidden, and it is asked for again afterwards. */
export class WakeLock {
  private held: WakeLockSentinel | null = null;
  private wanted = false;
  private asking = false;

  constructor(
    private readonly browser: Navigator,
    private readonly changed: () => void,
  ) {}

  get on(): boolean {
    return this.held !== null;
  }

  want(wanted: boolean): void {
    this.wanted = wanted;
    if (!wanted) void this.held?.release();
    else if (this.held === null && !this.asking) void this.ask();
  }

  private async ask(): Promise<void> {
    this.asking = true;
    // Refused while the page is hidden, or the battery is low: the next change asks again.
    const lock = await this.browser.wakeLock?.request('screen').catch(() => null);
    this.asking = false;
    if (!lock) return;
    this.held = lock;
    lock.addEventListener('release', () => {
      this.held = null;
      this.changed();
    });
    if (this.wanted) this.changed();
    else void lock.release();
  }
}

/** What tells that somebody uses the device through this page. A gamepad's buttons come as the keys that the page makes of them. */
const INPUTS = ['pointerdown', 'pointermove', 'keydown', 'wheel', 'touchstart'] as const;
/** What tells that the page came to the front or left it. */
const WINDOW_CHANGES = ['focus', 'blur', 'pageshow', 'pagehide'] as const;

/** Whom the device serves at the moment: whether this page is in front, and when somebody last touched it. */
export class Attention {
  /** Whoever opened the page touched the device. */
  private touched_ms: number;

  constructor(
    private readonly page: Window,
    private readonly now_ms: () => number,
  ) {
    this.touched_ms = now_ms();
  }

  /** @param changed is told at once of what ends work; that a page is quiet again shows at the next look. */
  watch(changed: () => void): void {
    const { document } = this.page;
    document.addEventListener('visibilitychange', changed);
    for (const event of WINDOW_CHANGES) this.page.addEventListener(event, changed);
    for (const event of INPUTS) {
      this.page.addEventListener(
        event,
        () => {
          const first = this.idle_ms > SAME_TOUCH_MS;
          this.touched_ms = this.now_ms();
          if (first) changed();
        },
        { capture: true, passive: true },
      );
    }
  }

  /** Visible, and the window that the owner is in. */
  get in_front(): boolean {
    return this.page.document.visibilityState === 'visible' && this.page.document.hasFocus();
  }

  get idle_ms(): number {
    return this.now_ms() - this.touched_ms;
  }
}

/** A moving finger sends hundreds of events: one look is enough for so long. */
const SAME_TOUCH_MS = 500;

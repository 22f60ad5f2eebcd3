import { Repetition } from './repetition.js';

interface TurnsOptions {
  /** Between two looks for what no event told of. */
  readonly look_ms: number;
  /** After so long without a turn that found something, `idle` is called, once. No turn is taken meanwhile. */
  readonly idle_ms: number;
  /** One portion of work. After false (nothing to do, or nothing that can be done now) the next comes with a `wake` or a look. */
  readonly turn: (signal: AbortSignal) => Promise<boolean>;
  readonly idle: () => Promise<void>;
  readonly failed: (error: unknown) => void;
}

/** A worker that takes turns, one after the other, as long as there is work; woken by events, and looking by itself now and then. */
export class Turns {
  private readonly stopping = new AbortController();
  private readonly looks: Repetition;
  private working: Promise<void> | null = null;
  private started = false;
  private again = false;
  private used_at_ms = Number.POSITIVE_INFINITY;

  constructor(private readonly options: TurnsOptions) {
    this.looks = new Repetition(options.look_ms, () => this.look(), options.failed);
  }

  start(): void {
    this.started = true;
    this.looks.start();
  }

  /** The turn that is being taken ends first; it is told by its signal. */
  async stop(): Promise<void> {
    this.looks.stop();
    this.stopping.abort();
    await this.working;
  }

  /** There may be work. Nothing before `start` and after `stop`. */
  wake(): void {
    if (!this.started || this.stopping.signal.aborted) return;
    this.again = true;
    this.run(() => this.work());
  }

  private async look(): Promise<void> {
    this.wake();
    await this.working;
    if (performance.now() - this.used_at_ms <= this.options.idle_ms) return;
    this.used_at_ms = Number.POSITIVE_INFINITY;
    this.run(this.options.idle);
    await this.working;
  }

  private run(deed: () => Promise<void>): void {
    this.working ??= deed()
      .catch(this.options.failed)
      .finally(() => {
        this.working = null;
        if (this.again) this.wake();
      });
  }

  private async work(): Promise<void> {
    const { signal } = this.stopping;
    while (this.again && !signal.aborted) {
      this.again = false;
      while (!signal.aborted && (await this.options.turn(signal))) this.used_at_ms = performance.now();
    }
  }
}

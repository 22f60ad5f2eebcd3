import { HeapError } from '#units';

/** Lets so many pieces of work go on at a time and so many wait for their turn; more are sent away. */
export class Turns {
  private running = 0;
  private readonly waiting: (() => void)[] = [];

  constructor(
    private readonly running_max: number,
    private readonly waiting_max: number,
  ) {}

  /** @throws HeapError `unavailable`, and whatever the work throws. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.running < this.running_max) this.running++;
    else if (this.waiting.length < this.waiting_max) await new Promise<void>((resolve) => this.waiting.push(resolve));
    else throw new HeapError('unavailable', 'Too many modules are being checked at present: try again in some seconds.', 'platform');
    try {
      return await work();
    } finally {
      // Whoever waits takes over the place, so that nobody who comes now can slip in before.
      const next = this.waiting.shift();
      if (next) next();
      else this.running--;
    }
  }
}

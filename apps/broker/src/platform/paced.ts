interface Waiting {
  run: () => void;
}

/**
 * Runs short pieces of work in the order of asking, at most so many milliseconds of each turn of the event loop: what comes in crowds and
 * costs much leaves room for what others do in between.
 */
export class Paced {
  private waiting: Waiting[] = [];
  private due = false;

  constructor(
    private readonly turn_ms: number,
    private readonly now_ms: () => number = () => performance.now(),
  ) {}

  run<T>(work: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      this.waiting.push({
        run: () => {
          try {
            resolve(work());
          } catch (error) {
            reject(error);
          }
        },
      });
      this.soon();
    });
  }

  private soon(): void {
    if (this.due) return;
    this.due = true;
    setImmediate(() => this.turn());
  }

  private turn(): void {
    const until_ms = this.now_ms() + this.turn_ms;
    let done = 0;
    do {
      this.waiting[done]?.run();
      done += 1;
    } while (done < this.waiting.length && this.now_ms() < until_ms);
    this.waiting = this.waiting.slice(done);
    this.due = false;
    if (this.waiting.length > 0) this.soon();
  }
}

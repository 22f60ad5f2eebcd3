/** Work that is done again and again, each time so long after the last one ended. One that failed is told of, and the next comes all the same. */
export class Repetition {
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly every_ms: number,
    private readonly work: () => Promise<void>,
    private readonly failed: (error: unknown) => void,
  ) {}

  start(): void {
    this.timer = setTimeout(() => {
      this.work()
        .catch(this.failed)
        .finally(() => this.timer && this.start());
    }, this.every_ms);
  }

  /** What is being done goes on to its end; nothing follows it. */
  stop(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }
}

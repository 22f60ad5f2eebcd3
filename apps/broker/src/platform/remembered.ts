/** Something that is costly to read and shown to many: read at most once in so long, by one reader, however many ask. */
export class Remembered<T> {
  private until_ms = Number.NEGATIVE_INFINITY;
  private value: Promise<T> | undefined;

  constructor(
    private readonly for_ms: number,
    private readonly read: () => Promise<T>,
    private readonly now_ms: () => number = () => performance.now(),
  ) {}

  /** A reading that failed is not remembered. */
  get(): Promise<T> {
    if (this.value && this.until_ms > this.now_ms()) return this.value;
    const reading = this.read();
    this.value = reading;
    this.until_ms = Number.POSITIVE_INFINITY;
    reading.then(
      () => {
        if (this.value === reading) this.until_ms = this.now_ms() + this.for_ms;
      },
      () => {
        if (this.value === reading) this.value = undefined;
      },
    );
    return reading;
  }
}

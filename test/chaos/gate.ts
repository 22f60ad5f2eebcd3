/** Inputs that are let out little by little, so that a job is neither over before the last kill nor idle at any. */
export class Gate<T> {
  #open = 0;
  #wake: () => void = () => {};

  constructor(private readonly inputs: readonly T[]) {}

  /** Lets out the inputs before this place. */
  openTo(place: number): void {
    this.#open = Math.max(this.#open, place);
    this.#wake();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T> {
    for (const [place, input] of this.inputs.entries()) {
      while (place >= this.#open)
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      yield input;
    }
  }
}

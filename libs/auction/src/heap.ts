/** Whole numbers by key, the least key first; equal keys in the order of the numbers. */
export class Heap {
  readonly #keys: number[] = [];
  readonly #items: number[] = [];

  push(key: number, item: number): void {
    let at = this.#keys.length;
    while (at > 0) {
      const parent = (at - 1) >>> 1;
      if (!this.#before(key, item, parent)) break;
      this.#keys[at] = this.#keys[parent] as number;
      this.#items[at] = this.#items[parent] as number;
      at = parent;
    }
    this.#keys[at] = key;
    this.#items[at] = item;
  }

  /** The key of what `pop` would return; Infinity when there is nothing. */
  get least(): number {
    return this.#keys[0] ?? Infinity;
  }

  /** @returns −1 when there is nothing. */
  pop(): number {
    const top = this.#items[0];
    if (top === undefined) return -1;
    const key = this.#keys.pop() as number;
    const item = this.#items.pop() as number;
    const size = this.#keys.length;
    if (size === 0) return top;
    let at = 0;
    for (let child = 1; child < size; child = 2 * at + 1) {
      if (child + 1 < size && this.#before(this.#keys[child + 1] as number, this.#items[child + 1] as number, child)) child++;
      if (this.#before(key, item, child)) break;
      this.#keys[at] = this.#keys[child] as number;
      this.#items[at] = this.#items[child] as number;
      at = child;
    }
    this.#keys[at] = key;
    this.#items[at] = item;
    return top;
  }

  #before(key: number, item: number, at: number): boolean {
    const other = this.#keys[at] as number;
    return key < other || (key === other && item < (this.#items[at] as number));
  }
}

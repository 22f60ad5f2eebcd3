/**
 * Straight runs of code and what they cost. Every run is paid when it is entered. A small run is paid together with the run that always
 * comes before it: a few units too much on one path is cheaper for everyone than counting twice.
 */
export class Segments {
  count = 0;
  private cost = new Int32Array(256);
  private dominator = new Int32Array(256);
  private payer = new Int32Array(256);
  private borrowed = new Int32Array(256);

  clear(): void {
    this.count = 0;
  }

  /** `dominator`: a run that always comes first and belongs to the same loop, or -1. */
  open(dominator: number): number {
    if (this.count === this.cost.length) {
      this.cost = larger(this.cost);
      this.dominator = larger(this.dominator);
      this.payer = larger(this.payer);
      this.borrowed = larger(this.borrowed);
    }
    this.cost[this.count] = 0;
    this.dominator[this.count] = dominator;
    return this.count++;
  }

  add(segment: number, fuel: number): void {
    (this.cost[segment] as number) += fuel;
  }

  costOf(segment: number): number {
    return this.cost[segment] as number;
  }

  /** Runs of at most this much fuel join their dominator, as long as it has not taken in more than `MERGED_AT_MOST`. */
  merge(): void {
    for (let i = 0; i < this.count; i++) {
      this.payer[i] = i;
      this.borrowed[i] = 0;
      const dominator = this.dominator[i] as number;
      const cost = this.cost[i] as number;
      if (dominator < 0 || cost > MERGED_EACH) continue;
      const payer = this.payer[dominator] as number;
      if ((this.borrowed[payer] as number) + cost > MERGED_AT_MOST) continue;
      (this.borrowed[payer] as number) += cost;
      (this.cost[payer] as number) += cost;
      this.cost[i] = 0;
      this.payer[i] = payer;
    }
  }
}

const MERGED_EACH = 16;
const MERGED_AT_MOST = 48;

function larger(array: Int32Array): Int32Array<ArrayBuffer> {
  const copy = new Int32Array(array.length * 2);
  copy.set(array);
  return copy;
}

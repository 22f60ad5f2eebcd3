/** What `rewrite` inserts into a body, in order of position. */
export const EVENT = {
  /** `a`: the segment to pay for. */
  charge: 0,
  /** The same at a loop head, where the sign is checked too. */
  chargeLoop: 1,
  /** The value on top was just computed or is about to be seen; `b` is not 0 when it must be canonicalised: the kind of its lanes (LANES). */
  canon32: 2,
  canon64: 3,
  /** The function is left, or is about to trap on purpose: the global must be exact. */
  settle: 4,
  /** A call follows; `a` is 1 when the local fuel must be written out first. */
  call: 5,
  /** Fuel is read back after calls. */
  reload: 6,
  /** The length of a bulk operation is on top; `a` is the shift that turns it into fuel. */
  bulk: 7,
  /** `memory.grow` becomes a call of the helper. */
  grow: 8,
  /** Bytes up to `a` can never run and are left out. */
  drop: 9,
  /** Like canon32 for a vector. */
  canon128: 10,
} as const;

const STRIDE = 4;

/** The plan of one function; reused for the next. */
export class Plan {
  count = 0;
  private rows = new Int32Array(4096);

  /** Locals of the original, parameters included. */
  locals = 0;
  vector_locals = 0;
  operands_max = 0;
  /** An operand may be a vector. */
  vectors = false;
  calls = false;
  loops = 0;
  bulk = false;
  /** A branch leaves by the function's own label, so that its end needs a block to land in. */
  branches_to_end = false;
  /** The global holds the fuel when the end is reached. */
  ends_stale = false;
  ends_dead = false;

  clear(): void {
    this.count = 0;
    this.operands_max = 0;
    this.calls = false;
    this.loops = 0;
    this.bulk = false;
    this.branches_to_end = false;
    this.ends_stale = false;
    this.ends_dead = false;
  }

  add(kind: number, at: number, a = 0, b = 0): number {
    const row = this.count * STRIDE;
    if (row + STRIDE > this.rows.length) {
      const rows = new Int32Array(this.rows.length * 2);
      rows.set(this.rows);
      this.rows = rows;
    }
    this.rows[row] = kind;
    this.rows[row + 1] = at;
    this.rows[row + 2] = a;
    this.rows[row + 3] = b;
    return this.count++;
  }

  kind(i: number): number {
    return this.rows[i * STRIDE] as number;
  }
  at(i: number): number {
    return this.rows[i * STRIDE + 1] as number;
  }
  a(i: number): number {
    return this.rows[i * STRIDE + 2] as number;
  }
  b(i: number): number {
    return this.rows[i * STRIDE + 3] as number;
  }
  enable(i: number, kind: number): void {
    this.rows[i * STRIDE + 3] = kind;
  }
}

import { LANES } from './simd.js';

/**
 * Which results must be made canonical. The specification leaves the bits of a computed NaN to the engine (0/0 is fff8… on x64, 7ff8… on
 * arm64). They matter only where they can be seen: in memory, as an integer, in another function. Everything between is left alone.
 *
 * The analysis is a graph per function. A node is a value: a computed float or vector of floats, the joint contents of a local over the whole
 * function, or a mix of others. An edge says "its bits come from". What is observed is demanded, and demand flows along the edges to the
 * instructions that made the values. Within a straight run of code a local's last value is known exactly; only what outlives the run enters
 * its joint node.
 *
 * A demand names kinds of lanes: a vector of f32 that is read as f64 lanes shows the bits of its NaNs, read as f32 lanes it does not (simd.ts
 * says which instruction demands what). Scalars are lanes of their own kind.
 *
 * A local observed outside the loop that computes it (a sum stored after its loop) is canonicalised where it is observed instead: once. That
 * is right only for a local that never holds anything but computed floats of one kind and constants: the bits of a NaN that was read from
 * memory are the program's own and must be kept.
 */
export class NanFlow {
  /** Nodes 1 to `locals` are the joint contents of the locals; 0 is a value whose bits are the same everywhere. */
  private nodes = 0;
  private event = new Int32Array(1024);
  /** Kinds of lanes (LANES) computed at the node; of a local, of all that is ever written to it. */
  private kinds = new Uint8Array(1024);
  private demanded = new Uint8Array(1024);
  private firstEdge = new Int32Array(1024);
  private edges = 0;
  private edgeTo = new Int32Array(1024);
  private edgeNext = new Int32Array(1024);

  private followed: Uint8Array = new Uint8Array(64);
  private known = new Int32Array(64);
  private knownIn = new Int32Array(64);
  private deepestSet = new Int32Array(64);
  /** 1 for a local that may hold bits that are the program's own. */
  private foreign = new Uint8Array(64);
  /** A value that cannot be a NaN, whichever lanes it is read in. */
  number = 0;
  private dirty: number[] = [];
  private run = 0;

  private work: number[] = [];
  private lateUses: { node: number; event: number; loop_depth: number }[] = [];

  /** `followed`: 1 for every local that holds a float or a vector. */
  begin(followed: Uint8Array, params: number): void {
    const locals = followed.length;
    if (this.known.length < locals) {
      this.known = new Int32Array(locals);
      this.knownIn = new Int32Array(locals);
      this.deepestSet = new Int32Array(locals);
      this.foreign = new Uint8Array(locals);
    }
    this.followed = followed;
    this.knownIn.fill(0, 0, locals);
    this.deepestSet.fill(-1, 0, locals);
    this.foreign.fill(0, 0, locals);
    this.foreign.fill(1, 0, params);
    this.nodes = 0;
    this.edges = 0;
    this.run = 1;
    this.dirty.length = 0;
    this.work.length = 0;
    this.lateUses.length = 0;
    for (let i = 0; i < locals; i++) this.node(-1, LANES.none);
    this.number = this.node(-1, LANES.none);
  }

  private node(event: number, kind: number): number {
    const id = ++this.nodes;
    if (id >= this.event.length) {
      this.event = grown(this.event);
      this.firstEdge = grown(this.firstEdge);
      this.demanded = grownBytes(this.demanded);
      this.kinds = grownBytes(this.kinds);
    }
    this.event[id] = event;
    this.kinds[id] = kind;
    this.firstEdge[id] = 0;
    this.demanded[id] = 0;
    return id;
  }

  private edge(from: number, to: number): void {
    const id = ++this.edges;
    if (id >= this.edgeTo.length) {
      this.edgeTo = grown(this.edgeTo);
      this.edgeNext = grown(this.edgeNext);
    }
    this.edgeTo[id] = to;
    this.edgeNext[id] = this.firstEdge[from] as number;
    this.firstEdge[from] = id;
  }

  /** A float, or a vector of floats of one kind, that the engine computed; `event` is where its canonicalisation would go. */
  made(event: number, kind: number): number {
    return this.node(event, kind);
  }

  private isOwn(node: number): boolean {
    return node === 0 || node === this.number;
  }

  /** A value that is one of two, or takes bits of both. */
  joined(a: number, b: number): number {
    if (a === b) return a;
    if (this.isOwn(a) && this.isOwn(b)) return 0;
    const id = this.node(-1, LANES.none);
    if (!this.isOwn(a)) this.edge(id, a);
    if (!this.isOwn(b)) this.edge(id, b);
    return id;
  }

  /** A value with the bits of another, changed: canonicalising it later would not be the same as canonicalising the other first. */
  changed(a: number): number {
    if (this.isOwn(a)) return a;
    const id = this.node(-1, LANES.none);
    this.edge(id, a);
    return id;
  }

  readLocal(local: number): number {
    if (!this.followed[local]) return 0;
    return this.knownIn[local] === this.run ? (this.known[local] as number) : local + 1;
  }

  writeLocal(local: number, node: number, loop_depth: number): void {
    if (!this.followed[local]) return;
    this.known[local] = node;
    this.knownIn[local] = this.run;
    if (node === this.number) return;
    if (node === 0 || this.event[node] === -1) this.foreign[local] = 1;
    if (node === 0) return;
    const kinds = (this.kinds[local + 1] as number) | (this.kinds[node] as number);
    this.kinds[local + 1] = kinds;
    if (kinds === LANES.both) this.foreign[local] = 1;
    this.dirty.push(local);
    if (loop_depth > (this.deepestSet[local] as number)) this.deepestSet[local] = loop_depth;
  }

  /** Control may go elsewhere from here: what the locals hold becomes part of their joint contents. */
  leave(): void {
    for (const local of this.dirty) {
      const node = this.known[local] as number;
      if (node !== 0 && node !== this.number && node !== local + 1) this.edge(local + 1, node);
    }
    this.dirty.length = 0;
  }

  /** Control may come from elsewhere: nothing is known exactly any more. */
  join(): void {
    this.run++;
  }

  /** Where a NaN computed in lanes of these kinds reaches the node, it must be canonical. */
  demand(node: number, kinds: number): void {
    const before = this.demanded[node] as number;
    if (node === 0 || (before | kinds) === before) return;
    this.demanded[node] = before | kinds;
    this.work.push(node);
  }

  /** Is canonicalising at the use worth an event? Values made right here are canonicalised where they are made. */
  isMixed(node: number): boolean {
    return node !== 0 && node !== this.number && this.event[node] === -1;
  }

  useLate(node: number, event: number, loop_depth: number): void {
    this.lateUses.push({ node, event, loop_depth });
  }

  /** Spreads demand; calls `on` with every event that must happen, and with the kind of lanes. */
  solve(on: (event: number, kind: number) => void): void {
    const locals = this.followed.length;
    const late = this.lateUses.filter(({ node, loop_depth }) => {
      if (node <= locals && !this.foreign[node - 1] && loop_depth <= (this.deepestSet[node - 1] as number)) return true;
      this.demand(node, LANES.both);
      return false;
    });
    for (let node = this.work.pop(); node !== undefined; node = this.work.pop()) {
      const event = this.event[node] as number;
      const kinds = this.demanded[node] as number;
      const kind = this.kinds[node] as number;
      if (event >= 0 && kinds & kind) on(event, kind);
      for (let id = this.firstEdge[node] as number; id !== 0; id = this.edgeNext[id] as number)
        this.demand(this.edgeTo[id] as number, kinds);
    }
    for (const { node, event } of late) {
      const kind = this.kinds[node] as number;
      if (kind !== LANES.none && !((this.demanded[node] as number) & kind)) on(event, kind);
    }
  }
}

function grown(array: Int32Array): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(array.length * 2);
  larger.set(array);
  return larger;
}

function grownBytes(array: Uint8Array): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(array.length * 2);
  larger.set(array);
  return larger;
}

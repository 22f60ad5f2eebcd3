/** Between the challenge and the welcome at the same time. */
const INSIDE_MAX = 4_096;
/** Of these, from one network address: whoever comes from another finds a place. A balancer's address is that of many. */
const OF_ADDRESS_MAX = 3_072;
/** Held until there is a place. */
const WAITING_MAX = 20_000;
/** An agent gives up on a heap that says nothing for 10 s. */
const WAIT_MS = 8_000;

export interface DoorLimits {
  inside: number;
  of_address: number;
  waiting: number;
  wait_ms: number;
}

const LIMITS: DoorLimits = { inside: INSIDE_MAX, of_address: OF_ADDRESS_MAX, waiting: WAITING_MAX, wait_ms: WAIT_MS };

interface Waiting {
  since_ms: number;
  called: (has_place: boolean) => void;
}

export interface Entry {
  /** False when the heap is too busy, or `leave` was called before. */
  admitted: Promise<boolean>;
  /** Gives the place back, or the wait up; more than once is as good as once. */
  leave: () => void;
}

/**
 * Who may introduce themselves now. A crowd is held without a word, which costs a socket and no more, and let in address by address in
 * turn, so that one that sends many delays only itself. Nobody waits for longer than its agent would.
 */
export class Door {
  private inside = 0;
  private held = 0;
  private readonly insideOf = new Map<string, number>();
  /** By address, in the order in which addresses have their turn. */
  private readonly waiting = new Map<string, Set<Waiting>>();

  constructor(
    private readonly limits: DoorLimits = LIMITS,
    private readonly now_ms: () => number = () => performance.now(),
  ) {}

  enter(address: string): Entry {
    let leave = () => {};
    const admitted = new Promise<boolean>((resolve) => {
      if (this.held >= this.limits.waiting) return resolve(false);
      const waiting: Waiting = {
        since_ms: this.now_ms(),
        called: (has_place) => {
          leave = has_place ? this.place(address) : () => {};
          resolve(has_place);
        },
      };
      leave = () => {
        this.forget(address, waiting);
        resolve(false);
      };
      const queue = this.waiting.get(address) ?? new Set();
      this.waiting.set(address, queue.add(waiting));
      this.held += 1;
      this.call();
    });
    return { admitted, leave: () => leave() };
  }

  private forget(address: string, waiting: Waiting): void {
    const queue = this.waiting.get(address);
    if (!queue?.delete(waiting)) return;
    this.held -= 1;
    if (queue.size === 0) this.waiting.delete(address);
  }

  /** Lets in who can be. */
  private call(): void {
    for (const [address, queue] of this.waiting) {
      if (this.inside >= this.limits.inside) return;
      if ((this.insideOf.get(address) ?? 0) >= this.limits.of_address) continue;
      const [next] = queue;
      if (!next) continue;
      this.forget(address, next);
      // The others have their turn before this address has it again.
      if (queue.size > 0 && this.waiting.delete(address)) this.waiting.set(address, queue);
      next.called(this.now_ms() - next.since_ms <= this.limits.wait_ms);
    }
  }

  private place(address: string): () => void {
    this.inside += 1;
    this.insideOf.set(address, (this.insideOf.get(address) ?? 0) + 1);
    let left = false;
    return () => {
      if (left) return;
      left = true;
      this.inside -= 1;
      const others = (this.insideOf.get(address) ?? 1) - 1;
      if (others === 0) this.insideOf.delete(address);
      else this.insideOf.set(address, others);
      this.call();
    };
  }
}

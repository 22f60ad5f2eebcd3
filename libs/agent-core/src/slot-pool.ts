import type { SandboxSlot } from '#sandbox';
import { HeapError, type SlotClass } from '#units';
import type { Bounds } from './bounds.js';
import type { Cancel, Capacity, Ports } from './ports.js';

/** A slot in use, with what the next user wants to know of it. */
export interface Place {
  readonly slot: SandboxSlot;
  readonly slot_class: SlotClass;
  module_hash: string | null;
}

interface Idle {
  place: Place;
  cancelClose: Cancel;
}

/** The sandboxes of this device: opened when first needed, kept warm for a while, closed when nobody wants them. */
export class SlotPool {
  private readonly limit = new Map<SlotClass, number>();
  private readonly in_use = new Map<SlotClass, number>();
  private readonly idle: Idle[] = [];
  /** Their processes still end. */
  private readonly closing = new Set<Promise<void>>();
  private readonly waiting: { slot_class: SlotClass; wake: () => void }[] = [];

  constructor(
    capacity: readonly Capacity[],
    private readonly ports: Pick<Ports, 'openSlot' | 'clock' | 'log'>,
    private readonly bounds: Bounds,
  ) {
    for (const { slot_class, count } of capacity) this.limit.set(slot_class, count);
  }

  /** Waits until a slot of the class is free; one that knows the module comes first. */
  async acquire(slot_class: SlotClass, module_hash: string, signal: AbortSignal): Promise<Place> {
    while (this.used(slot_class) >= (this.limit.get(slot_class) ?? 0)) await this.freed(slot_class, signal);
    if (signal.aborted) {
      // The free slot was meant for this lease: the next in line must hear of it.
      this.wakeNext(slot_class);
      throw new HeapError('lease_over', 'The lease ended before it began.', 'platform');
    }
    this.in_use.set(slot_class, this.used(slot_class) + 1);
    const fitting = this.idle.filter(({ place }) => place.slot_class === slot_class);
    const warm = fitting.find(({ place }) => place.module_hash === module_hash) ?? fitting[0];
    if (warm) {
      this.idle.splice(this.idle.indexOf(warm), 1);
      warm.cancelClose();
      return warm.place;
    }
    return this.fresh(slot_class);
  }

  /** In exchange for one that is not to be trusted any more. */
  async replace(place: Place): Promise<Place> {
    this.shut(place);
    return this.fresh(place.slot_class);
  }

  release(place: Place): void {
    const cancelClose = this.ports.clock.after(this.bounds.idle_slot_ms, () => {
      const at = this.idle.findIndex((candidate) => candidate.place === place);
      if (at >= 0) this.idle.splice(at, 1);
      this.shut(place);
    });
    this.idle.push({ place, cancelClose });
    this.free(place.slot_class);
  }

  discard(place: Place): void {
    this.shut(place);
    this.free(place.slot_class);
  }

  /** Closes what is idle, and resolves when all that was ever closed is gone; slots in use are their users' to give back first. */
  async close(): Promise<void> {
    for (const { place, cancelClose } of this.idle.splice(0)) {
      cancelClose();
      this.shut(place);
    }
    await Promise.all(this.closing);
  }

  private async fresh(slot_class: SlotClass): Promise<Place> {
    try {
      return { slot: await this.ports.openSlot(slot_class), slot_class, module_hash: null };
    } catch (error) {
      this.free(slot_class);
      throw error;
    }
  }

  private shut(place: Place): void {
    const closed = place.slot
      .close()
      .catch((error) => this.ports.log.warn({ error: String(error) }, 'A sandbox did not close cleanly.'))
      .then(() => {
        this.closing.delete(closed);
      });
    this.closing.add(closed);
  }

  private used(slot_class: SlotClass): number {
    return this.in_use.get(slot_class) ?? 0;
  }

  private free(slot_class: SlotClass): void {
    this.in_use.set(slot_class, this.used(slot_class) - 1);
    this.wakeNext(slot_class);
  }

  private wakeNext(slot_class: SlotClass): void {
    const at = this.waiting.findIndex((waiter) => waiter.slot_class === slot_class);
    if (at >= 0) this.waiting.splice(at, 1)[0]?.wake();
  }

  private freed(slot_class: SlotClass, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const stop = () => {
        this.waiting.splice(this.waiting.indexOf(waiter), 1);
        reject(new HeapError('lease_over', 'The lease ended before a slot was free.', 'platform'));
      };
      const wake = () => {
        signal.removeEventListener('abort', stop);
        resolve();
      };
      const waiter = { slot_class, wake };
      if (signal.aborted) return reject(new HeapError('lease_over', 'The lease ended before it began.', 'platform'));
      this.waiting.push(waiter);
      signal.addEventListener('abort', stop);
    });
  }
}

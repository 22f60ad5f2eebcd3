import { type Memory, wasm } from '../runtime/engine.js';

/**
 * Counts the memories made from now on; the answer sums those not yet collected. A browser tells a worker nothing of its memory, and what
 * modules hold is what can grow without bound.
 */
export function countMemories(): () => number {
  const made = new Set<WeakRef<Memory>>();
  wasm.Memory = class extends wasm.Memory {
    constructor(limits: { initial: number; maximum: number }) {
      super(limits);
      made.add(new WeakRef(this as unknown as Memory));
    }
  } as typeof wasm.Memory;
  return () => {
    let held_bytes = 0;
    for (const reference of made) {
      const memory = reference.deref();
      if (memory) held_bytes += memory.buffer.byteLength;
      else made.delete(reference);
    }
    return held_bytes;
  };
}

import { MEMORY_IMPORT } from '../meter/encode.js';
import type { Metered } from '../meter/meter.js';
import { WARM_PAGES_MAX } from '../meter/weights.js';
import { type Imports, type Memory, PAGE_BYTES, wasm } from './engine.js';

/** Memories for the instances of one module, each as good as new. */
export class MemoryPool {
  private spare: Memory | null = null;

  constructor(private readonly pages: Metered['memory']) {}

  /** Throws a RangeError when the host has no memory to give. Null for a module without memory. */
  take(): Memory | null {
    if (this.pages === null) return null;
    const { spare } = this;
    this.spare = null;
    return spare ?? new wasm.Memory({ initial: this.pages.min_pages, maximum: this.pages.max_pages });
  }

  /** Wiped before it is kept, so that nothing lies about between tasks; one that has grown cannot shrink and is let go. */
  give(memory: Memory | null): void {
    if (memory === null || this.pages === null || this.pages.min_pages > WARM_PAGES_MAX) return;
    if (memory.buffer.byteLength !== this.pages.min_pages * PAGE_BYTES) return;
    new Uint8Array(memory.buffer).fill(0);
    this.spare = memory;
  }
}

export function withMemory(imports: Imports, memory: Memory | null): Imports {
  return memory === null ? imports : { ...imports, [MEMORY_IMPORT.module]: { [MEMORY_IMPORT.name]: memory } };
}

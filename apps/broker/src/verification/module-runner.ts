import type { ModuleSource, RunLimits, RunOutcome, RunTask, SandboxSlot } from '#sandbox';
import { openSlot } from '#sandbox/node';
import { SLOT_MEMORY_BYTES, type SlotClass } from '#units';
import type { BlobStore } from '../platform/blobs/blob-store.js';

/** A node's limit of time is meant for nodes: this machine may be busier than any of them. */
const PATIENCE_TIMES = 4;

/** Code that the heap runs itself. */
export interface OwnRun {
  slot_class: SlotClass;
  module_hash: string;
  kind: ModuleSource['kind'];
  codec: ModuleSource['codec'];
}

/** This process's own sandbox: one task at a time, in a process of low priority that is kept while there is work. */
export class ModuleRunner {
  private open: { slot_class: SlotClass; slot: Promise<SandboxSlot> } | null = null;
  private loaded: string | null = null;

  constructor(private readonly blobs: BlobStore) {}

  /** The outcomes in the order of the tasks; shorter when it was stopped. @throws HeapError when the sandbox fails. */
  async runAll(run: OwnRun, tasks: readonly RunTask[], limits: RunLimits, signal: AbortSignal): Promise<RunOutcome[]> {
    const slot = await this.slotFor(run.slot_class);
    await this.load(slot, run);
    const outcomes: RunOutcome[] = [];
    await slot.runBatch(
      run.module_hash,
      tasks,
      { ...limits, wall_ms: limits.wall_ms * PATIENCE_TIMES },
      (i, outcome) => {
        if (i === outcomes.length) outcomes.push(outcome);
      },
      signal,
    );
    return outcomes;
  }

  /** What is open ends; the next run opens anew. */
  async close(): Promise<void> {
    const { open } = this;
    this.open = null;
    this.loaded = null;
    if (open) await open.slot.then((slot) => slot.close()).catch(() => undefined); // one that never opened is closed
  }

  private async slotFor(slot_class: SlotClass): Promise<SandboxSlot> {
    if (this.open?.slot_class !== slot_class) {
      await this.close();
      this.open = { slot_class, slot: openSlot({ memory_bytes_max: SLOT_MEMORY_BYTES[slot_class] }) };
    }
    return this.open.slot;
  }

  private async load(slot: SandboxSlot, { module_hash, kind, codec }: OwnRun): Promise<void> {
    const key = `${module_hash}/${codec}`;
    if (this.loaded === key) return;
    await slot.load({ kind, codec, bytes: await this.blobs.get(module_hash) });
    this.loaded = key;
  }
}

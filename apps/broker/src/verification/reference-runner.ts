import { Injectable } from '@nestjs/common';
import { taskWorld } from '#protocol';
import { type ModuleSource, type RunOutcome, type RunTask, type SandboxSlot, type ViewFile } from '#sandbox';
import { openSlot } from '#sandbox/node';
import { SLOT_MEMORY_BYTES, type SlotClass } from '#units';
import { BlobStore } from '../platform/blobs/blob-store.js';
import { runLimitsOf } from '../platform/run-limits.js';
import type { ReferenceCheck, ReferenceJob } from './reference.store.js';

/** A node's limit of time is meant for nodes: this machine may be busier than any of them. */
const PATIENCE_TIMES = 4;

/** Runs tasks as nodes do, in this process's own sandbox: one at a time, in a process of low priority that is kept while there is work. */
@Injectable()
export class ReferenceRunner {
  private open: { slot_class: SlotClass; slot: Promise<SandboxSlot> } | null = null;
  private loaded: string | null = null;

  constructor(private readonly blobs: BlobStore) {}

  /** The outcomes in the order of the checks; shorter when it was stopped. @throws HeapError when the sandbox fails. */
  async run(job: ReferenceJob, checks: readonly ReferenceCheck[], signal: AbortSignal): Promise<RunOutcome[]> {
    const slot = await this.slotFor(job.slot_class);
    await this.load(slot, job);
    const files = await Promise.all(
      job.view.files.map(async ({ path, hash }): Promise<ViewFile> => ({ path, hash, bytes: await this.blobs.get(hash) })),
    );
    const tasks = await Promise.all(
      checks.map(async ({ input, input_hash, index }): Promise<RunTask> => {
        const bytes = input ?? (await this.blobs.get(input_hash ?? ''));
        const { args, view } = job;
        return { input: bytes, args, env: view.env, files, ...taskWorld(job.id, index, view) };
      }),
    );
    const limits = runLimitsOf(job);
    const outcomes: RunOutcome[] = [];
    await slot.runBatch(
      job.module_hash,
      tasks,
      { ...limits, fuel: BigInt(limits.fuel), wall_ms: limits.wall_ms * PATIENCE_TIMES },
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

  private async load(slot: SandboxSlot, { module_hash, kind, codec }: ReferenceJob): Promise<void> {
    const key = `${module_hash}/${codec}`;
    if (this.loaded === key) return;
    const source: ModuleSource = { kind, codec, bytes: await this.blobs.get(module_hash) };
    await slot.load(source);
    this.loaded = key;
  }
}

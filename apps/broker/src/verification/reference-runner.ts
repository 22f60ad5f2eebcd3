import { Injectable } from '@nestjs/common';
import { taskWorld } from '#protocol';
import type { RunOutcome, RunTask, ViewFile } from '#sandbox';
import { BlobStore } from '../platform/blobs/blob-store.js';
import { runLimitsOf } from '../platform/run-limits.js';
import { ModuleRunner } from './module-runner.js';
import type { ReferenceCheck, ReferenceJob } from './reference.store.js';

/** Runs tasks as nodes do. */
@Injectable()
export class ReferenceRunner {
  private readonly runner: ModuleRunner;

  constructor(private readonly blobs: BlobStore) {
    this.runner = new ModuleRunner(blobs);
  }

  /** The outcomes in the order of the checks; shorter when it was stopped. @throws HeapError when the sandbox fails. */
  async run(job: ReferenceJob, checks: readonly ReferenceCheck[], signal: AbortSignal): Promise<RunOutcome[]> {
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
    return this.runner.runAll(job, tasks, { ...limits, fuel: BigInt(limits.fuel) }, signal);
  }

  /** What is open ends; the next run opens anew. */
  close(): Promise<void> {
    return this.runner.close();
  }
}

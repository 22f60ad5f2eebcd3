import { Injectable } from '@nestjs/common';
import { type Claimed, DispatchStore } from './dispatch.store.js';

/** What one statement claims at most, so that its locks are short; a single lease may ask for more than its part of that. */
const CLAIM_LEASES_MAX = 256;
const CLAIM_TASKS_MAX = 2_000;
/** That nothing is queued is believed until somebody tells otherwise, and no longer than so: events are hints. */
const DRY_MS = 500;

interface Want {
  lease_id: string;
  limit: number;
  resolve: (claimed: Claimed) => void;
  reject: (error: unknown) => void;
}

/**
 * Claims tasks for many leases at once. Claims of one job wait for each other at the job's row in any case: what is asked while one is under
 * way is gathered, and the next statement serves all of it. With a thousand nodes that have two tasks each, that is what a heap's rate hangs on.
 */
@Injectable()
export class Claims {
  /** Who waits, by job; a job is here as long as a claim of it is under way. */
  private readonly waiting = new Map<string, Want[]>();
  /** Jobs whose last claim left nothing queued, and until when that is believed. */
  private readonly dry = new Map<string, number>();
  /** Jobs that were told of new work while a claim was under way, which may not have seen it. */
  private readonly told = new Set<string>();

  constructor(private readonly store: DispatchStore) {}

  /** There is something queued again. */
  workQueued(job_id: string): void {
    this.dry.delete(job_id);
    if (this.waiting.has(job_id)) this.told.add(job_id);
  }

  /** What the lease has got. A claim that fails may have happened all the same. */
  claim(lease_id: string, job_id: string, limit: number): Promise<Claimed> {
    if (this.isDry(job_id)) return Promise.resolve({ tasks: [], queued: 0 });
    return new Promise((resolve, reject) => {
      const want = { lease_id, limit, resolve, reject };
      const waiting = this.waiting.get(job_id);
      if (waiting) return waiting.push(want);
      this.waiting.set(job_id, [want]);
      // What asks in this turn goes together: the leases whose results one transaction has settled.
      queueMicrotask(() => void this.work(job_id));
    });
  }

  private isDry(job_id: string): boolean {
    const until_ms = this.dry.get(job_id);
    if (until_ms === undefined) return false;
    if (performance.now() < until_ms) return true;
    return !this.dry.delete(job_id);
  }

  private left(job_id: string, queued: number | null): void {
    if (queued !== 0 || this.told.has(job_id)) return;
    const now = performance.now();
    for (const [id, until_ms] of this.dry) if (until_ms <= now) this.dry.delete(id);
    this.dry.set(job_id, now + DRY_MS);
  }

  private async work(job_id: string): Promise<void> {
    for (let part = this.take(job_id); part.length > 0; part = this.take(job_id)) {
      this.told.delete(job_id);
      try {
        await this.serve(job_id, part);
      } catch (error) {
        for (const { reject } of part) reject(error);
      }
    }
    this.waiting.delete(job_id);
    this.told.delete(job_id);
  }

  private take(job_id: string): Want[] {
    const waiting = this.waiting.get(job_id) ?? [];
    let [count, tasks] = [0, 0];
    for (const { limit } of waiting) {
      tasks += limit;
      if (count === CLAIM_LEASES_MAX || (count > 0 && tasks > CLAIM_TASKS_MAX)) break;
      count += 1;
    }
    return waiting.splice(0, count);
  }

  private async serve(job_id: string, wants: readonly Want[]): Promise<void> {
    const [only] = wants;
    if (only && wants.length === 1) {
      const one = await this.store.claim(only.lease_id, job_id, only.limit);
      this.left(job_id, one.queued);
      return only.resolve(one);
    }
    const { claimed, queued, spared } = await this.store.claimForMany(job_id, wants);
    this.left(job_id, queued);
    const empty: Want[] = [];
    for (const want of wants) {
      const tasks = claimed.get(want.lease_id);
      if (tasks || spared === 0) want.resolve({ tasks: tasks ?? [], queued });
      else empty.push(want);
    }
    // Its part of the queue may have held only what its node is to be spared: alone, it is looked for further down.
    for (const want of empty) await this.store.claim(want.lease_id, job_id, want.limit).then(want.resolve, want.reject);
  }
}

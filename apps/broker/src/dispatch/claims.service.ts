import { Injectable } from '@nestjs/common';
import { type Claimed, DispatchStore } from './dispatch.store.js';

/** What one statement claims at most, so that its locks are short; a single lease may ask for more than its part of that. */
const CLAIM_LEASES_MAX = 256;
const CLAIM_TASKS_MAX = 2_000;

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

  constructor(private readonly store: DispatchStore) {}

  /** What the lease has got. A claim that fails may have happened all the same. */
  claim(lease_id: string, job_id: string, limit: number): Promise<Claimed> {
    return new Promise((resolve, reject) => {
      const want = { lease_id, limit, resolve, reject };
      const waiting = this.waiting.get(job_id);
      if (waiting) return waiting.push(want);
      this.waiting.set(job_id, [want]);
      // What asks in this turn goes together: the leases whose results one transaction has settled.
      queueMicrotask(() => void this.work(job_id));
    });
  }

  private async work(job_id: string): Promise<void> {
    for (let part = this.take(job_id); part.length > 0; part = this.take(job_id)) {
      try {
        await this.serve(job_id, part);
      } catch (error) {
        for (const { reject } of part) reject(error);
      }
    }
    this.waiting.delete(job_id);
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
    if (only && wants.length === 1) return only.resolve(await this.store.claim(only.lease_id, job_id, only.limit));
    const { claimed, queued, spared } = await this.store.claimForMany(job_id, wants);
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

import { setImmediate as turn } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { clusterRoom, LEVEL_RULES } from '#verification';
import { ClusterSharesStore, type JobShares } from './cluster-shares.store.js';

const FRESH_MS = 1_000;
const REMEMBERED_MAX = 10_000;

interface Known {
  at_ms: number;
  /** Null where nobody's share is bounded, which never changes. */
  shares: JobShares | null;
  /** What leases have taken since. */
  taken: Map<string, number>;
}

/** How much more of a job the cluster of a lease may execute. Jobs whose results are not checked are asked about once. */
@Injectable()
export class ClusterShares {
  private readonly known = new Map<string, Known>();
  /** What is asked after this turn of the event loop: whoever asks in it is answered by what is true after it. */
  private readonly asking = new Map<string, Promise<Known>>();

  constructor(private readonly store: ClusterSharesStore) {}

  async room(job_id: string, lease_id: string, now_ms: number): Promise<number> {
    const known = this.known.get(job_id);
    if (known?.shares === null) return Number.POSITIVE_INFINITY;
    const fresh = known && now_ms - known.at_ms <= FRESH_MS && clusterOf(known.shares, lease_id) !== undefined;
    const room = fresh ? roomOf(known, lease_id) : 0;
    // An open job grows: nobody is refused by an old count of its tasks.
    return room > 0 ? room : roomOf(await this.ask(job_id, now_ms), lease_id);
  }

  /** All leases of a job ask at the same moment: when what is known has become old, and when their results were settled together. */
  private ask(job_id: string, now_ms: number): Promise<Known> {
    const asking =
      this.asking.get(job_id) ??
      turn().then(() => {
        this.asking.delete(job_id);
        return this.read(job_id, now_ms);
      });
    this.asking.set(job_id, asking);
    return asking;
  }

  private async read(job_id: string, now_ms: number): Promise<Known> {
    const shares = await this.store.of(job_id);
    const known = { at_ms: now_ms, shares: shares && LEVEL_RULES[shares.level].by === 'nodes' ? shares : null, taken: new Map() };
    if (this.known.size >= REMEMBERED_MAX) this.known.clear();
    this.known.set(job_id, known);
    return known;
  }

  /** A lease was given tasks. */
  took(job_id: string, lease_id: string, tasks: number): void {
    const known = this.known.get(job_id);
    const cluster = known?.shares && clusterOf(known.shares, lease_id);
    if (known && cluster) known.taken.set(cluster, (known.taken.get(cluster) ?? 0) + tasks);
  }
}

function roomOf({ shares, taken }: Known, lease_id: string): number {
  const cluster = shares && clusterOf(shares, lease_id);
  if (!shares || cluster === undefined || cluster === null) return Number.POSITIVE_INFINITY;
  const room = clusterRoom(shares.tasks * LEVEL_RULES[shares.level].replicas, shares.clusters, cluster);
  return Math.max(0, room - (taken.get(cluster) ?? 0));
}

const clusterOf = ({ clusters }: JobShares, lease_id: string): string | undefined =>
  clusters.find(({ leases }) => leases.includes(lease_id))?.cluster;

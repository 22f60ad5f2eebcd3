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

  constructor(private readonly store: ClusterSharesStore) {}

  async room(job_id: string, lease_id: string, now_ms: number): Promise<number> {
    let known = this.known.get(job_id);
    if (known?.shares === null) return Number.POSITIVE_INFINITY;
    if (!known || now_ms - known.at_ms > FRESH_MS || clusterOf(known.shares, lease_id) === undefined) {
      const shares = await this.store.of(job_id);
      known = { at_ms: now_ms, shares: shares && LEVEL_RULES[shares.level].by === 'nodes' ? shares : null, taken: new Map() };
      if (this.known.size >= REMEMBERED_MAX) this.known.clear();
      this.known.set(job_id, known);
    }
    const { shares, taken } = known;
    const cluster = shares && clusterOf(shares, lease_id);
    if (!shares || cluster === undefined || cluster === null) return Number.POSITIVE_INFINITY;
    return Math.max(
      0,
      clusterRoom(shares.tasks * LEVEL_RULES[shares.level].replicas, shares.clusters, cluster) - (taken.get(cluster) ?? 0),
    );
  }

  /** A lease was given tasks. */
  took(job_id: string, lease_id: string, tasks: number): void {
    const known = this.known.get(job_id);
    const cluster = known?.shares && clusterOf(known.shares, lease_id);
    if (known && cluster) known.taken.set(cluster, (known.taken.get(cluster) ?? 0) + tasks);
  }
}

const clusterOf = ({ clusters }: JobShares, lease_id: string): string | undefined =>
  clusters.find(({ leases }) => leases.includes(lease_id))?.cluster;

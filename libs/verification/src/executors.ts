import type { Reason } from '#lifecycle';
import { LEVEL_RULES, LEVELS, type Level, type LevelRules } from './levels.js';
import { type ExecutorCode, executing } from './reasons.js';
import { probationLeft, type Standing } from './standing.js';

/** The most of one job that a cluster may execute, … */
export const CLUSTER_JOB_SHARE = 0.05;
/** … where the job is so large that it matters: a cluster may always execute this many. */
export const CLUSTER_JOB_LEAST = 10;

/**
 * How many executions of a job one cluster may have: a twentieth of its tasks, or twice an even share where that is more. With an even share,
 * or a twentieth among twenty, a job would take as long as its slowest cluster; so the faster half can finish it, and one or two clusters all of it.
 */
export function clusterCap(tasks: number, clusters: number): number {
  return Math.max(CLUSTER_JOB_LEAST, Math.ceil(tasks * Math.max(CLUSTER_JOB_SHARE, Math.min(1, 2 / Math.max(1, clusters)))));
}

/** What a cluster has of a job. */
export interface ClusterShare<C> {
  readonly cluster: C;
  /** Tasks that its nodes have executed, or have out. */
  readonly executions: number;
  /** One of its nodes holds a lease of the job now. */
  readonly live: boolean;
}

/** How many more executions of the job this cluster may have. Only who is there now is shared with: when others leave, their part is its own. */
export function clusterRoom<C>(tasks: number, shares: readonly ClusterShare<C>[], cluster: C): number {
  const others = shares.filter((share) => share.live && share.cluster !== cluster).length;
  const executed = shares.reduce((sum, share) => (share.cluster === cluster ? sum + share.executions : sum), 0);
  return Math.max(0, clusterCap(tasks, others + 1) - executed);
}

export interface Candidate<C> {
  readonly cluster: C;
  readonly banned: boolean;
  readonly standing: Standing;
  /** The developer named it as trusted. */
  readonly trusted: boolean;
  /** Executions of this job that its cluster has had. */
  readonly cluster_executions: number;
}

export interface Execute<C> {
  /** `first`: the task's first execution. `other`: a replica, a check or a re-run. */
  readonly role: 'first' | 'other';
  /** Clusters that have executed this task. */
  readonly clusters: readonly C[];
  readonly cap: number;
}

export interface Fitness {
  /** What nobody fit can run is the reference runner's. */
  readonly kind: 'fit' | 'unfit';
  readonly reason: Reason<ExecutorCode>;
}

const FIT: Fitness = { kind: 'fit', reason: executing('fit') };
const OUT: Fitness = { kind: 'unfit', reason: executing('node_out') };
const SAME_CLUSTER: Fitness = { kind: 'unfit', reason: executing('same_cluster') };
const NOT_TRUSTED: Fitness = { kind: 'unfit', reason: executing('not_trusted') };
const TOO_NEW = Object.fromEntries(
  LEVELS.map((level): [Level, Fitness] => [
    level,
    { kind: 'unfit', reason: executing('too_new', { needed: LEVEL_RULES[level].checker_confirmed }) },
  ]),
) as Record<Level, Fitness>;
const ON_PROBATION: Fitness = { kind: 'unfit', reason: executing('on_probation') };

/** Whether a node may run this execution of a task. */
export function fitness<C>(rules: LevelRules, candidate: Candidate<C>, execution: Execute<C>): Fitness {
  if (candidate.banned) return OUT;
  if (rules.by === 'trust') return candidate.trusted ? FIT : NOT_TRUSTED;
  if (execution.clusters.includes(candidate.cluster)) return SAME_CLUSTER;
  if (candidate.cluster_executions >= execution.cap) return { kind: 'unfit', reason: executing('cluster_share', { cap: execution.cap }) };
  if (execution.role === 'first') return FIT;
  const { standing } = candidate;
  if (probationLeft(rules, standing) > 0) return ON_PROBATION;
  if (standing.confirmed < rules.checker_confirmed) return TOO_NEW[rules.level];
  return FIT;
}

import type { RequestBody, ROUTES } from '#protocol';
import type { NodeKind, WorkloadClass } from '#units';
import { type Amount, microOf } from './amount.js';

/** What a node is. All that is given must hold. */
export interface NodeFacts {
  /** ISO 3166 in lower case: `de`, `us-ca`. */
  regions?: readonly string[];
  kinds?: readonly NodeKind[];
  /** Measured speed of a slot, in fuel per millisecond. */
  minSpeed?: number;
  /** The node must have all of them. */
  labels?: readonly string[];
  minTrust?: number;
  /** Only nodes of these owners. */
  owners?: readonly string[];
  /** Only these nodes. */
  nodes?: readonly string[];
}

export interface Constraints extends NodeFacts {
  /** Only your own nodes. */
  own?: boolean;
  notOwners?: readonly string[];
  notNodes?: readonly string[];
}

/** What an order may say beside slots, price and budget; everything has a default. */
export interface OrderTerms {
  /** What the work is for; owners consent to classes. Default `general`. */
  workloadClass?: WorkloadClass;
  constraints?: Constraints;
  /** Soft wishes: a slot without what is preferred is worth `weight` less for 10¹² fuel. Never pays above the maximum price. */
  preferences?: readonly { prefer: NodeFacts; weight: Amount }[];
  /** Where it costs nothing, take slots from different owners, regions or nodes in turn. */
  spread?: 'owner' | 'region' | 'node';
  /** With fewer slots at a time than this the job takes none. Default 1. */
  minSlots?: number;
  /** The job stops then; what is finished is paid. */
  deadline?: Date | string;
  /** How results are checked: `heap.verification.levels()` says what each level promises and costs. Default `L1`: one execution, with hidden checks. `L0`: not by the heap. */
  verification?: 'L0' | 'L1' | 'L2' | 'L3' | 'L4';
  /** How long leases wait for a node whose connection broke, in ms. Default: what the heap is set to. */
  disconnectWaitMs?: number;
  /** What becomes of tasks whose node is away, once nothing else is queued; without it they wait. */
  onDisconnect?: 'wait' | 'replace' | 'prefer_original';
  /** When outbid at the end of a term, work on through the notice and finish what runs; otherwise what is not done by its end is cut. */
  firm?: boolean;
  /** The time between losing a slot to a higher bid and having to leave it, in ms. Default 0. */
  preemptionNoticeMs?: number;
  /** Of your own jobs the higher gets slots first, from -100 to 100; it says nothing to other developers. Default 0. */
  priority?: number;
}

type MarketBody = Pick<
  RequestBody<typeof ROUTES.estimate>,
  'workload_class' | 'constraints' | 'preferences' | 'spread' | 'min_slots' | 'verification'
>;

/** The part of the terms that the market reads, as the heap takes it; what is undefined has its default there. */
export const marketTermsOf = (terms: OrderTerms): MarketBody => ({
  workload_class: terms.workloadClass,
  constraints: terms.constraints && constraintsOf(terms.constraints),
  preferences: terms.preferences?.map(({ prefer, weight }) => ({
    prefer: factsOf(prefer),
    weight_micro: String(microOf(weight, 'weight')),
  })),
  spread: terms.spread,
  min_slots: terms.minSlots,
  verification: terms.verification,
});

export const orderTermsOf = (terms: OrderTerms) => ({
  ...marketTermsOf(terms),
  deadline: terms.deadline instanceof Date ? terms.deadline.toISOString() : terms.deadline,
  disconnect_wait_ms: terms.disconnectWaitMs,
  on_disconnect: terms.onDisconnect,
  interruptible: terms.firm === undefined ? undefined : !terms.firm,
  preemption_notice_ms: terms.preemptionNoticeMs,
  priority: terms.priority,
});

const list = <T>(values: readonly T[] | undefined): T[] | undefined => values && [...values];

const factsOf = ({ regions, kinds, minSpeed, labels, minTrust, owners, nodes }: NodeFacts) => ({
  regions: list(regions),
  kinds: list(kinds),
  min_speed_fuel_per_ms: minSpeed,
  labels: list(labels),
  min_trust: minTrust,
  owners: list(owners),
  nodes: list(nodes),
});

const constraintsOf = ({ own, notOwners, notNodes, ...facts }: Constraints) => ({
  ...factsOf(facts),
  own,
  not_owners: list(notOwners),
  not_nodes: list(notNodes),
});
